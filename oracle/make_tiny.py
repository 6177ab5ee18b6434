"""Writes the tiny files that docs/formats takes apart byte by byte, with TensorFlow.

    python oracle/make_tiny.py OUT_DIR        (committed as tests/golden/tiny)

tiny     a checkpoint of two variables
pieces   a checkpoint with a variable in two slices, and strings
graph.pb a graph of two nodes
"""
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tensorflow_2

tf = tensorflow_2.compat.v1


def save(prefix, make):
    with tf.Graph().as_default(), tf.Session() as session:
        make()
        session.run(tf.global_variables_initializer())
        tf.train.Saver(save_relative_paths=True).save(
            session, str(prefix), write_meta_graph=False,
            latest_filename=prefix.name + ".checkpoint")


def tiny():
    tf.get_variable("dense/w", initializer=tf.constant([1.0, -2.0]))
    tf.get_variable("step", initializer=tf.constant(7, tf.int64))


def counted(shape, dtype, partition_info):
    first = partition_info.var_offset[0] + 1
    return tf.range(first, first + shape[0], dtype=dtype)


def pieces():
    tf.get_variable("p", [4], tf.int32, counted,
                    partitioner=tf.fixed_size_partitioner(2))
    tf.get_variable("s", initializer=tf.constant(["a", "bcd"]))


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    tf.disable_v2_behavior()
    save(out / "tiny", tiny)
    save(out / "pieces", pieces)
    (out / "pieces.checkpoint").unlink()
    (out / "tiny.checkpoint").rename(out / "checkpoint")
    with tf.Graph().as_default() as graph:
        tf.nn.relu(tf.placeholder(tf.float32, [None, 2], name="x"), name="y")
        (out / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString(
            deterministic=True))


if __name__ == "__main__":
    main()
