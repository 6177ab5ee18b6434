"""Inputs that the case scripts of strings and examples share."""
import numpy as np
import tensorflow as tf


def S(*texts):
    return np.array([t.encode() if isinstance(t, str) else t for t in texts],
                    object)


def one(text):
    return np.array(text, object)


def feature(value):
    """A Feature of a list's values; of a type's name alone: without any."""
    f = tf.train.Feature()
    if value is None:
        return f
    kind = {bytes: f.bytes_list, float: f.float_list, int: f.int64_list}
    empty = isinstance(value[0], type)
    target = kind[value[0] if empty else type(value[0])]
    target.value.extend([] if empty else value)
    target.SetInParent()
    return f
