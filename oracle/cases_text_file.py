"""Writes tests/conformance/text_file.cases: files as strings."""
from case_writer import Cases, np

cases = Cases("text_file")


def one(text):
    return np.array(text.encode(), object)


FOLDER = "tests/golden/lookup"
for name in ["words", "none", "missing"]:
    cases.add("ReadFile", [one(f"{FOLDER}/{name}.txt")], name)
cases.add("ReadFile", [np.array([b"a", b"b"], object)], "two")
cases.add("ReadFile", [one("tests")], "a folder")
for p in ["tests/golden/lookup/*.txt", "tests/golden/lookup/w*s.txt",
          "tests/*/lookup/t????.txt", "tests/golden/lookup/words.txt",
          "tests/golden/lookup/nothing*", "tests/golden/l[ao]okup/[nt]*",
          "no/such/*"]:
    cases.add("MatchingFiles", [one(p)], p)
cases.add("MatchingFiles", [np.array(
    [f"{FOLDER}/w*.txt".encode(), f"{FOLDER}/n*.txt".encode()], object)],
    "two patterns")
cases.write()
