"""Writes SavedModels that can be trained on, with TensorFlow, and what it makes of
them.

    python oracle/make_train_saved.py OUT_DIR  (committed as tests/golden/train_saved)

functions  TensorFlow 2: a signature that trains (with momentum, whose slots are
           variables too), and one that predicts
tagged     TensorFlow 1: a meta graph to train with (tag and train op), and one to
           serve

answers.json has, for steps on the batches of tests/golden/train, the losses and the
variables afterwards.
"""
import json
import os
import pathlib
import shutil
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
STEPS = 6
BATCHES = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/train"


class Line(tf.Module):
    def __init__(self):
        self.w = tf.Variable(np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2),
                             name="w")
        self.b = tf.Variable([0.5, -0.5], name="b")
        self.slots = [tf.Variable(tf.zeros_like(v), trainable=False, name="slot")
                      for v in (self.w, self.b)]
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], name="x"),
                                  tf.TensorSpec([None, 2], name="y")])
    def train(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ self.w + self.b - y))
        both = [self.w, self.b]
        for v, slot, dv in zip(both, self.slots, tape.gradient(loss, both)):
            slot.assign(0.9 * slot + dv)
            v.assign_sub(0.1 * slot)
        return {"loss": loss, "step": self.step.assign_add(1)}

    @tf.function(input_signature=[tf.TensorSpec([None, 3], name="x")])
    def predict(self, x):
        return {"y": x @ self.w + self.b}


def functions(folder, batches):
    line = Line()
    tf.saved_model.save(line, str(folder), signatures={
        "serving_default": line.predict, "train": line.train})
    losses = [float(line.train(x, y)["loss"]) for x, y in batches]
    return losses, {"w": line.w.numpy(), "b": line.b.numpy()}


def graph(train):
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    w = tf1.get_variable("w", use_resource=True, initializer=tf.constant(
        np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)))
    b = tf1.get_variable("b", use_resource=False, initializer=tf.constant([0.5, -0.5]))
    out = tf1.add(x @ w, b, name="out")
    if not train:
        info = tf1.saved_model.build_tensor_info
        return None, None, {"serving_default": tf1.saved_model.build_signature_def(
            {"x": info(x)}, {"y": info(out)}, "tensorflow/serving/predict")}
    y = tf1.placeholder(tf.float32, [None, 2], name="y")
    loss = tf.reduce_mean(tf.square(out - y), name="loss")
    op = tf1.train.AdamOptimizer(0.1).minimize(
        loss, tf1.train.get_or_create_global_step(), name="train")
    tf1.add_to_collection("saved_model_train_op", op)
    return op, loss, {}


def tagged(folder, batches):
    builder = tf1.saved_model.Builder(str(folder))
    with tf1.Graph().as_default(), tf1.Session() as session:
        op, loss, signatures = graph(True)
        session.run(tf1.global_variables_initializer())
        builder.add_meta_graph_and_variables(session, ["train"], signatures,
                                             strip_default_attrs=True)
        losses = [float(session.run([loss, op], {"x:0": x, "y:0": y})[0])
                  for x, y in batches]
        after = {v.op.name: session.run(v) for v in tf1.global_variables()}
    with tf1.Graph().as_default():
        builder.add_meta_graph(["serve"], graph(False)[2], strip_default_attrs=True)
    builder.save()
    return losses, after


def main():
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    x, y = np.load(BATCHES / "x.npy"), np.load(BATCHES / "y.npy")
    batches = [(x[i % len(x)], y[i % len(y)]) for i in range(STEPS)]
    answers = {}
    for name, make in (("functions", functions), ("tagged", tagged)):
        losses, after = make(out / name, batches)
        answers[name] = {"losses": losses,
                         "after": {k: np.asarray(v).tolist() for k, v in after.items()}}
    for part in ("functions/assets", "functions/fingerprint.pb"):
        path = out / part
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (out / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
