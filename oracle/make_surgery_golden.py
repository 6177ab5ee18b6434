#!/usr/bin/env python3
"""Writes tests/golden/surgery: checkpoints to operate on, with TensorFlow.

averages     names of TensorFlow 1: two layers, Momentum and Adam, moving averages
slots-1      objects: a net and an optimiser with slot variables; a name with a
             slash and a dot; two variables of one name
keras-1      objects: a net and a Keras 3 optimiser, which lists its variables
table-1      objects: a net and a lookup table
"""
import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/surgery"


class Net(tf.Module):
    def __init__(self):
        super().__init__("net")
        self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="dense/w")
        self.b = tf.Variable([0.5, -0.5], name="dense/b")

    def __call__(self, x):
        return x @ self.w + self.b


def train(net, optimizer):
    variables = [net.w, net.b]
    for step in range(2):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(net(tf.ones([1, 2]) * (step + 1.0)) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))


def averages():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 2])
        for name in ("one", "two"):
            with v1.variable_scope(name):
                w = v1.get_variable("w", initializer=np.eye(2, dtype="float32") * 2)
                b = v1.get_variable("b", initializer=np.zeros(2, "float32"))
                x = x @ w + b
        step = v1.train.get_or_create_global_step()
        loss = tf.reduce_sum((x - 1) ** 2)
        mean = tf.train.ExponentialMovingAverage(0.5)
        first = v1.train.MomentumOptimizer(0.01, 0.5).minimize(loss, step)
        with tf.control_dependencies([first]):
            second = v1.train.AdamOptimizer(0.01).minimize(loss)
        with tf.control_dependencies([second]):
            both = mean.apply(v1.trainable_variables())
        session.run(v1.global_variables_initializer())
        for _ in range(2):
            session.run(both, {"Placeholder:0": np.ones((1, 2), "float32")})
        v1.train.Saver().save(session, "averages", write_meta_graph=False, write_state=False)


def save(name, **objects):
    checkpoint = tf.train.Checkpoint(**objects)
    checkpoint.save(name)


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    os.chdir(OUT)
    averages()

    import tf_keras
    net = Net()
    optimizer = tf_keras.optimizers.legacy.Adam(0.25)
    train(net, optimizer)
    odd = tf.Module()
    setattr(odd, "a/b.c", tf.Variable(7, name="Variable"))
    odd.list = [tf.Variable([True, False], name="Variable")]
    save("slots", net=net, optimizer=optimizer, odd=odd)

    net = Net()
    optimizer = tf.keras.optimizers.Adam(0.25)
    train(net, optimizer)
    save("keras", net=net, optimizer=optimizer)

    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    table.insert(tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64))
    save("table", net=Net(), table=table)
    os.remove("checkpoint")


if __name__ == "__main__":
    main()
