"""Lists the C files that people write: all but the generated ones.

    python3 tools/sources.py        one path a line
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["include", "src", "tests", "examples", "bench"]


def is_generated(path):
    """A generated file says in its opening comment which tool made it."""
    head = path.read_text(errors="replace")[:600]
    return re.search(r"(?i)\b(made|generated) by (tools|oracle)/\w+\.py", head) is not None


def sources(folders=FOLDERS, generated=False):
    """Paths relative to the root, sorted; generated ones only when asked for."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            if generated or not is_generated(path):
                yield path.relative_to(ROOT)


if __name__ == "__main__":
    print("\n".join(map(str, sources())))
