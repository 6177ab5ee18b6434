"""Runs clang-tidy (.clang-tidy) over the library and the command.

    check_tidy.py BUILD-FOLDER [FILE]...

A file without a finding leaves a stamp in BUILD-FOLDER/tidy; it is read again
when it, a header that it includes, or a rule has changed.
"""
import concurrent.futures
import functools
import hashlib
import os
import pathlib
import re
import subprocess
import sys

from sources import ROOT, sources

RULES = [".clang-tidy", "meson.build", "tools/analyzer.h", "tools/check_tidy.py"]
INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.M)


@functools.lru_cache(None)
def included(path):
    """`path` and all of ours that it includes, as a set."""
    found = {path}
    for name in INCLUDE.findall((ROOT / path).read_text()):
        for folder in ("src", "include"):
            if (ROOT / folder / name).exists():
                found |= included(f"{folder}/{name}")
    return frozenset(found)


def fingerprint(path):
    known = hashlib.sha256()
    for name in RULES + sorted(included(path) | included("tools/analyzer.h")):
        known.update(name.encode() + (ROOT / name).read_bytes())
    return known.hexdigest()


def tidy(build, path):
    """What clang-tidy finds in the file, or ''."""
    stamp = build / "tidy" / path.replace("/", "-")
    known = fingerprint(path)
    if stamp.exists() and stamp.read_text() == known:
        return ""
    # An assert tells the analyzer what holds.
    arguments = ["-UNDEBUG", "-Wno-unknown-warning-option"]
    # What analyzer.h redefines cannot be defined behind it.
    if path not in ("src/base/status.c", "src/base/alloc.c"):
        arguments += [f"-I{ROOT}/src", f"-I{ROOT}/include", "-include",
                      f"{ROOT}/tools/analyzer.h"]
    ran = subprocess.run(["clang-tidy", "--quiet", "-p", build, path] +
                         [f"--extra-arg={a}" for a in arguments],
                         cwd=ROOT, text=True, capture_output=True)
    if ran.returncode == 0:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(known)
        return ""
    found = re.findall(r"^\S+: (?:warning|error): .*\n(?:.*\n){,4}", ran.stdout, re.M)
    return "".join(found) or f"{path}: {ran.stdout}{ran.stderr}"


def main(build, *paths):
    paths = paths or [str(p) for p in sources(["src"]) if p.suffix == ".c"]
    build = pathlib.Path(build).resolve()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [f for f in pool.map(functools.partial(tidy, build), paths) if f]
    print("".join(found), end="")
    return bool(found)


sys.exit(main(*sys.argv[1:]))
