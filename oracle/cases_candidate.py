"""Writes tests/conformance/candidate.cases: candidate samplers."""
import numpy as np

from case_writer import Cases

cases = Cases("candidate")
TRUES = np.array([[0, 3], [7, 19], [2, 2]], np.int64)


def sample(op, name, trues=TRUES, num_true=2, num_sampled=8, unique=True,
           range_max=20, seed=(5, 9), **attrs):
    if op != "AllCandidateSampler":
        attrs["range_max"] = range_max
    cases.add(op, [trues], name, num_true=num_true, num_sampled=num_sampled,
              unique=unique, seed=seed[0], seed2=seed[1], **attrs)


PLAIN = ["UniformCandidateSampler", "LogUniformCandidateSampler",
         "LearnedUnigramCandidateSampler", "ThreadUnsafeUnigramCandidateSampler"]
for op in PLAIN:
    for unique in (True, False):
        for range_max in (20, 32, 1000, 100003):
            sample(op, f"{unique} {range_max}", unique=unique,
                   range_max=range_max, seed=(range_max, 1))
    sample(op, "as many", num_sampled=20)
    sample(op, "too many", num_sampled=21)
    sample(op, "more, repeated", num_sampled=50, unique=False)
    sample(op, "no trues", trues=TRUES[:0])
    sample(op, "class outside", range_max=19)
    sample(op, "negative class", trues=-TRUES)
    sample(op, "no range", range_max=0)
    sample(op, "other columns", num_true=3)
    sample(op, "one axis", trues=TRUES[0])
for op in PLAIN[:2]:
    sample(op, "large", range_max=2 ** 40)
sample("AllCandidateSampler", "all", num_sampled=20)
sample("AllCandidateSampler", "class outside", num_sampled=19)

WEIGHTS = [float(i % 7 + 1) for i in range(20)]
fixed = "FixedUnigramCandidateSampler"
for unique in (True, False):
    sample(fixed, f"{unique}", unique=unique, unigrams=WEIGHTS)
    sample(fixed, f"{unique} distortion", unique=unique, unigrams=WEIGHTS,
           distortion=0.75)
    sample(fixed, f"{unique} reserved", unique=unique, unigrams=WEIGHTS[:15],
           num_reserved_ids=5, trues=TRUES + 0)
    sample(fixed, f"{unique} shards", unique=unique, unigrams=WEIGHTS,
           num_shards=2, shard=1, range_max=10, trues=TRUES % 10,
           num_sampled=5)
sample(fixed, "other number", unigrams=WEIGHTS[:19])
sample(fixed, "no unigrams")
sample(fixed, "two sources", unigrams=WEIGHTS, vocab_file="nowhere")
sample(fixed, "one class", unigrams=[2.0], range_max=1, trues=TRUES * 0,
       num_sampled=1)

for name, sampled in (("some", [3, 7, 5, 2]), ("twice", [3, 3, 2, 3]),
                      ("none", []), ("no hit", [100])):
    cases.add("ComputeAccidentalHits", [TRUES, np.array(sampled, np.int64)],
              name, num_true=2)
cases.add("ComputeAccidentalHits", [TRUES[:0], np.int64([1])], "no trues",
          num_true=2)
cases.add("ComputeAccidentalHits", [TRUES, np.int64([1])], "other columns",
          num_true=3)
cases.add("ComputeAccidentalHits", [TRUES, np.int64(1)], "scalar", num_true=2)
cases.write()
