"""Writes the public interface as one page, in reading order, from the headers.

    api_docs.py OUT.md
"""
import pathlib
import re
import sys

from sources import ROOT

ORDER = ["firn", "common", "status", "tensor", "checkpoint", "graph", "session", "model"]


def comment_text(comment):
    """The words of a C comment, without its stars."""
    lines = comment.strip()[2:-2].splitlines()
    return "\n".join(re.sub(r"^\s*\* ?", "", line).rstrip() for line in lines).strip()


def pieces(text):
    """(comment, code) of each block between blank lines; either may be empty."""
    text = re.sub(r"#ifdef __cplusplus.*?#endif\n", "", text, flags=re.S)
    text = re.sub(r"^FIRN_API (FIRN_CHECKED )?", "", text, flags=re.M)
    for comment, code in re.findall(r"((?:^/\*.*?\*/\n)?)((?:^[^\n]+\n)*)", text,
                                    flags=re.M | re.S):
        if not re.match(r"#(include|endif|ifndef)", code) and (comment or code):
            yield comment_text(comment) if comment else "", code.rstrip()


def page(header):
    text = header.read_text()
    opening = re.match(r"/\*.*?\*/", text, flags=re.S)[0]
    title, _, rest = comment_text(opening).partition("\n")
    name, _, what = title.partition(": ")
    lines = [f"## {name}", "", what[:1].upper() + what[1:], "",
             "```text", rest.strip("\n"), "```", ""]
    for words, code in pieces(text[len(opening):]):
        lines += ["```c", code, "```", ""] if code else []
        lines += [words, ""] if words else []
    return lines


def main():
    headers = sorted((ROOT / "include/firn").glob("*.h"),
                     key=lambda p: (ORDER.index(p.stem) if p.stem in ORDER else 99, p.stem))
    lines = ["# The C interface", ""]
    for header in headers:
        lines += page(header)
    out = pathlib.Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines).rstrip() + "\n")
    print(f"{out}: {len(headers)} headers")


if __name__ == "__main__":
    main()
