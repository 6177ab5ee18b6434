"""Writes tests/conformance/image_codec.cases: pictures in files."""
import struct

import numpy as np

from case_writer import Cases, tf

cases = Cases("image_codec")
random = np.random.RandomState(5)


def some(h, w, c, dtype=np.uint8):
    """Smooth, so that JPEG has something to do."""
    y, x = np.mgrid[:h, :w]
    waves = [np.sin(x / 5 + k) + np.cos(y / 4 - k) for k in range(c)]
    p = (np.stack(waves, -1) + 2) / 4 + random.uniform(-0.05, 0.05, (h, w, c))
    return (np.clip(p, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def data(op, *inputs, **attrs):
    return op(*inputs, **attrs).numpy()


def contents(data_):
    return np.array(data_, object)


def both(name, file, ops, tol=None, **attrs):
    for op in ops:
        cases.add(op, [contents(file)], name, tol=tol, **attrs)


def lzw(pixels, bits):
    """Codes as an encoder gives them that never forgets."""
    clear, end = 1 << bits, (1 << bits) + 1
    table = {(i,): i for i in range(clear)}
    width, codes, out, word = bits + 1, [], 0, ()
    at = [0]
    total = 0

    def put(code):
        nonlocal total
        total |= code << at[0]
        at[0] += width

    put(clear)
    for p in pixels:
        if word + (p,) in table:
            word += (p,)
            continue
        put(table[word])
        if len(table) + 2 < 4096:
            table[word + (p,)] = len(table) + 2
            if len(table) + 2 > 1 << width and width < 12:
                width += 1
        word = (p,)
    put(table[word])
    put(end)
    return total.to_bytes((at[0] + 7) // 8, "little")


def blocks(data_):
    out = b""
    for i in range(0, len(data_), 255):
        part = data_[i:i + 255]
        out += bytes([len(part)]) + part
    return out + b"\0"


def gif(size, frames, colors=True, tail=b";"):
    w, h = size
    table = bytes(random.randint(0, 256, 3 * 16).astype(np.uint8))
    out = b"GIF89a" + struct.pack("<HHBBB", w, h, 0x83 if colors else 0, 3, 0)
    out += table if colors else b""
    for f in frames:
        left, top, fw, fh = f.get("box", (0, 0, w, h))
        if "hole" in f:
            out += b"!\xf9\x04" + struct.pack("<BHB", 1, 5, f["hole"]) + b"\0"
        if "comment" in f:
            out += b"!\xfe" + blocks(f["comment"])
        flags = (0x40 if f.get("interlaced") else 0)
        local = f.get("local")
        out += b"," + struct.pack("<HHHHB", left, top, fw, fh,
                                  flags | (0x80 | 3 if local else 0))
        if local:
            out += bytes(random.randint(0, 256, 3 * 16).astype(np.uint8))
        pixels = random.randint(0, f.get("top", 16), fw * fh)
        pixels[fw:2 * fw] = pixels[:len(pixels[fw:2 * fw])]
        out += b"\x04" + blocks(lzw([int(p) for p in pixels], 4))
    return out + tail


def bmp(w, h, bits, extra=0):
    row = (w * bits // 8 + 3) // 4 * 4
    pixels = bytes(random.randint(0, 256, row * abs(h)).astype(np.uint8))
    return (b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) +
            struct.pack("<IiiHHIIiiII", 40, w, h, 1, bits, 0, len(pixels), 0, 0,
                        0, 0) + pixels + b"x" * extra)


PICTURES = ["DecodePng", "DecodeJpeg", "DecodeImage"]
png = {c: data(tf.io.encode_png, some(9, 7, c)) for c in (1, 2, 3, 4)}
deep = {c: data(tf.io.encode_png, some(9, 7, c, np.uint16)) for c in (1, 2, 3, 4)}
for c, file in png.items():
    both(f"png {c}", file, PICTURES + ["DecodeGif"])
    for want in (1, 3, 4):
        both(f"png {c} as {want}", file, ["DecodePng"], channels=want)
        both(f"png {c} as {want} deep", file, ["DecodePng", "DecodeImage"],
             channels=want, dtype="uint16")
for c, file in deep.items():
    both(f"deep png {c}", file, ["DecodePng"], dtype="uint16")
    both(f"deep png {c}", file, ["DecodeImage"], dtype="float32", tol=0)
    for want in (0, 1, 3, 4):
        both(f"deep png {c} as {want}", file, ["DecodePng"], channels=want)
both("png as bmp", png[3], ["DecodeBmp"])
both("png, two channels", png[3], ["DecodePng"], channels=2)
both("cut png", png[3][:60], PICTURES)
both("empty", b"", PICTURES + ["DecodeGif", "DecodeBmp"])
both("unknown", b"nothing at all, but long enough", PICTURES)

photo = some(37, 45, 3)
jpeg = data(tf.io.encode_jpeg, photo)
fine = data(tf.io.encode_jpeg, photo, chroma_downsampling=False, quality=80)
grey = data(tf.io.encode_jpeg, some(21, 18, 1))
waves = data(tf.io.encode_jpeg, photo, progressive=True)
for name, file in [("jpeg", jpeg), ("fine jpeg", fine), ("grey jpeg", grey),
                   ("progressive jpeg", waves)]:
    both(name, file, PICTURES + ["DecodeGif"])
    both(name + " as 1", file, ["DecodeJpeg"], channels=1)
    both(name + " as 3", file, ["DecodeJpeg"], channels=3)
    both(name, file, ["ExtractJpegShape"])
    both(name + " wide", file, ["ExtractJpegShape"], output_type="int64")
    both(name + " deep", file, ["DecodeImage"], dtype="uint16")
    both(name + " float", file, ["DecodeImage"], dtype="float32", tol=0)
    for ratio in (2, 4, 8):
        both(f"{name} / {ratio}", file, ["DecodeJpeg"], ratio=ratio)
    both(name + " accurate", file, ["DecodeJpeg"], dct_method="INTEGER_ACCURATE")
    both(name + " plain", file, ["DecodeJpeg"], fancy_upscaling=False)
    for window in ([0, 0, 10, 12], [5, 7, 11, 9], [3, 16, 18, 2], [20, 0, 1, 1]):
        cases.add("DecodeAndCropJpeg", [contents(file), np.int32(window)],
                  f"{name} {window}")
both("jpeg as 4", jpeg, ["DecodeJpeg"], channels=4)
both("jpeg / 3", jpeg, ["DecodeJpeg"], ratio=3)
both("jpeg, other transform", jpeg, ["DecodeJpeg"], dct_method="FLOAT")
both("jpeg as bmp", jpeg, ["DecodeBmp"])
for window in ([0, 0, 0, 5], [-1, 0, 5, 5], [30, 0, 10, 10], [0, 40, 10, 10]):
    cases.add("DecodeAndCropJpeg", [contents(jpeg), np.int32(window)],
              f"outside {window}")
cases.add("DecodeAndCropJpeg", [contents(png[3]), np.int32([0, 0, 1, 1])], "png")
cases.add("DecodeAndCropJpeg", [contents(jpeg), np.int32([0, 0, 1])], "three")
cut = jpeg[:len(jpeg) * 6 // 10]
both("cut jpeg", cut, ["DecodeJpeg", "DecodeImage"])
# What stands for the lost part, the version of libjpeg decides.
cases.add("DecodeJpeg", [contents(cut)], "cut jpeg, recovered", skip=[0],
          try_recover_truncated=True)
both("cut jpeg, half is enough", cut, ["DecodeJpeg"], acceptable_fraction=0.4)
both("cut jpeg, not enough", cut, ["DecodeJpeg"], acceptable_fraction=0.9)
both("cut header", jpeg[:50], ["DecodeJpeg", "ExtractJpegShape"])

ANIMATED = ["DecodeGif", "DecodeImage"]
one = gif((7, 6), [{}])
both("gif", one, ["DecodeGif"] + PICTURES)
two = gif((9, 8), [{}, {"box": (2, 1, 4, 5), "local": True},
                   {"hole": 3, "comment": b"hello" * 70}])
both("three frames", two, ["DecodeGif"] + PICTURES)
both("first frame", two, ["DecodeImage"], expand_animations=False)
both("deep gif", two, ["DecodeImage"], dtype="uint16")
both("float gif", two, ["DecodeImage"], dtype="float32", tol=0)
both("gif as 1", one, ["DecodeImage"], channels=1)
both("large gif", gif((60, 70), [{"interlaced": True}, {"top": 3}]), ANIMATED)
both("low gif", gif((5, 3), [{"interlaced": True}]), ANIMATED)
both("hole first", gif((5, 6), [{"hole": 2}, {"hole": 5}]), ANIMATED)
both("first is smaller", gif((9, 9), [{"box": (1, 2, 4, 4)}, {}]), ANIMATED)
both("all are smaller", gif((9, 9), [{"box": (1, 2, 4, 4)},
                                     {"box": (0, 0, 3, 6)}]), ANIMATED)
both("beyond", gif((5, 5), [{}, {"box": (3, 3, 9, 2)}]), ANIMATED)
both("no colors", gif((5, 5), [{}], colors=False), ANIMATED)
both("no end", gif((5, 5), [{}, {}], tail=b""), ANIMATED)
both("cut frame", gif((5, 5), [{}, {}], tail=b"")[:-9], ANIMATED)
both("cut first frame", gif((5, 5), [{}], tail=b"")[:-9], ANIMATED)
both("no frames", gif((5, 5), []), ANIMATED)
both("cut gif header", one[:20], ANIMATED)
both("gif as bmp", one, ["DecodeBmp"])
cases.add("DecodeAndCropJpeg", [contents(one), np.int32([0, 0, 1, 1])], "gif")

for bits in (8, 24, 32):
    for h in (5, -5):
        file = bmp(7, h, bits)
        for want in (0, 3, 4):
            both(f"bmp {bits} {h} as {want}", file, ["DecodeBmp", "DecodeImage"],
                 channels=want)
        both(f"bmp {bits} {h} as 1", file, ["DecodeBmp"], channels=1)
        if h > 0:
            both(f"bmp {bits} float", file, ["DecodeImage"], dtype="float32",
                 tol=0)
both("bmp 16", bmp(4, 4, 16), ["DecodeBmp"])
both("long bmp", bmp(4, 4, 24, extra=3), ["DecodeBmp"])
both("cut bmp", bmp(4, 4, 24)[:-3], ["DecodeBmp"])
both("bmp header", bmp(4, 4, 24)[:31], ["DecodeBmp"])
both("no rows", bmp(4, 0, 24), ["DecodeBmp"])
both("bmp as png", bmp(4, 4, 24), ["DecodePng", "DecodeJpeg", "DecodeGif"])

for c in (1, 2, 3, 4):
    for dtype in (np.uint8, np.uint16):
        cases.add("EncodePng", [some(11, 13, c, dtype)],
                  f"{c} {np.dtype(dtype).name}")
for level in (0, 1, 9):
    cases.add("EncodePng", [some(11, 13, 3)], f"level {level}", compression=level)
cases.add("EncodePng", [np.stack([some(4, 3, 1)] * 2)], "batch")
cases.add("EncodePng", [some(4, 4, 3)[:0]], "no rows")
cases.add("EncodePng", [some(4, 4, 5)], "five channels")
cases.add("EncodePng", [some(4, 4, 3)[0]], "two axes")
cases.add("EncodeJpeg", [photo], "default")
cases.add("EncodeJpeg", [some(21, 18, 1)], "grey")
cases.add("EncodeJpeg", [some(21, 18, 1)], "grey named", format="grayscale")
cases.add("EncodeJpeg", [some(21, 18, 1)], "grey as rgb", format="rgb")
cases.add("EncodeJpeg", [some(21, 18, 2)], "two channels")
cases.add("EncodeJpeg", [photo[0]], "two axes")
cases.add("EncodeJpeg", [photo[:0]], "no rows")
for quality in (0, 1, 50, 100):
    cases.add("EncodeJpeg", [photo], f"quality {quality}", quality=quality)
    cases.add("EncodeJpegVariableQuality", [photo, np.int32(quality)],
              f"quality {quality}")
cases.add("EncodeJpegVariableQuality", [photo, np.int32(101)], "quality 101")
cases.add("EncodeJpegVariableQuality", [photo, np.int32([50])], "vector")
cases.add("EncodeJpeg", [photo], "quality 101", quality=101)
cases.add("EncodeJpeg", [photo], "progressive", progressive=True)
cases.add("EncodeJpeg", [photo], "optimized", optimize_size=True)
cases.add("EncodeJpeg", [photo], "all colors", chroma_downsampling=False)
cases.add("EncodeJpeg", [photo], "density", density_unit="cm", x_density=70,
          y_density=90)
cases.add("EncodeJpeg", [photo], "metadata", xmp_metadata="<x>text</x>")
cases.write()
