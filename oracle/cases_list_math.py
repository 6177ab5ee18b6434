"""Writes tests/conformance/list_math.cases: sums and zeros of tensor lists."""
import numpy as np

from chain_writer import Chains
from case_writer import tf

r = tf.raw_ops
cases = Chains("list_math")
x = np.arange(6, dtype=np.float32).reshape(3, 2)


def of(t):
    return r.TensorListFromTensor(tensor=t, element_shape=[2])


def stack(handle, n=3):
    return r.TensorListStack(input_handle=handle, element_shape=[2],
                             element_dtype=tf.float32, num_elements=n)


def some(t, at):
    """A list of three with one element that is set."""
    empty = r.TensorListReserve(element_shape=[2], num_elements=3,
                                element_dtype=tf.float32)
    return r.TensorListSetItem(input_handle=empty, index=at, item=t[0])


cases.chain("AddN of two lists", [x, 2 * x],
            lambda a, b: stack(r.AddN(inputs=[of(a), of(b)])))
cases.chain("AddN of three lists", [x, 2 * x],
            lambda a, b: stack(r.AddN(inputs=[of(a), of(b), of(a)])))
cases.chain("AddN leaves its inputs alone", [x],
            lambda a: (lambda l: [stack(r.AddN(inputs=[l, l])), stack(l)])(of(a)))
cases.chain("AddN of one list", [x], lambda a: stack(r.AddN(inputs=[of(a)])))
cases.chain("AddN with unset elements", [x + 1],
            lambda a: stack(r.AddN(inputs=[some(a, 0), some(a, 2), some(a, 0)])))
cases.chain("AddN of lists of other lengths", [x],
            lambda a: stack(r.AddN(inputs=[of(a), of(a[:2])])))
cases.chain("ZerosLike", [x], lambda a: stack(r.ZerosLike(x=of(a))))
cases.chain("ZerosLike with unset elements", [x],
            lambda a: stack(r.ZerosLike(x=some(a, 1))))
cases.write()
