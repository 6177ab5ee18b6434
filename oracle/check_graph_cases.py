#!/usr/bin/env python3
"""Asks TensorFlow whether it agrees with the rows of tests/support/graph_case.h.

    FIRN_WRITE_GRAPHS=DIR build/tests/unit/runtime_loop_test
    oracle/check_graph_cases.py DIR

Each row is a graph (ID.pb) and a text (ID.row) that says what is fed, what is
fetched and what comes out. Rows that want an error are only expected to fail:
the wording is firn's own. Prints what differs and exits with 1; run by hand.
"""
import pathlib
import re
import sys

import numpy as np
import tensorflow.compat.v1 as tf

TYPES = {"float": np.float32, "double": np.float64, "bool": np.bool_,
         "string": object}

# What firn computes on purpose although TensorFlow refuses, or the other way
# round, by the row's name: why.
DIFFERENT = {
    "too often": "firn's own limit",
    "adds to a resource": "TensorFlow's read does not wait for the last round",
    "no LoopCond": "TensorFlow lets a value in and out of a loop that is none",
}


def words(text):
    """Elements, with strings in single quotes."""
    return re.findall(r"'(?:[^'\\]|\\.)*'|[^\s]+", text)


def element(word, dtype):
    if word.startswith("'"):
        return word[1:-1].encode().decode("unicode_escape").encode("latin-1")
    if dtype == np.bool_:
        return word == "true"
    return dtype(float(word) if dtype in (np.float32, np.float64) else int(word))


def tensor(text):
    """float[2] 1 2 as numpy; a count-up is 5.. and one element stands for all."""
    kind, shape, rest = re.match(r"(\w+)(?:\[([\d,]*)\])?\s*(.*)", text).groups()
    dtype = TYPES.get(kind) or np.dtype(kind).type
    dims = [int(d) for d in shape.split(",")] if shape else []
    count = int(np.prod(dims)) if dims else 1
    items = []
    for word in words(rest):
        if word.endswith(".."):
            start = element(word[:-2], dtype)
            items += [start + i for i in range(count - len(items))]
        else:
            items.append(element(word, dtype))
    if len(items) == 1:
        items *= count
    return np.array(items, dtype=dtype).reshape(dims)


def read_row(path):
    row = {"feed": [], "fetch": [], "target": [], "out": []}
    for line in path.read_text().splitlines():
        key, _, rest = line.partition(" ")
        if isinstance(row.get(key), list):
            row[key].append(rest)
        else:
            row[key] = rest
    return row


def name(text):
    return text if ":" in text else text + ":0"


def run(path, row):
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(path.with_suffix(".pb").read_bytes())
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    # What the graph means, not what grappler makes of it (it moves a stateful
    # node that takes only invariants out of its loop).
    config = tf.ConfigProto(inter_op_parallelism_threads=1)
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = -1
    with tf.Session(graph=graph, config=config) as session:
        feeds = {}
        for feed in row["feed"]:
            key, _, value = feed.partition("=")
            feeds[name(key.strip())] = tensor(value.strip())
        fetches = [name(f) for f in row["fetch"]]
        targets = [graph.get_operation_by_name(t) for t in row["target"]]
        return session.run([fetches, targets], feeds)[0]


def differs(have, literal, tol):
    if literal == "*":
        return None
    want = tensor(literal)
    have = np.asarray(have)
    if want.dtype == object:
        same = have.shape == want.shape and have.tolist() == want.tolist()
    else:
        same = (have.shape == want.shape and have.dtype == want.dtype and
                np.allclose(have, want, rtol=max(tol, 1e-5), atol=max(tol, 1e-6),
                            equal_nan=True))
    return None if same else f"have {have!r}, want {literal}"


def check(path):
    row = read_row(path)
    if row["name"] in DIFFERENT:
        return None
    try:
        have = run(path, row)
    except Exception as error:  # whatever TensorFlow throws is an answer
        if row["code"] != "OK":
            return None
        return "TensorFlow fails: " + " | ".join(str(error).splitlines()[:4])
    if row["code"] != "OK":
        return f"TensorFlow gives {have!r}, the row wants {row['code']}"
    for value, literal in zip(have, row["out"]):
        wrong = differs(value, literal, float(row["tol"]))
        if wrong:
            return wrong
    return None


def main():
    tf.disable_eager_execution()
    bad = 0
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.row"))
    for path in paths:
        wrong = check(path)
        if wrong:
            bad += 1
            print(f"{path.stem} {read_row(path)['name']}: {wrong}")
    print(f"{len(paths)} rows, {bad} differ")
    sys.exit(bad > 0 or not paths)


main()
