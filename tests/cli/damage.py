#!/usr/bin/env python3
"""Damages files of every format in hundreds of ways and hands them to the command.

    damage.py FIRN

For each format a small sound file is cut short, has bits flipped, bytes swapped, lengths made enormous, or is
replaced by a file of another kind. Whatever happens, the command must end by itself with status 0 or 1, within the
limits of memory and time below; status 1 comes with one sentence (further lines are indented), and never with an
output file. Which files are damaged, and how, follows from a fixed seed.
"""
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MEMORY, SECONDS, ROUNDS = 1 << 30, 20, 40
SANITIZED = "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ


def limit():
    if not SANITIZED:  # a sanitizer's shadow memory is address space too
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def cut(data, r):
    return data[:r.randrange(len(data))]


def flip(data, r):
    out = bytearray(data)
    for _ in range(r.choice((1, 1, 1, 8))):
        out[r.randrange(len(out))] ^= 1 << r.randrange(8)
    return bytes(out)


def swap(data, r):
    out = bytearray(data)
    size = min(16, len(out) // 2)
    a, b = r.randrange(len(out) - size), r.randrange(len(out) - size)
    out[a:a + size], out[b:b + size] = out[b:b + size], out[a:a + size]
    return bytes(out)


def enormous(data, r):
    at = r.randrange(len(data))
    return data[:at] + b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + data[at + 1:]


def repeat(data, r):
    at = r.randrange(len(data))
    return data[:at] + data[at:at + 64] * 50 + data[at:]


DAMAGES = (cut, flip, swap, enormous, repeat)


class Case:
    """A command over files in a folder, one of which is damaged."""

    def __init__(self, name, damaged, files, args, output=None):
        self.name, self.damaged, self.files, self.args, self.output = name, damaged, files, args, output


def sound_files(firn, folder):
    """The sound files, by name; some of them made by the command itself."""
    demo = os.path.join(ROOT, "demo", "model")
    for name in os.listdir(demo):
        shutil.copy(os.path.join(demo, name), folder)
    subprocess.run([firn, "freeze", folder, "-o", os.path.join(folder, "frozen.pb")], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([firn, "freeze", folder, "-o", os.path.join(folder, "frozen.pbtxt")], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.copy(os.path.join(ROOT, "demo", "images", "03.png"), os.path.join(folder, "image.png"))
    shutil.copy(os.path.join(ROOT, "demo", "images", "all.npy"), os.path.join(folder, "all.npy"))
    prefix = os.path.join(folder, "digits-1500")
    subprocess.run([firn, "checkpoint", "get", prefix, "logits/bias=" + os.path.join(folder, "bias.npz"),
                    "logits/kernel=" + os.path.join(folder, "bias.npz"),
                    "logits/bias=" + os.path.join(folder, "bias.json")], check=True)
    golden = os.path.join(ROOT, "tests", "golden")
    shutil.copy(os.path.join(ROOT, "tests", "fuzz", "seeds", "v1_checkpoint", "v1_few"), folder)
    shutil.copy(os.path.join(golden, "saved_model", "restored", "saved_model.pb"), folder)
    shutil.copy(os.path.join(golden, "saved_model", "chunked", "saved_model.cpb"), folder)


def cases():
    model = ["checkpoint", "digits-1500.meta", "digits-1500.index", "digits-1500.data-00000-of-00001"]
    run = ["run", "frozen.pb", "--fetch", "probability=out.npy", "--feed"]
    return [
        Case("graph", "frozen.pb", ["frozen.pb", "all.npy"], run + ["image=all.npy"], "out.npy"),
        Case("graph, frozen again", "frozen.pb", ["frozen.pb"],
             ["freeze", "frozen.pb", "--outputs", "probability", "-o", "out.pb"], "out.pb"),
        Case("graph, inspected", "frozen.pb", ["frozen.pb"], ["inspect", "frozen.pb"]),
        Case("text graph", "frozen.pbtxt", ["frozen.pbtxt"], ["inspect", "frozen.pbtxt", "--nodes"]),
        Case("meta graph", "digits-1500.meta", model, ["freeze", ".", "--outputs", "probability", "-o", "out.pb"],
             "out.pb"),
        Case("index", "digits-1500.index", model, ["freeze", ".", "--outputs", "probability", "-o", "out.pb"],
             "out.pb"),
        Case("index, listed", "digits-1500.index", model, ["checkpoint", "list", "digits-1500"]),
        Case("data", "digits-1500.data-00000-of-00001", model,
             ["freeze", ".", "--outputs", "probability", "-o", "out.pb"], "out.pb"),
        Case("V1 checkpoint", "v1_few", ["v1_few"], ["checkpoint", "list", "v1_few"]),
        Case("V1 checkpoint, read", "v1_few", ["v1_few"], ["checkpoint", "get", "v1_few", "w=out.npy"],
             "out.npy"),
        Case("SavedModel", "saved_model.pb", ["saved_model.pb"], ["saved-model", "show", "."]),
        Case("SavedModel in chunks", "saved_model.cpb", ["saved_model.cpb"], ["inspect", "."]),
        Case("state file", "checkpoint", model, ["checkpoint", "list", "."]),
        Case("npy", "all.npy", ["frozen.pb", "all.npy"], run + ["image=all.npy"], "out.npy"),
        Case("npz", "bias.npz", ["bias.npz", "frozen.pb"], run + ["image=bias.npz[logits/bias]"], "out.npy"),
        Case("json", "bias.json", ["bias.json", "frozen.pb"], run + ["image=bias.json"], "out.npy"),
        Case("image", "image.png", ["image.png", "frozen.pb"], run + ["image=image.png"], "out.npy"),
    ]


def complaint(case, result, folder):
    """What is wrong with how the command took it, or None."""
    text = result.stderr.decode(errors="replace")
    if result.returncode not in (0, 1):
        return "status %d: %s" % (result.returncode, text[-2000:])
    made = case.output and os.path.exists(os.path.join(folder, case.output))
    if result.returncode == 1:
        lines = text.splitlines()
        if not lines or not lines[0].startswith("firn ") or any(not l.startswith("  ") for l in lines[1:]):
            return "no one sentence: %r" % text
        if made:
            return "left an output file behind"
    elif case.output and not made:
        return "status 0 and no output file"
    leftover = [n for n in os.listdir(folder) if ".tempstate" in n]
    return "left %s behind" % leftover if leftover else None


def main():
    firn = os.path.abspath(sys.argv[1])
    random_numbers = random.Random(20)
    count = bad = refused = 0
    with tempfile.TemporaryDirectory() as sound:
        sound_files(firn, sound)
        for case in cases():
            data = open(os.path.join(sound, case.damaged), "rb").read()
            variants = [("empty", b"")]
            variants += [("replaced by " + n, open(os.path.join(sound, n), "rb").read())
                         for n in ("all.npy", "frozen.pb", "digits-1500.index", "checkpoint") if n != case.damaged]
            for _ in range(ROUNDS):
                how = random_numbers.choice(DAMAGES)
                variants.append((how.__name__, how(data, random_numbers)))
            for how, damaged in variants:
                with tempfile.TemporaryDirectory() as folder:
                    for name in case.files:
                        os.symlink(os.path.join(sound, name), os.path.join(folder, name))
                    os.unlink(os.path.join(folder, case.damaged))
                    with open(os.path.join(folder, case.damaged), "wb") as file:
                        file.write(damaged)
                    count += 1
                    try:
                        result = subprocess.run([firn] + case.args, cwd=folder, capture_output=True,
                                                timeout=SECONDS, preexec_fn=limit)
                        wrong = complaint(case, result, folder)
                        refused += result.returncode
                    except subprocess.TimeoutExpired:
                        wrong = "no end within %d s" % SECONDS
                    if wrong:
                        bad += 1
                        kept = os.path.join(tempfile.gettempdir(), "firn-damage-%d" % count)
                        with open(kept, "wb") as file:
                            file.write(damaged)
                        print("%s, %s (kept as %s): %s" % (case.name, how, kept, wrong))
    print("%d damaged files, %d refused" % (count, refused))
    print("%d passed, %d failed" % (count - bad, bad))
    return 1 if bad or refused < count // 2 else 0


if __name__ == "__main__":
    sys.exit(main())
