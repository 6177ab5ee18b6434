"""Inputs that the case scripts of the maths ops share."""
import numpy as np
import tensorflow as tf

bfloat16 = tf.bfloat16.as_numpy_dtype
FLOATS = [np.float32, np.float64, np.float16, bfloat16]
SINGLES = [np.float32, np.float64]
COMPLEXES = [np.complex64, np.complex128]
SIGNED = [np.int8, np.int16, np.int32, np.int64]
UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]
INTS = SIGNED + UNSIGNED
FIELD = FLOATS + COMPLEXES
NUMBERS = FIELD + INTS


def name_of(dtype):
    return tf.as_dtype(dtype).name


def numbers(dtype, shape, low=-4, high=4, seed=0):
    """Numbers of a type; integers and floats in [low, high)."""
    rng = np.random.RandomState(seed + 1)
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        both = rng.uniform(low, high, (2, *shape))
        return np.asarray(both[0] + 1j * both[1]).astype(dtype)
    if dtype.kind in "iu":
        low = max(low, 0) if dtype.kind == "u" else low
        return rng.randint(low, high, shape).astype(dtype)
    return np.asarray(rng.uniform(low, high, shape)).astype(dtype)


ODD = [np.nan, -0.0, 0.0, np.inf, -np.inf, 0.5, 1.5, 2.5, -0.5, -1.5, 1, -1, 30,
       -30]
"""Floats at which functions bend."""


def pairs(values):
    """Every value with every other, as two vectors."""
    a, b = np.meshgrid(values, values)
    return a.reshape(-1), b.reshape(-1)


def extremes(dtype):
    info = np.iinfo(dtype)
    return [info.min, info.min + 1, -1 if info.min < 0 else 5, 1, 2, 7,
            info.max - 1, info.max]
