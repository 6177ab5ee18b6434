#!/usr/bin/env python3
"""Runs the command-line cases: tests/cli/x.sh against x.stdout, x.stderr, x.exit.

    run.py [--bless] [--tap] [--examples FOLDER] FIRN [CASE]...

A case is a shell script. It runs in an empty folder of its own with `firn` on the
PATH, the words of words.bash, and these variables: GOLDEN (tests/golden), DEMO
(demo), EXAMPLES (the compiled examples). What it prints must be what the files beside it say, byte for byte; a
missing file stands for no output, and for exit status 0. The paths of the source
tree and of the empty folder are replaced by TOP and HERE first. --bless writes the
files from what was printed. A first line `# needs: X` skips the case where the
build lacks X (an optional library: png, jpeg, snappy, zlib).
"""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).resolve().parent
TOP = CASES.parent.parent
SECONDS = 120


def run(script, bin_folder, examples):
    """(stdout, stderr, exit status) of one case, with the paths made neutral."""
    with tempfile.TemporaryDirectory(prefix="firn-cli-") as here:
        env = dict(os.environ, PATH=f"{bin_folder}:{os.environ['PATH']}",
                   TOP=str(TOP), GOLDEN=str(TOP / "tests/golden"),
                   DEMO=str(TOP / "demo"), EXAMPLES=str(examples), LC_ALL="C.UTF-8",
                   BASH_ENV=str(CASES / "words.bash"))
        try:
            done = subprocess.run(["bash", "-u", str(script)], cwd=here, env=env,
                                  stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=SECONDS)
            out, err, status = done.stdout, done.stderr, done.returncode
        except subprocess.TimeoutExpired as late:
            out, err, status = late.stdout or b"", b"no end in %d s\n" % SECONDS, -1
        # The scratch folder first: it may lie inside the source tree.
        names = [(os.path.realpath(here), b"HERE"), (here, b"HERE"),
                 (str(TOP), b"TOP")]
        for path, name in names:
            out = out.replace(path.encode(), name)
            err = err.replace(path.encode(), name)
        return {"stdout": out, "stderr": err, "exit": b"%d\n" % status}


def wanted(script, part):
    path = script.with_suffix("." + part)
    return path.read_bytes() if path.exists() else (b"0\n" if part == "exit" else b"")


def bless(script, got):
    for part, data in got.items():
        path = script.with_suffix("." + part)
        if data == (b"0\n" if part == "exit" else b""):
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)


def differences(script, got):
    lines = []
    for part, data in got.items():
        want = wanted(script, part)
        if data != want:
            lines += difflib.unified_diff(
                want.decode(errors="replace").splitlines(),
                data.decode(errors="replace").splitlines(),
                f"{script.stem}.{part}", "what was printed", lineterm="")
    return lines


def needs(script):
    first = script.read_text().split("\n", 1)[0]
    return first[len("# needs:"):].split() if first.startswith("# needs:") else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("firn", type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("--examples", type=pathlib.Path)
    parser.add_argument("--lacks", default="", help="comma list of what the build lacks")
    args = parser.parse_args()
    scripts = [s for s in sorted(CASES.glob("*.sh"))
               if not args.cases or s.stem in args.cases]
    lacks = set(args.lacks.split(",")) - {""}
    bin_folder = args.firn.resolve().parent
    examples = (args.examples or bin_folder / "examples").resolve()

    todo = [s for s in scripts if not lacks & set(needs(s))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = dict(zip(todo, pool.map(lambda s: run(s, bin_folder, examples), todo)))

    failed = 0
    if args.tap:
        print(f"1..{len(scripts)}")
    for number, script in enumerate(scripts, 1):
        if script not in results:
            print(f"ok {number} - {script.stem} # SKIP this build lacks "
                  f"{', '.join(lacks & set(needs(script)))}")
            continue
        if args.bless:
            bless(script, results[script])
        lines = differences(script, results[script])
        failed += bool(lines)
        print(f"{'not ok' if lines else 'ok'} {number} - {script.stem}")
        for line in lines:
            print("  #", line)
    if not args.tap:
        print(f"{len(todo) - failed} passed, {failed} failed, "
              f"{len(scripts) - len(todo)} skipped")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
