"""Writes tests/conformance/tensor_array.cases: TensorArrays and stacks."""
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("tensor_array")
f32, I, L = np.float32, np.int32, np.int64
abc = np.arange(6, dtype=f32).reshape(3, 2)


class Array:
    """A V3 array, its flow carried along."""

    def __init__(self, size, dtype=tf.float32, handle=None, flow=None, **more):
        self.dtype = dtype
        if handle is None:
            handle, flow = raw.TensorArrayV3(size=size, dtype=dtype, **more)
        self.handle, self.flow = handle, flow

    def on(self, flow):
        self.flow = flow
        return self

    def put(self, i, x):
        return self.on(raw.TensorArrayWriteV3(
            handle=self.handle, index=i, value=x, flow_in=self.flow))

    def scatter(self, i, x):
        return self.on(raw.TensorArrayScatterV3(
            handle=self.handle, indices=i, value=x, flow_in=self.flow))

    def split(self, x, lengths):
        return self.on(raw.TensorArraySplitV3(
            handle=self.handle, value=x, lengths=lengths, flow_in=self.flow))

    def get(self, i, dtype=None):
        return raw.TensorArrayReadV3(handle=self.handle, index=i,
                                     flow_in=self.flow,
                                     dtype=dtype or self.dtype)

    def gather(self, i, **more):
        return raw.TensorArrayGatherV3(handle=self.handle, indices=i,
                                       flow_in=self.flow, dtype=self.dtype,
                                       **more)

    def concat(self, **more):
        return list(raw.TensorArrayConcatV3(
            handle=self.handle, flow_in=self.flow, dtype=self.dtype, **more))

    def size(self):
        return raw.TensorArraySizeV3(handle=self.handle, flow_in=self.flow)

    def gradient(self, source="g", prepend=None):
        if prepend is None:
            h, f = raw.TensorArrayGradV3(handle=self.handle, flow_in=self.flow,
                                         source=source)
        else:
            h, f = raw.TensorArrayGradWithShape(
                handle=self.handle, flow_in=self.flow, source=source,
                shape_to_prepend=prepend)
        return Array(0, self.dtype, h, f)


def every_type(x):
    a = Array(3, x.dtype, clear_after_read=False).scatter([0, 1, 2], x)
    return [a.get(1), a.gather([2, 0]), a.size(), *a.concat()]


for t in ["bool", "half", "float32", "float64", "int8", "int16", "int32",
          "int64", "uint8", "uint16", "uint32", "uint64", "complex64",
          "complex128", "bfloat16"]:
    np_type = tf.as_dtype(t if t != "half" else "float16").as_numpy_dtype
    cases.chain(f"every type {t}", [abc.astype(np_type)], every_type)
cases.chain("every type string",
            [np.array([["a", "b" * 40], ["", "c"], ["d", "e"]], object)],
            every_type)


def in_order(x, y):
    """Reads x before y is there."""
    with tf.control_dependencies([x]):
        return [x, y()]


cases.chain("read twice", [abc[0]], lambda x: in_order(
    *(lambda a: (a.get(0), lambda: a.get(0)))(Array(1).put(0, x))))
cases.chain("read twice, kept", [abc[0]], lambda x: in_order(
    *(lambda a: (a.get(0), lambda: a.get(0)))(
        Array(1, clear_after_read=False).put(0, x))))
cases.chain("write twice", [abc[0]],
            lambda x: Array(1).put(0, x).put(0, x).get(0))
cases.chain("write behind the end", [I(2), abc[0]],
            lambda i, x: Array(2).put(i, x).get(i))
cases.chain("write at -1", [I(-1), abc[0]],
            lambda i, x: Array(2).put(i, x).size())
cases.chain("write behind the end, dynamic", [I(5), abc[0]], lambda i, x: (
    lambda a: [a.get(i), a.size()])(Array(2, dynamic_size=True).put(i, x)))
cases.chain("read behind the end", [I(2), abc[0]],
            lambda i, x: Array(2).put(0, x).get(i))
cases.chain("read at -1", [I(-1), abc[0]],
            lambda i, x: Array(2).put(0, x).get(i))
cases.chain("read what was not written", [abc[0]],
            lambda x: Array(2).put(0, x).get(1))
cases.chain("read what was not written, known", [abc[0]],
            lambda x: Array(2, element_shape=[2]).put(0, x).get(1))
cases.chain("read what was not written, partly known", [abc[0]],
            lambda x: Array(2, element_shape=[None]).put(0, x).get(1))
cases.chain("read what was not written, identical", [abc[0]],
            lambda x: Array(2, identical_element_shapes=True).put(0, x).get(1))
cases.chain("read as another type", [abc[0]],
            lambda x: Array(2).put(0, x).get(0, tf.int32))
cases.chain("write of another type", [I([1])],
            lambda x: Array(2).put(0, x).size())
cases.chain("write of another shape", [abc[0]],
            lambda x: Array(2, element_shape=[3]).put(0, x).size())
cases.chain("identical shapes differ", [abc[0]],
            lambda x: Array(2, identical_element_shapes=True).put(0, x).put(
                1, x[:1]).size())
cases.chain("shapes may differ", [abc[0]], lambda x: (
    lambda a: [a.get(0), a.get(1)])(Array(2).put(0, x).put(1, x[:1])))
cases.chain("write after reading", [abc[0]], lambda x: in_order(
    *(lambda a: (a.get(0), lambda: a.put(0, x).size()))(
        Array(1, clear_after_read=False).put(0, x))))
cases.chain("size -1", [I(-1)], lambda n: Array(n).size())
cases.chain("size 0", [I(0)], lambda n: Array(n).size())
cases.chain("size is no scalar", [I([1, 2])], lambda n: Array(n).size())
cases.chain("index is no scalar", [I([0, 1]), abc[0]],
            lambda i, x: Array(2).put(i, x).size())

cases.chain("gather nothing", [I([])], lambda i: Array(2).gather(i))
cases.chain("gather nothing, known", [I([])],
            lambda i: Array(2).gather(i, element_shape=[3]))
cases.chain("gather nothing, array knows", [I([])],
            lambda i: Array(2, element_shape=[3]).gather(i))
cases.chain("gather twice the same", [abc, I([1, 1])],
            lambda x, i: Array(3).scatter([0, 1, 2], x).gather(i))
cases.chain("gather twice the same, kept", [abc, I([1, 1])],
            lambda x, i: Array(3, clear_after_read=False).scatter(
                [0, 1, 2], x).gather(i))
cases.chain("gather unlike shapes", [abc[0]],
            lambda x: Array(2).put(0, x).put(1, x[:1]).gather([0, 1]))
cases.chain("gather told another shape", [abc[0]],
            lambda x: Array(2).put(0, x).gather([0], element_shape=[3]))
cases.chain("gather behind the end", [abc, I([3])],
            lambda x, i: Array(3).scatter([0, 1, 2], x).gather(i))
cases.chain("gather with zeros", [abc[0], I([1, 0])],
            lambda x, i: Array(2, element_shape=[2]).put(0, x).gather(i))

cases.chain("scatter", [abc, I([2, 0, 1])],
            lambda x, i: Array(3).scatter(i, x).gather([0, 1, 2]))
cases.chain("scatter fewer indices", [abc, I([2, 0])],
            lambda x, i: Array(3).scatter(i, x).size())
cases.chain("scatter behind the end", [abc, I([2, 0, 3])],
            lambda x, i: Array(3).scatter(i, x).size())
cases.chain("scatter behind the end, dynamic", [abc, I([2, 0, 5])],
            lambda x, i: Array(3, dynamic_size=True).scatter(i, x).size())
cases.chain("scatter nothing", [abc[:0], I([])],
            lambda x, i: Array(3).scatter(i, x).size())
cases.chain("scatter twice to one", [abc, I([1, 1, 0])],
            lambda x, i: Array(3).scatter(i, x).size())
cases.chain("scatter a scalar", [f32(2), I([0])],
            lambda x, i: Array(3).scatter(i, x).size())
cases.chain("scatter another shape", [abc, I([0, 1, 2])],
            lambda x, i: Array(3, element_shape=[3]).scatter(i, x).size())

cases.chain("split", [abc, L([1, 2])],
            lambda x, n: Array(2).split(x, n).get(1))
cases.chain("split and concat", [abc, L([1, 0, 2])],
            lambda x, n: Array(3).split(x, n).concat())
cases.chain("split to fewer", [abc, L([1, 2])],
            lambda x, n: Array(3).split(x, n).size())
cases.chain("split to more", [abc, L([1, 2])],
            lambda x, n: Array(1).split(x, n).size())
cases.chain("split to more, dynamic", [abc, L([1, 2])],
            lambda x, n: Array(1, dynamic_size=True).split(x, n).size())
cases.chain("split to fewer, dynamic", [abc, L([1, 2])],
            lambda x, n: Array(3, dynamic_size=True).split(x, n).size())
cases.chain("split leaves some", [abc, L([1, 1])],
            lambda x, n: Array(2).split(x, n).size())
cases.chain("split too much", [abc, L([1, 3])],
            lambda x, n: Array(2).split(x, n).size())
cases.chain("concat nothing", [I(0)], lambda n: Array(n).concat())
cases.chain("concat nothing, known", [I(0)],
            lambda n: Array(n).concat(element_shape_except0=[2]))
cases.chain("concat scalars", [abc[0, 0]],
            lambda x: Array(1).put(0, x).concat())
cases.chain("concat unlike shapes", [abc],
            lambda x: Array(2).put(0, x).put(1, x[:, :1]).concat())


def gradient(x, y):
    a = Array(3).put(0, x).put(2, x)
    g = a.gradient()
    g2 = Array(0, g.dtype, *raw.TensorArrayGradV3(
        handle=a.handle, flow_in=g.flow, source="g"))
    g2.put(0, y).put(0, y).put(0, x)
    other = Array(0, g.dtype, *raw.TensorArrayGradV3(
        handle=a.handle, flow_in=g2.flow, source="other"))
    return [g2.get(0), g2.get(2), other.get(0), g2.size()]


cases.chain("gradients add up", [abc[0], abc[1]], gradient)
cases.chain("gradient of what was not written", [abc[0]],
            lambda x: Array(3).put(0, x).gradient().get(1))
cases.chain("gradient of what was not written, known", [abc[0]],
            lambda x: Array(3, element_shape=[2]).put(0, x).gradient().get(1))
cases.chain("gradient behind the end", [abc[0], I(5)], lambda x, i: Array(
    3, element_shape=[2]).put(0, x).gradient().get(i))
cases.chain("gradient of another shape", [abc[0]],
            lambda x: Array(3).put(0, x).gradient().put(0, x[:1]).size())
cases.chain("gradient with more axes", [abc[0], I([3])],
            lambda x, s: Array(3).put(0, x).gradient(prepend=s).get(0))
cases.chain("gradient of a gradient with sums", [abc[0]],
            lambda x: Array(1).put(0, x).gradient().put(0, x).put(
                0, x).gradient("h").size())


def closed(x):
    a = Array(2).put(0, x)
    close = raw.TensorArrayCloseV3(handle=a.handle)
    with tf.control_dependencies([close]):
        return a.get(0)


cases.chain("closed", [abc[0]], closed)

# Stacks.


def stack(dtype=tf.float32, size=-1):
    return raw.StackV2(max_size=size, elem_type=dtype, stack_name="s")


def push_pop(x, y):
    h = stack(x.dtype)
    a = raw.StackPushV2(handle=h, elem=x)
    with tf.control_dependencies([a]):
        b = raw.StackPushV2(handle=h, elem=y)
    with tf.control_dependencies([b]):
        c = raw.StackPopV2(handle=h, elem_type=x.dtype)
    with tf.control_dependencies([c]):
        d = raw.StackPopV2(handle=h, elem_type=x.dtype)
    return [a, b, c, d]


def pushes(x, n):
    h = stack(x.dtype, n)
    a = raw.StackPushV2(handle=h, elem=x)
    with tf.control_dependencies([a]):
        return raw.StackPushV2(handle=h, elem=x)


def pop_closed(x):
    h = stack(x.dtype)
    a = raw.StackPushV2(handle=h, elem=x)
    with tf.control_dependencies([a]):
        close = raw.StackCloseV2(handle=h)
    with tf.control_dependencies([close]):
        return raw.StackPopV2(handle=h, elem_type=x.dtype)


cases.chain("stack", [abc[0], abc[1]], push_pop)
cases.chain("stack of strings", [np.array(["a"], object),
                                 np.array("b", object)], push_pop)
cases.chain("stack of ints", [I(4), I([[5]])], push_pop)
cases.chain("stack is empty", [abc[0]],
            lambda x: raw.StackPopV2(handle=stack(), elem_type=tf.float32))
cases.chain("stack is full", [abc[0], I(1)], pushes)
cases.chain("stack is not full", [abc[0], I(2)], pushes)
cases.chain("stack of another type", [I(4)],
            lambda x: raw.StackPushV2(handle=stack(), elem=x))
cases.chain("stack is closed", [abc[0]], pop_closed)
cases.write()
