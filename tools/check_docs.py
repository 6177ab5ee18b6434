"""Keeps the documents true.

    check_docs.py FIRN            links resolve; what the documents show is what
                                  the command prints
    check_docs.py --bless FIRN    writes what it prints today into the documents

In a fence marked `console` each line that starts with "$ " is run in the root of
the source tree, with `firn` on the PATH; what follows, up to the next such line,
is its output. A line "..." stands for lines left out, and blessing keeps it and
what stands before and after it when those are still right.
"""
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

from sources import ROOT


def documents():
    for pattern in ("*.md", "docs/**/*.md", "demo/*.md", "oracle/*.md", "bench/*.md"):
        yield from sorted(ROOT.glob(pattern))


def anchors(path):
    """The names that a hosting site gives to the headings."""
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower())
            yield words.replace(" ", "-")


def broken_links(path):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.S)
    for link in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = urllib.parse.unquote(link).partition("#")
        there = (path.parent / target).resolve() if target else path
        if not there.exists():
            yield f"{path.relative_to(ROOT)}: no such file: {link}"
        elif anchor and anchor not in anchors(there):
            yield f"{path.relative_to(ROOT)}: no such heading: {link}"


def show(command, firn):
    """What a person would see of the command, both streams together."""
    env = dict(os.environ, PATH=f"{firn.parent}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=env, timeout=120,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    return [line.rstrip() for line in done.stdout.rstrip("\n").splitlines()]


def matches(want, have):
    """Whether the lines are the same, "..." standing for any number of them."""
    if "..." not in want:
        return want == have
    at = want.index("...")
    rest = want[at + 1:]
    return have[:at] == want[:at] and any(matches(rest, have[i:])
                                          for i in range(at, len(have) + 1))


def shorten(want, have):
    """`have`, with lines left out where `want` leaves some out: as many are kept
    at the start and at the end as were."""
    if "..." not in want:
        return have
    head, tail = want.index("..."), len(want) - want.index("...") - 1
    if len(have) <= head + tail:
        return have
    return have[:head] + ["..."] + (have[-tail:] if tail else [])


def fence(body, firn, where, bad):
    """One console fence with its output as it is today."""
    out, lines, at = [], body.splitlines(), 0
    while at < len(lines):
        command = lines[at]
        out.append(command)
        at += 1
        end = at
        while end < len(lines) and not lines[end].startswith("$ "):
            end += 1
        want = lines[at:end]
        while want and not want[-1]:
            want.pop()
        blank = [""] * (end - at - len(want))
        if command.startswith("$ "):
            have = show(command[2:], firn)
            if not matches(want, have):
                bad.append(f"{where}: `{command[2:]}` prints something else today")
                want = shorten(want, have)
        out += want + blank
        at = end
    return "\n".join(out) + "\n"


def main():
    bless = "--bless" in sys.argv[1:]
    firn = pathlib.Path(sys.argv[-1]).resolve()
    bad = []
    (ROOT / "build/demo").mkdir(parents=True, exist_ok=True)  # the documents write there
    for path in documents():
        stale, name = [], path.relative_to(ROOT)
        text = path.read_text()
        if "```console\n" in text:
            if not firn.exists():
                bad.append(f"{name}: no {firn.name} to check it with")
                continue
            new = re.sub(r"(?<=```console\n)(.*?)(?=```)",
                         lambda m: fence(m[1], firn, name, stale), text, flags=re.S)
            if bless and new != text:
                path.write_text(new)
        bad += [] if bless else stale
        bad += broken_links(path)
    print("\n".join(bad))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
