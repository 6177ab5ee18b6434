"""Fails when the library shows the world a name that does not begin with firn_.

    check_symbols.py BUILD-FOLDER

libfirn.so must export what the headers mark FIRN_API and no more; in libfirn.a
every external name, also a hidden one, carries the prefix, because there all of
them share one name space with the program.
"""
import pathlib
import re
import subprocess
import sys

from sources import ROOT


def names(*args):
    out = subprocess.run(["nm", "--defined-only", "--format=posix", *args],
                         capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        parts = line.split()
        if len(parts) >= 2 and parts[1] != "A":
            yield parts[0].split("@")[0]


def declared():
    """What the headers promise."""
    for path in (ROOT / "include/firn").glob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for hit in re.finditer(r"FIRN_API\b[^;{]*?\b(firn_\w+)\s*(?:\(|\[|;)", text):
            yield hit[1]


def main():
    build = pathlib.Path(sys.argv[1])
    exported, promised = set(names("-D", str(build / "libfirn.so"))), set(declared())
    bad = [f"libfirn.so exports {n}, which no public header declares"
           for n in sorted(exported - promised)]
    bad += [f"libfirn.so lacks {n}, which a public header declares"
            for n in sorted(promised - exported)]
    bad += [f"libfirn.a has the external name {n}"
            for n in sorted(set(names("-g", str(build / "libfirn.a"))))
            if not n.startswith("firn_")]
    print("\n".join(bad + [f"{len(exported)} names exported"]))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
