"""Writes tests/conformance/fourier.cases: Fourier transforms.

TensorFlow's CPU has no kernel for the ops of some axes and for the Batch ones:
what they should give comes from its ops of one, two and three axes, and from
numpy, which computes alike in double precision."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("fourier")
LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 31, 37, 64, 74, 97, 100, 121, 128]


def like(x, shape, seed=0):
    return numbers(x, shape, -1, 1, seed)


for n in LENGTHS:
    for z in COMPLEXES if n in (1, 6, 37, 64) else [np.complex128]:
        x = like(z, (n,))
        cases.add("FFT", [x], f"{name_of(z)} {n}")
        cases.add("IFFT", [x], f"{name_of(z)} {n}")
    for r, z in zip(SINGLES, COMPLEXES):
        if r == np.float32 and n not in (1, 7, 64):
            continue
        x, half = like(r, (n,)), like(z, (n // 2 + 1,))
        types = {"Treal": name_of(r), "Tcomplex": name_of(z)}
        cases.add("RFFT", [x, np.int32([n])], f"{name_of(r)} {n}", **types)
        cases.add("IRFFT", [half, np.int32([n])], f"{name_of(r)} {n}", **types)
types = {"Treal": "float64", "Tcomplex": "complex128"}
for shape in [(2, 3), (4, 5, 6), (2, 2, 3, 4), (2, 1, 7, 2), (1, 1, 1)]:
    x, z = like(np.float64, shape), like(np.complex128, shape)
    for d in (2, 3):
        if len(shape) >= d:
            cases.add(f"FFT{d}D", [z], f"{shape}")
            cases.add(f"IFFT{d}D", [z], f"{shape}")
            full = np.int32(shape[-d:])
            cases.add(f"RFFT{d}D", [x, full], f"{shape}", **types)
            full[-1] = 2 * full[-1] - 1
            cases.add(f"IRFFT{d}D", [z, full], f"{shape} odd", **types)
            full[-1] -= 1
            if full[-1]:
                cases.add(f"IRFFT{d}D", [z, full], f"{shape} even", **types)
            short = np.maximum(np.int32(shape[-d:]) - 1, 1).astype(np.int32)
            cases.add(f"RFFT{d}D", [x, short], f"{shape} cut", **types)
            cases.add(f"IRFFT{d}D", [z, short], f"{shape} cut", **types)
for d, op in ((1, ""), (2, "2D"), (3, "3D")):
    z = like(np.complex64, (3, 4, 5)[-d:])
    cases.add("FFT" + op, [z], "of single precision")
    cases.add("IFFT" + op, [z], "of single precision")
    cases.add("RFFT" + op, [z.real, np.int32(z.shape)], "of single precision")
    cases.add("FFT" + op, [np.ones((2,) * (d - 1), np.complex64)],
              "refuses the rank")
    cases.add("FFT" + op, [np.zeros((0, 2, 3), np.complex64)], "of nothing")
    cases.add("IFFT" + op, [np.zeros((0, 2, 3), np.complex64)], "of nothing")
    cases.add("RFFT" + op, [z.real, np.int32([9] * d)], "refuses to pad")
    cases.add("IRFFT" + op, [z, np.int32([19] * d)], "refuses to pad")
    cases.add("RFFT" + op, [z.real, np.int32([2] * (d + 1))], "refuses lengths")
    cases.add("IRFFT" + op, [z, np.int32([2] * (d + 1))], "refuses lengths")
    z = like(np.complex64, (3, 4, 5))
    for inverse in ("", "I"):
        answer = cases.ask(f"{inverse}FFT{op}", [z])
        cases.add(f"Batch{inverse}FFT{op}", [z], expect=answer)
z, x = like(np.complex128, (3, 4, 5)), like(np.float64, (3, 4, 5))
for name, lengths, axes in [("all", (3, 4, 5), (0, 1, 2)), ("one", (4,), (1,)),
                            ("outer", (3,), (0,)), ("swapped", (4, 3), (1, 0)),
                            ("cut", (2, 3), (0, 2)), ("filled", (5, 9), (1, -1))]:
    args = [np.int32(lengths), np.int32(axes)]
    cases.add("FFTND", [z] + args, name, expect=[np.fft.fftn(z, lengths, axes)])
    cases.add("IFFTND", [z] + args, name, expect=[np.fft.ifftn(z, lengths, axes)])
    cases.add("RFFTND", [x] + args, name, expect=[np.fft.rfftn(x, lengths, axes)],
              **types)
    cases.add("IRFFTND", [z] + args, name,
              expect=[np.fft.irfftn(z, lengths, axes)], **types)
cases.write()
