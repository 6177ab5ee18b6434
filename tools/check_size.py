"""Keeps files and functions small.

    check_size.py          fails above the hard limits: 900 lines a file, 90 a function
    check_size.py --all    also lists what is above the soft ones: 400 and 40

Generated files do not count. A raise is a line in RAISED, and a reviewed one.
"""
import re
import sys

from sources import ROOT, sources

SOFT_FILE, HARD_FILE = 400, 900
SOFT_FUNCTION, HARD_FUNCTION = 40, 90

# path or path:function -> the lines it may have, and why.
RAISED = {
    # Tables of graphs in text form, which the formatter stretches.
    "tests/unit/runtime_loop_test.c": 1400,
    "tests/unit/runtime_loop_test.c:if_takes_one_branch": 110,
    "tests/unit/runtime_loop_test.c:while_goes_round": 225,
    "tests/unit/runtime_loop_test.c:branches_and_loops_nest": 115,
    "tests/unit/runtime_loop_test.c:functions_are_checked": 115,
    "tests/unit/runtime_loop_test.c:frames_go_round": 150,
    "tests/unit/runtime_loop_test.c:switch_and_merge_choose": 180,
    "tests/unit/runtime_program_test.c:what_makes_no_sense_is_refused": 110,
}


def functions(lines):
    """(name, first line, count) of each function: it opens with a line that
    ends in `{` after a parenthesis, and closes with `}` in the first column."""
    start = opened = None
    for number, line in enumerate(lines):
        if opened is None:
            if re.match(r"[A-Za-z_]", line):
                start = number
            if start is not None and re.search(r"\)\s*\{$", line):
                opened = number
            elif re.search(r"[;}{]$", line) or not line.strip():
                start = None
        elif line.startswith("}"):
            head = " ".join(lines[start:opened + 1])
            name = re.search(r"(?:TEST_FN\()?(\w+)\s*[()]", head)
            yield name[1] if name else "?", start + 1, number - start + 1
            start = opened = None


def main():
    show_soft = "--all" in sys.argv[1:]
    soft, hard, total, count = [], [], 0, 0
    for path in sources():
        lines = (ROOT / path).read_text().splitlines()
        if path.parts[0] in ("src", "include"):
            total += len(lines)
        found = [(f"{path}", len(lines), SOFT_FILE, HARD_FILE)]
        for name, first, size in functions(lines):
            count += 1
            found.append((f"{path}:{first}: {name}", size, SOFT_FUNCTION, HARD_FUNCTION))
        for where, size, soft_limit, hard_limit in found:
            key = re.sub(r":\d+: ", ":", where)
            if size > RAISED.get(key, hard_limit):
                hard.append(f"{where}: {size} lines, at most {hard_limit}")
            elif size > soft_limit:
                soft.append(f"{where}: {size} lines, better {soft_limit}")
    if show_soft:
        print("\n".join(soft))
    print("\n".join(hard + [f"{total} lines in src and include, {count} functions, "
                            f"{len(soft)} above the soft limits, {len(hard)} above the hard ones"]))
    return bool(hard)


if __name__ == "__main__":
    sys.exit(main())
