#!/usr/bin/env python3
"""Writes tests/golden/build: the first values that TensorFlow gives the variables of
tests/support/built_graphs.h, as a checkpoint.

    oracle/make_build_golden.py tests/golden/build
"""
import pathlib
import sys

import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def variables():
    """In the order and with the seeds of build_first_values."""
    normal = lambda seed=None: tf.random_normal_initializer(0.5, 0.25, seed=seed)
    uniform = lambda seed=None: tf.random_uniform_initializer(-1, 2, seed=seed)
    cut = lambda seed=None: tf.truncated_normal_initializer(0, 0.5, seed=seed)
    scaled = lambda scale, mode, distribution: tf.variance_scaling_initializer(
        scale, mode, distribution)
    return [
        ("zeros", [40, 30], tf.zeros_initializer()),
        ("ones", [3], tf.ones_initializer()),
        ("constant", [2, 2], tf.constant_initializer(0.1)),
        ("normal", [7, 9], normal()),
        ("normal_seeded", [1000], normal(42)),
        ("uniform", [5, 3], uniform()),
        ("uniform_seeded", [4, 2, 3], uniform(-7)),
        ("cut", [11, 5], cut()),
        ("cut_seeded", [300], cut(0)),
        ("glorot_uniform", [3, 3, 4, 8], tf.glorot_uniform_initializer()),
        ("glorot_normal", [6, 10], tf.glorot_normal_initializer()),
        ("he_uniform", [5, 5, 2, 3], tf.initializers.he_uniform()),
        ("he_normal", [8], tf.initializers.he_normal()),
        ("lecun_uniform", [4, 6], tf.initializers.lecun_uniform()),
        ("lecun_normal", [4, 6], tf.initializers.lecun_normal()),
        ("double_normal", [3, 5], normal()),
    ]


def main():
    folder = pathlib.Path(sys.argv[1])
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(5)
        for name, shape, first in variables():
            dtype = tf.float64 if name.startswith("double") else tf.float32
            tf.get_variable(name, shape, dtype, first, use_resource=True)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(folder / "first_values"),
                              write_meta_graph=False, write_state=False)


if __name__ == "__main__":
    main()
