#!/usr/bin/env python3
"""Lets TensorFlow judge the graphs that firn builds.

    oracle/check_built.py BUILD

BUILD is a build folder. Of the graphs of tests/built/write_built.c each is imported
from its .meta; TensorFlow runs its "init" and "train" and must come to the variables
that firn saved, bit for bit where nothing was trained; restores firn's checkpoint by
the graph's saver and must fetch what firn did; and saves it again. Of the programs of
examples/ the files must load and answer as in firn. Prints "N passed, N failed".
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
STEPS = 3


def imported(prefix):
    graph = tf.Graph()
    with graph.as_default():
        return graph, tf.train.import_meta_graph(str(prefix) + ".meta")


def named(archive):
    return {k + ":0": v for k, v in np.load(archive).items()}


def check_values(prefix):
    """What TensorFlow's own init and train steps come to."""
    graph, _ = imported(prefix)
    trains = "train" in {n.name for n in graph.as_graph_def().node}
    reader = tf.train.load_checkpoint(str(prefix))
    feeds = named(str(prefix) + ".feeds.npz")
    with tf.Session(graph=graph) as session:
        session.run("init", feeds)
        for _ in range(STEPS if trains else 0):
            session.run("train", feeds)
        variables = graph.get_collection("variables")
        assert sorted(v.op.name for v in variables) == sorted(
            reader.get_variable_to_shape_map()), "other variables"
        for variable, want in zip(variables, session.run(variables)):
            have = reader.get_tensor(variable.op.name)
            assert have.dtype == want.dtype and have.shape == want.shape
            if trains:
                np.testing.assert_allclose(have, want, 2e-6, 1e-6, err_msg=variable.name)
            else:
                np.testing.assert_array_equal(have, want, variable.name)


def check_answers(prefix):
    graph, saver = imported(prefix)
    with tf.Session(graph=graph) as session:
        saver.restore(session, str(prefix))
        feeds = named(str(prefix) + ".feeds.npz")
        wants = named(str(prefix) + ".fetches.npz")
        for name, have in wants.items():
            want = session.run(name, feeds)
            assert have.dtype == want.dtype and have.shape == want.shape, name
            np.testing.assert_allclose(have, want, 1e-5, 1e-6, err_msg=name)
        saver.save(session, str(prefix) + ".again", write_meta_graph=False)


def check_meta(prefix):
    """The .meta is what TensorFlow would write of that graph, but for its pride."""
    meta = tf.MetaGraphDef.FromString(pathlib.Path(str(prefix) + ".meta").read_bytes())
    graph, _ = imported(prefix)
    with graph.as_default():
        again = tf.train.export_meta_graph(saver_def=meta.saver_def)
    for key in set(meta.collection_def) | set(again.collection_def):
        assert meta.collection_def[key] == again.collection_def[key], key
    ours = {n.name: n for n in meta.graph_def.node}
    for node in again.graph_def.node:
        mine = ours.pop(node.name)
        assert (mine.op, sorted(mine.input)) == (node.op, sorted(node.input)), node
        for key in set(mine.attr) | set(node.attr):
            if not key.startswith("_"):
                assert mine.attr[key] == node.attr[key], (node.name, key)
    assert not ours, ours
    ops = lambda m: [op.name for op in m.meta_info_def.stripped_op_list.op]
    assert ops(meta) == ops(again)
    assert meta.graph_def.versions.producer == again.graph_def.versions.producer


def frozen(path, feeds, fetch):
    definition = tf.GraphDef.FromString(pathlib.Path(path).read_bytes())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(definition, name="")
        return session.run(fetch, feeds)


def check_export_frozen(build, folder):
    path, feed, answer = (str(folder / n) for n in ("frozen.pb", "x.npy", "y.npy"))
    subprocess.run([build / "examples/export_frozen", path], check=True,
                   stdout=subprocess.DEVNULL)
    x = np.random.RandomState(1).rand(7, 784).astype(np.float32)
    np.save(feed, x)
    subprocess.run([build / "firn", "run", path, "--feed", "input=" + feed, "--fetch",
                    "output=" + answer], check=True)
    have, want = np.load(answer), frozen(path, {"input:0": x}, "output:0")
    assert want.shape == (7, 10)
    np.testing.assert_allclose(have, want, 1e-5, 1e-7)

    # The weights are those that the same lines give in TensorFlow.
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        weights = tf.get_variable("weights", [784, 10],
                                  initializer=tf.random_normal_initializer(0, 0.1))
        session.run(weights.initializer)
        np.testing.assert_array_equal(frozen(path, {}, "weights:0"), session.run(weights))


def batch(digits, step):
    """The rows that resume_training takes for the step after `step`."""
    row = 360 + (step + 1) * 64 % (1437 - 64)
    return {k + ":0": v[row:row + 64] for k, v in digits.items()}


def same_variables(folder, session, tolerance):
    reader = tf.train.load_checkpoint(str(folder))
    for variable in session.graph.get_collection("variables"):
        have, want = reader.get_tensor(variable.op.name), session.run(variable)
        np.testing.assert_allclose(have, want, tolerance, tolerance, err_msg=variable.name)


def check_train_digits(build, folder):
    """firn trains, TensorFlow and firn go on from there, each on its own; then firn from
    what TensorFlow saved."""
    folder, theirs = folder / "digits", folder / "theirs"
    folder.mkdir()
    theirs.mkdir()
    data = pathlib.Path(__file__).resolve().parent.parent / "demo/digits"
    files = [data / "images.npy", data / "labels.npy"]
    digits = {"image": np.load(files[0]), "label": np.load(files[1])}
    said = subprocess.run(
        [build / "examples/train_digits", *files, folder / "digits", folder / "frozen.pb"],
        check=True, capture_output=True, text=True).stdout
    test = {k + ":0": v[:360] for k, v in digits.items()}
    accuracy = float(frozen(folder / "frozen.pb", test, "accuracy:0"))
    assert accuracy > 0.95 and f"{accuracy * 100:.1f} %" in said, (accuracy, said)

    graph, saver = imported(folder / "digits")
    with tf.Session(graph=graph) as session:
        saver.restore(session, str(folder / "digits"))
        resume = lambda where: subprocess.run(
            [build / "examples/resume_training", *files, where, "10"], check=True,
            stdout=subprocess.DEVNULL)
        resume(folder)
        for step in range(800, 810):
            session.run("Adam", batch(digits, step))
        same_variables(folder, session, 1e-4)
        saver.save(session, str(theirs / "digits"), 810)
        resume(theirs)
        for step in range(810, 820):
            session.run("Adam", batch(digits, step))
        same_variables(theirs, session, 1e-4)


def main():
    build = pathlib.Path(sys.argv[1])
    passed = failed = 0

    def check(what, function, *args):
        nonlocal passed, failed
        try:
            function(*args)
            passed += 1
        except Exception as error:  # each is one finding, whatever it is
            failed += 1
            print(f"{what}: {str(error).strip()[:2000]}")

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([build / "tests/built/write_built", folder], check=True)
        for meta in sorted(folder.glob("*.meta")):
            prefix = meta.with_suffix("")
            check(prefix.name + " values", check_values, prefix)
            check(prefix.name + " answers", check_answers, prefix)
            check(prefix.name + " meta", check_meta, prefix)
        check("export_frozen", check_export_frozen, build, folder)
        check("train_digits", check_train_digits, build, folder)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
