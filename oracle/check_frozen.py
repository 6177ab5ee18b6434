#!/usr/bin/env python3
"""Freezes small models with firn and lets TensorFlow judge the result.

    oracle/check_frozen.py FIRN [NAME]...

Makes the models of freezable_models.py, freezes each with the program FIRN, and for
each checks that TensorFlow imports the frozen graph and gets from it what it got from
the variables; where TensorFlow's own tool gives a graph that TensorFlow imports, also
that firn's has the same nodes. Prints "N passed, N failed".
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

from freezable_models import MODELS, Model, np, tf

tf.disable_eager_execution()


def freeze(firn, model, path, *more):
    done = subprocess.run(
        [firn, "freeze", model.prefix + ".meta", "--outputs", ",".join(model.outputs),
         "-o", path, *more], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError("firn says: " + done.stderr.strip())
    definition = tf.GraphDef.FromString(pathlib.Path(path).read_bytes())
    assert done.stdout == "%d ops in the final graph.\n" % len(definition.node), done.stdout
    return definition


def same_answers(model, definition):
    definition = tf.GraphDef.FromString(definition.SerializeToString())  # import adds to it
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(definition, name="")
        for feeds, wanted in zip(model.runs, model.answers):
            got = session.run(model.outputs, {k + ":0": v for k, v in feeds.items()})
            for name, have, want in zip(model.outputs, got, wanted):
                assert have.dtype == want.dtype, name
                np.testing.assert_array_equal(have, want, name)


def by_name(definition):
    return {node.name: node for node in definition.node}


def same_nodes(model, definition):
    """Node for node, attr for attr; tensors by value."""
    have, want = by_name(definition), by_name(model.frozen)
    assert sorted(have) == sorted(want), sorted(set(have) ^ set(want))
    for name, node in want.items():
        mine = have[name]
        assert (mine.op, list(mine.input)) == (node.op, list(node.input)), (mine, node)
        assert sorted(mine.attr) == sorted(node.attr), (mine, node)
        for key in node.attr:
            a, b = mine.attr[key], node.attr[key]
            if a.HasField("tensor") and b.HasField("tensor"):
                a, b = map(tf.make_ndarray, (a.tensor, b.tensor))
                assert a.dtype == b.dtype, name
                np.testing.assert_array_equal(a, b, name)
            else:
                assert a == b, (name, key, a, b)


def left_alone(firn, model, path):
    """A variable that is kept is still one: restored, the graph runs as before."""
    definition = freeze(firn, model, path, "--keep-variables", "b")
    nodes = by_name(definition)
    assert nodes["b"].op == "VariableV2" and nodes["a"].op == "Const"
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(definition, name="")
        session.run(tf.raw_ops.Assign(
            ref=graph.get_tensor_by_name("b:0"), value=[10.0, 20.0]))
        for feeds, wanted in zip(model.runs, model.answers):
            got = session.run(model.outputs, {k + ":0": v for k, v in feeds.items()})
            np.testing.assert_array_equal(got, wanted)


def placed(firn, model, path):
    assert not any(node.device for node in freeze(firn, model, path).node)
    definition = freeze(firn, model, path, "--keep-devices")
    assert by_name(definition)["y"].device == "/device:CPU:0"
    same_answers(model, definition)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("firn")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    passed = failed = 0

    def check(label, call, *arguments):
        nonlocal passed, failed
        try:
            call(*arguments)
            passed += 1
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print("FAIL %s: %s" % (label, str(error)[:2000]))

    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/frozen.pb"
        for name in options.names or MODELS:
            model = Model(name, folder)
            try:
                definition = freeze(options.firn, model, path)
            except (AssertionError, OSError) as error:
                check(name, lambda error=error: (_ for _ in ()).throw(error))
                continue
            check(name + ", values", same_answers, model, definition)
            if model.frozen:
                check(name + ", nodes", same_nodes, model, definition)
            if name == "pair":
                check("pair, one kept", left_alone, options.firn, model, path)
            if name == "devices":
                check("devices, kept", placed, options.firn, model, path)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
