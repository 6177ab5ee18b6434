"""Prints the median seconds of one warm inference in TensorFlow, on one thread.

    warm_tensorflow.py FROZEN.pb NAME=FILE.npy... -- FETCH...
"""
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tensorflow_2

tf = tensorflow_2.compat.v1
SECONDS, AT_LEAST = 5, 5


def tensor_name(name):
    return name if ":" in name else name + ":0"


def main():
    split = sys.argv.index("--")
    graph = tf.GraphDef()
    with open(sys.argv[1], "rb") as file:
        graph.ParseFromString(file.read())
    feeds = {}
    for word in sys.argv[2:split]:
        name, path = word.rsplit("=", 1)
        feeds[tensor_name(name)] = np.load(path)
    fetches = [tensor_name(name) for name in sys.argv[split + 1:]]
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")
        config = tf.ConfigProto(intra_op_parallelism_threads=1,
                                inter_op_parallelism_threads=1)
        with tf.Session(config=config) as session:
            run = session.make_callable(fetches, feed_list=list(feeds))
            values, times = list(feeds.values()), []
            for _ in range(3):
                run(*values)
            end = time.perf_counter() + SECONDS
            while len(times) < AT_LEAST or time.perf_counter() < end:
                begin = time.perf_counter()
                run(*values)
                times.append(time.perf_counter() - begin)
    print(statistics.median(times))


if __name__ == "__main__":
    main()
