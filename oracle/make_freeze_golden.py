#!/usr/bin/env python3
"""Writes tests/golden/freeze, with TensorFlow.

    oracle/make_freeze_golden.py

NAME.meta, .index, .data-*   the models of freezable_models.py
NAME.txt                     what TensorFlow makes of them: "outputs A B", then for
                             each run its "feed x = float[2] 1 2" and "fetch y = ..."
                             lines behind a "run"; and for those that TensorFlow can
                             freeze itself "node NAME OP INPUT..." for each of the
                             frozen nodes, in their order
unfit.index, .data-*         a checkpoint for `pair`: one key is missing, one value of
                             another shape, one of another type
"""
import pathlib
import shutil
import sys

from freezable_models import MODELS, Model, np, tf

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/freeze"
NAMES = {"float32": "float"}


def literal(value):
    value = np.asarray(value)
    kind = NAMES.get(value.dtype.name, value.dtype.name)
    shape = "[%s]" % ",".join(map(str, value.shape)) if value.shape else ""
    items = ["%g" % v if value.dtype.kind == "f" else str(v).lower()
             for v in value.ravel()]
    return " ".join([kind + shape, *items])


def describe(model):
    lines = ["outputs " + " ".join(model.outputs)]
    for feeds, answers in zip(model.runs, model.answers):
        lines.append("run")
        lines += ["feed %s = %s" % (k, literal(v)) for k, v in feeds.items()]
        lines += ["fetch %s = %s" % (k, literal(v))
                  for k, v in zip(model.outputs, answers)]
    for node in model.frozen.node if model.frozen else []:
        lines.append(" ".join(["node", node.name, node.op, *node.input]))
    return "\n".join(lines) + "\n"


def unfit():
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("a", initializer=np.zeros([3], "float32"))
        tf.get_variable("inner/c", initializer=np.zeros([2], "int32"))
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(OUT / "unfit"), write_meta_graph=False,
                              write_state=False)


def main():
    tf.disable_eager_execution()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for name in MODELS:
        (OUT / (name + ".txt")).write_text(describe(Model(name, str(OUT))))
    unfit()


if __name__ == "__main__":
    sys.exit(main())
