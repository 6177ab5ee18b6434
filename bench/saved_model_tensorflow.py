"""Loads a SavedModel in TensorFlow and runs one signature once: the whole life of a process.

    saved_model_tensorflow.py FOLDER TAGS SIGNATURE NAME=FILE.npy...
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf


def main():
    folder, tags, signature, *words = sys.argv[1:]
    inputs = {}
    for word in words:
        name, path = word.rsplit("=", 1)
        inputs[name] = tf.constant(np.load(path))
    model = tf.saved_model.load(folder, tags=tags.split(","))
    for value in model.signatures[signature](**inputs).values():
        np.asarray(value)


if __name__ == "__main__":
    main()
