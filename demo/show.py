"""Prints a digit as a person sees it beside what the model said of it.

    show.py IMAGE.png PROBABILITY.json LABEL

Exit status 1 when the model is wrong.
"""
import json
import sys
import zlib

SHADES = " .:-=+*#%@"


def pixels(path):
    """The rows of a grey 8-bit PNG whose rows are unfiltered, as train.py
    writes them."""
    data, at, body, width = open(path, "rb").read(), 8, b"", 0
    while at < len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        if kind == b"IHDR":
            width = int.from_bytes(data[at + 8:at + 12], "big")
        if kind == b"IDAT":
            body += data[at + 8:at + 8 + size]
        at += size + 12
    raw = zlib.decompress(body)
    return [raw[i + 1:i + 1 + width] for i in range(0, len(raw), width + 1)]


def main():
    path, answer, truth = sys.argv[1], json.load(open(sys.argv[2])), sys.argv[3]
    chances = answer[0]
    best = max(range(len(chances)), key=lambda digit: chances[digit])
    right = str(best) == truth
    print()
    for y, row in enumerate(pixels(path)):
        art = "".join(SHADES[p * (len(SHADES) - 1) // 255] * 2 for p in row)
        note = {2: f"firn reads   {best}  ({100 * chances[best]:.1f} %)",
                3: f"it is a      {truth}",
                4: "" if right else "wrong"}.get(y, "")
        print(f"    {art}    {note}".rstrip())
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
