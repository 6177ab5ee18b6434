"""Writes tests/conformance/audio.cases: WAV files, spectrograms, Mfcc."""
import struct

import numpy as np

from case_writer import Cases, tf

cases = Cases("audio")
random = np.random.RandomState(9)
f32 = np.float32


def wav(samples, channels=1, rate=8000, bits=16, kind=1, size=16, before=b"",
        between=b"", after=b"", data=b"data"):
    body = np.asarray(samples, np.int16).tobytes()
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * 2,
                       channels * 2, bits) + b"\0" * (size - 16)
    out = (b"WAVE" + before + b"fmt " + struct.pack("<I", size) + form +
           between + data + struct.pack("<I", len(body)) + body + after)
    return b"RIFF" + struct.pack("<I", len(out)) + out


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body


def decode(name, file, **attrs):
    cases.add("DecodeWav", [np.array(file, object)], name, tol=0, **attrs)


sound = random.randint(-32768, 32768, 24)
mono, stereo = wav(sound), wav(sound, channels=2)
decode("mono", mono)
decode("stereo", stereo)
decode("eighteen", wav(sound, size=18))
decode("more channels", stereo, desired_channels=4)
decode("fewer channels", stereo, desired_channels=1)
decode("no channels", stereo, desired_channels=0)
decode("more samples", stereo, desired_samples=20)
decode("fewer samples", stereo, desired_samples=3)
decode("no samples", stereo, desired_samples=0)
decode("silence", wav([]))
decode("negative samples", stereo, desired_samples=-2)
decode("chunks", wav(sound, before=chunk(b"JUNK", b"abcd"),
                     between=chunk(b"LIST", b"efgh"),
                     after=chunk(b"note", b"xyz")))
decode("unknown chunk first", wav(sound, before=chunk(b"what", b"abcd")))
decode("long last chunk", wav(sound, after=b"note" + struct.pack("<I", 1000)))
decode("two data", wav(sound, after=chunk(b"data", b"abcd")))
decode("no data", wav(sound, data=b"atad"))
decode("float format", wav(sound, kind=3))
decode("eight bits", wav(sound, bits=8))
decode("no channels in file", wav(sound, channels=0))
decode("long format", wav(sound, size=20))
decode("cut", mono[:-3])
decode("cut header", mono[:30])
decode("odd end", mono + b"ab")
decode("empty", b"")
decode("no wav", b"RIFF1234JUNK")
cases.add("DecodeWav", [np.array([mono], object)], "vector")

for channels in (1, 2, 5):
    x = random.uniform(-1.2, 1.2, (7, channels)).astype(f32)
    cases.add("EncodeWav", [x, np.int32(44100)], f"{channels}")
edge = np.array([[0], [1], [-1], [2], [-2], [1e-9], [0.5 / 32768],
                 [1.5 / 32768], [-0.5 / 32768], [np.inf], [-np.inf]], f32)
cases.add("EncodeWav", [edge, np.int32(8000)], "edges")
# numpy drops the zeros at the end of its answer
cases.add("EncodeWav", [edge[:0], np.int32(8000)], "no samples", skip=[0])
cases.add("EncodeWav", [edge[:, :0], np.int32(8000)], "no channels")
cases.add("EncodeWav", [edge, np.int32(0)], "no rate")
cases.add("EncodeWav", [edge[0], np.int32(8000)], "one axis")
cases.add("EncodeWav", [edge, np.int32([8000])], "vector rate")

tones = (np.sin(np.arange(200)[:, None] * [0.3, 1.1]) +
         random.uniform(-0.1, 0.1, (200, 2))).astype(f32)
for window, stride in ((16, 8), (20, 7), (2, 1), (33, 50), (200, 1), (201, 1)):
    for squared in (False, True):
        cases.add("AudioSpectrogram", [tones], f"{window} {stride} {squared}",
                  window_size=window, stride=stride, magnitude_squared=squared)
cases.add("AudioSpectrogram", [tones[:, :0]], "no channels", window_size=8,
          stride=4)
cases.add("AudioSpectrogram", [tones[:0]], "no samples", window_size=8, stride=4)
cases.add("AudioSpectrogram", [tones[0]], "one axis", window_size=8, stride=4)
cases.add("AudioSpectrogram", [tones], "window 1", window_size=1, stride=4)
cases.add("AudioSpectrogram", [tones], "stride 0", window_size=8, stride=0)

power = random.uniform(0, 10, (2, 3, 129)).astype(f32)
power[0, 0, :40] = 0
for rate in (8000, 16000, 44100):
    cases.add("Mfcc", [power, np.int32(rate)], f"{rate}")
    cases.add("Mfcc", [power, np.int32(rate)], f"{rate} other",
              upper_frequency_limit=3000.0, lower_frequency_limit=300.0,
              filterbank_channel_count=20, dct_coefficient_count=20)
cases.add("Mfcc", [power, np.int32(4000)], "too high")
cases.add("Mfcc", [power[..., :2], np.int32(8000)], "two bins")
cases.add("Mfcc", [power[..., :1], np.int32(8000)], "one bin")
cases.add("Mfcc", [power[:0], np.int32(8000)], "no channels")
cases.add("Mfcc", [power, np.int32(0)], "no rate")
cases.add("Mfcc", [power, np.int32([8000])], "vector rate")
cases.add("Mfcc", [power[0], np.int32(8000)], "two axes")
cases.add("Mfcc", [power, np.int32(8000)], "too many coefficients",
          dct_coefficient_count=41)
cases.add("Mfcc", [power, np.int32(8000)], "no coefficients",
          dct_coefficient_count=0)
cases.add("Mfcc", [power, np.int32(8000)], "limits swapped",
          upper_frequency_limit=20.0, lower_frequency_limit=300.0)
cases.add("Mfcc", [power, np.int32(8000)], "below zero",
          lower_frequency_limit=-300.0)
cases.write()
