"""Prints the median seconds of one training step in TensorFlow, on two threads.

    train_tensorflow.py CHECKPOINT TRAIN_OP LOSS STEPS batch:NAME=FILE.npy... feed:NAME=FILE.npy...

Row i of a batch is fed at step i, the rest in every step.
"""
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tensorflow_2

tf = tensorflow_2.compat.v1


def main():
    prefix, train_op, loss, steps, *words = sys.argv[1:]
    names, rows = [], []
    for word in words:
        kind, rest = word.split(":", 1)
        name, path = rest.rsplit("=", 1)
        names.append(name)
        value = np.load(path)
        rows.append([row for row in value] if kind == "batch" else [value])
    with tf.Graph().as_default():
        saver = tf.train.import_meta_graph(prefix + ".meta")
        config = tf.ConfigProto(intra_op_parallelism_threads=2,
                                inter_op_parallelism_threads=2)
        with tf.Session(config=config) as session:
            saver.restore(session, prefix)
            run = session.make_callable([loss, train_op], feed_list=names)
            times = []
            for i in range(int(steps)):
                values = [r[i % len(r)] for r in rows]
                begin = time.perf_counter()
                run(*values)
                times.append(time.perf_counter() - begin)
    print(statistics.median(times))


if __name__ == "__main__":
    main()
