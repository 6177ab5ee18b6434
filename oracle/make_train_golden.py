#!/usr/bin/env python3
"""Writes tests/golden/train: a small model to train on, with TensorFlow.

line.meta, line.ckpt-0   a line through points: MatMul, mean of squares, momentum,
                         a partitioned variable in two slices, a moving average, two
                         saved names that are not the variables' own
x.npy, y.npy             batches for four steps: small whole numbers, so that every
                         value is exact
losses.npy, after-4      what TensorFlow makes of them
"""
import os
import pathlib
import shutil
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow.compat.v1 as tf

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/train"


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    os.chdir(OUT)
    tf.disable_v2_behavior()
    random = np.random.RandomState(1)
    x = random.randint(-2, 3, (4, 8, 3)).astype("float32")
    y = random.randint(-4, 5, (4, 8, 2)).astype("float32")
    np.save("x.npy", x)
    np.save("y.npy", y)

    places = (tf.placeholder(tf.float32, [None, 3], "x"), tf.placeholder(tf.float32, [None, 2], "y"))
    step = tf.train.get_or_create_global_step()
    w = tf.get_variable("w", initializer=np.array([[1, 2], [0, -1], [2, 1]], "float32"))
    b = tf.get_variable("b", initializer=np.array([1, -1], "float32"), use_resource=True)
    table = tf.get_variable("table", [4, 2], tf.float32, tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2))
    counted = tf.get_variable("never_run", [2], tf.float32, tf.zeros_initializer(), trainable=False)
    out = tf.add(tf.matmul(places[0], w), b, name="out")
    loss = tf.reduce_mean(tf.square(out - places[1]), name="loss")
    optimizer = tf.train.MomentumOptimizer(1 / 16, 0.5)
    train = optimizer.minimize(loss, step, [w, b], name="train")
    parts = list(table)
    names = {"w": w, "bias": b, "global_step": step, "table": table, "momentum/w": optimizer.get_slot(w, "momentum"),
             "b/Momentum": optimizer.get_slot(b, "momentum")}
    saver = tf.train.Saver(names, save_relative_paths=True)
    with tf.Session() as session:
        session.run([tf.global_variables_initializer()])
        saver.save(session, "./line.ckpt", 0)
        losses = [session.run([loss, train], {places[0]: x[i], places[1]: y[i]})[0] for i in range(4)]
        np.save("losses.npy", np.array(losses, "float32"))
        saver.save(session, "./after", 4, write_meta_graph=False, write_state=False)
    del counted, parts
    pathlib.Path("line.ckpt-0.meta").rename("line.meta")
    print(losses)


sys.exit(main())
