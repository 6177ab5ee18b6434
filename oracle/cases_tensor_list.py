"""Writes tests/conformance/tensor_list.cases: the TensorList ops."""
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("tensor_list")
f32 = np.float32
abc = np.arange(6, dtype=f32).reshape(3, 2)
I = np.int32


def reserve(shape, n, dtype=tf.float32):
    return raw.TensorListReserve(element_shape=shape, num_elements=n,
                                 element_dtype=dtype)


def stack(h, shape, dtype=tf.float32, n=-1):
    return raw.TensorListStack(input_handle=h, element_shape=shape,
                               element_dtype=dtype, num_elements=n)


def put(h, i, x, **more):
    return raw.TensorListSetItem(input_handle=h, index=i, item=x, **more)


def get(h, i, shape, dtype=tf.float32):
    return raw.TensorListGetItem(input_handle=h, index=i, element_shape=shape,
                                 element_dtype=dtype)


def length(h):
    return raw.TensorListLength(input_handle=h)


def push(h, x):
    return raw.TensorListPushBack(input_handle=h, tensor=x)


def pop(h, shape, dtype=tf.float32):
    return raw.TensorListPopBack(input_handle=h, element_shape=shape,
                                 element_dtype=dtype)


def unstack(x, shape):
    return raw.TensorListFromTensor(tensor=x, element_shape=shape)


def every_type(x, shape):
    h = unstack(x, shape)
    h = put(h, 1, raw.TensorListGetItem(input_handle=h, index=0,
                                        element_shape=shape,
                                        element_dtype=x.dtype))
    return [stack(h, shape, x.dtype), length(h),
            raw.TensorListGather(input_handle=h, indices=[2, 0, 2],
                                 element_shape=shape, element_dtype=x.dtype)]


for t in ["bool", "half", "float32", "float64", "int8", "int16", "int32",
          "int64", "uint8", "uint16", "uint32", "uint64", "complex64",
          "complex128", "bfloat16"]:
    np_type = tf.as_dtype(t if t != "half" else "float16").as_numpy_dtype
    cases.chain(f"every type {t}", [abc.astype(np_type), I([2])], every_type)
cases.chain("every type string",
            [np.array([["a", "b" * 40], ["", "c"], ["d", "e"]], object),
             I([2])], every_type)


def round_trip(x, shape):
    h = unstack(x, shape)
    return [stack(h, shape), length(h),
            raw.TensorListElementShape(input_handle=h, shape_type=tf.int32),
            raw.TensorListElementShape(input_handle=h, shape_type=tf.int64)]


cases.chain("unknown rank", [abc, I(-1)], round_trip)
cases.chain("unknown extent", [abc, I([-1])], round_trip)
cases.chain("known", [abc, I([2])], round_trip)
cases.chain("scalars", [abc[:, 0], I([])], round_trip)
cases.chain("no rows", [abc[:0], I([2])], round_trip)
cases.chain("no rows, unknown", [abc[:0], I([-1])], round_trip)
cases.chain("empty rows", [abc[:, :0], I([0])], round_trip)
cases.chain("int64 shape", [abc, np.int64([2])],
            lambda x, s: stack(unstack(x, s), [2]))
cases.chain("rows do not fit", [abc, I([3])], round_trip)
cases.chain("from a scalar", [f32(1), I(-1)], round_trip)
cases.chain("shape is a scalar", [abc, I(2)], round_trip)
cases.chain("shape is negative", [abc, I([-2])], round_trip)


def old_lists(x):
    a = reserve(-1, 3)
    b = put(a, 0, x)
    c = put(b, 1, x + 1)
    d = put(c, 0, x + 2)
    e = put(b, 2, x + 3)        # b is not the newest
    f, _ = pop(d, [2])
    g = push(f, x + 4)
    h = push(f, x + 5)
    i = raw.TensorListResize(input_handle=g, size=5)
    j = raw.TensorListResize(input_handle=i, size=1)
    k = raw.TensorListResize(input_handle=j, size=3)
    out = [stack(l, [2]) for l in (a, b, c, d, e, f, g, h, i, j, k)]
    return out + [get(c, 0, [2]), get(b, 1, [2]), get(d, 0, [2]),
                  get(h, 2, [2])]


cases.chain("older lists stay as they were", [abc[0]], old_lists)


def many(x):
    h = raw.EmptyTensorList(element_shape=I([]), max_num_elements=-1,
                            element_dtype=tf.float32)
    first = h
    for i in range(20):
        h = push(h, x + float(i))
    half = h
    for i in range(20):
        h, y = pop(h, I([]))
        if i % 3 == 0:
            h = push(h, y * 2)
    return [stack(half, I([])), length(first), stack(h, I([])), y]


cases.chain("many pushes and pops", [f32(1)], many)


def item(shape, i, x, want):
    h = put(reserve(shape, 3), i, x)
    return [get(h, 0, want), get(h, 1, want)]


cases.chain("unset is zeros", [I([2]), I(1), abc[0], I([2])], item)
cases.chain("unset takes the shape of others", [I(-1), I(1), abc[0], I(-1)],
            item)
cases.chain("unset takes the shape told", [I(-1), I(1), abc[0], I([2])], item)
cases.chain("unset and told another shape", [I(-1), I(1), abc[0], I([3])],
            lambda s, i, x, want: get(put(reserve(s, 3), i, x), 0, want))
cases.chain("wrong item", [I([3]), I(1), abc[0], I([3])], item)
cases.chain("index too large", [I([2]), I(3), abc[0], I([2])], item)
cases.chain("nothing tells the shape", [I(-1)],
            lambda s: get(reserve(s, 2), 1, s))
cases.chain("get behind the end", [I([2]), I(2)],
            lambda s, i: get(reserve(s, 2), i, s))
cases.chain("get of another type", [I([2])],
            lambda s: get(reserve(s, 2), 1, s, tf.int32))
cases.chain("no handle", [abc[0]], lambda x: get(
    raw.TensorMapInsert(input_handle=raw.EmptyTensorMap(), key=x, value=x), 0,
    [2]))
cases.chain("set resizes", [I(4), abc[0]], lambda i, x: stack(put(
    reserve(-1, 2), i, x, resize_if_index_out_of_bounds=True), [2]))
cases.chain("set of another type", [I(0), abc[0]],
            lambda i, x: length(put(reserve(-1, 2, tf.int32), i, tf.identity(x))))
cases.chain("reserve none", [I(0)], lambda n: stack(reserve([4], n), [4]))
cases.chain("reserve less than none", [I(-1)],
            lambda n: length(reserve([4], n)))
cases.chain("strings unset", [I([2])],
            lambda s: stack(reserve(s, 2, tf.string), s, tf.string))


def full(x, n):
    h = raw.EmptyTensorList(element_shape=-1, max_num_elements=n,
                            element_dtype=tf.float32)
    return stack(push(push(h, x), x), [2])


cases.chain("not full", [abc[0], I(2)], full)
cases.chain("full", [abc[0], I(1)], full)
cases.chain("push of another shape", [abc[0], I([3])], lambda x, s: length(
    push(raw.EmptyTensorList(element_shape=s, max_num_elements=-1,
                             element_dtype=tf.float32), x)))
cases.chain("pop", [abc, I([2])], lambda x, s: [
    o for o in (lambda h: (pop(h, s)[1], stack(pop(h, s)[0], s)))(
        unstack(x, s))])
cases.chain("pop of nothing", [abc[:0], I([2])],
            lambda x, s: pop(unstack(x, s), s)[1])
cases.chain("pop of what was not set", [I([2]), I(2)],
            lambda s, n: pop(reserve(s, n), s)[1])
cases.chain("pop of unknown shape", [I(-1), I(2)],
            lambda s, n: pop(reserve(s, n), s)[1])
cases.chain("resize to less than nothing", [I(-1)], lambda n: length(
    raw.TensorListResize(input_handle=reserve(-1, 2), size=n)))

cases.chain("stack with holes", [abc[0], I([2])],
            lambda x, s: stack(put(reserve(-1, 3), 1, x), s))
cases.chain("stack told nothing", [abc[0], I(-1)],
            lambda x, s: stack(put(reserve(-1, 3), 1, x), s))
cases.chain("stack of nothing known", [I(-1)],
            lambda s: stack(reserve(-1, 3), s))
cases.chain("stack told another shape", [abc[0], I([3])],
            lambda x, s: stack(put(reserve(-1, 3), 1, x), s))
cases.chain("stack of no elements", [I([3])], lambda s: stack(reserve(-1, 0), s))
cases.chain("stack of no elements, unknown", [I(-1)],
            lambda s: stack(reserve(-1, 0), s))
cases.chain("stack of unequal shapes", [abc[0], abc[0, :1]], lambda x, y: stack(
    put(put(reserve(-1, 2), 0, x), 1, y), -1))
cases.chain("stack num_elements", [abc[0]],
            lambda x: stack(put(reserve(-1, 3), 1, x), -1, n=3))
cases.chain("stack another num_elements", [abc[0]],
            lambda x: stack(put(reserve(-1, 3), 1, x), -1, n=2))


def gather(x, i, s):
    return raw.TensorListGather(input_handle=unstack(x, -1), indices=i,
                                element_shape=s, element_dtype=tf.float32)


cases.chain("gather", [abc, I([2, 0, 0]), I([2])], gather)
cases.chain("gather nothing", [abc, I([]), I([2])], gather)
cases.chain("gather nothing unknown", [abc, I([]), I(-1)], gather)
cases.chain("gather behind the end", [abc, I([3]), I(-1)], gather)
cases.chain("gather another shape", [abc, I([1]), I([1])], gather)
cases.chain("gather unset", [I([1, 0]), I([2])], lambda i, s: raw.TensorListGather(
    input_handle=reserve(-1, 2), indices=i, element_shape=s,
    element_dtype=tf.float32))


def scatter(x, i, s):
    h = raw.TensorListScatter(tensor=x, indices=i, element_shape=s)
    return [stack(h, [2]), length(h)]


def scatter_v2(x, i, s, n):
    h = raw.TensorListScatterV2(tensor=x, indices=i, element_shape=s,
                                num_elements=n)
    return [stack(h, [2]), length(h)]


cases.chain("scatter", [abc, I([2, 0, 4]), I([2])], scatter)
cases.chain("scatter twice to one", [abc, I([1, 1, 0]), I(-1)], scatter)
cases.chain("scatter nothing", [abc[:0], I([]), I([2])], scatter)
cases.chain("scatter negative", [abc, I([0, -1, 1]), I([2])], scatter)
cases.chain("scatter fewer indices", [abc, I([0, 1]), I([2])], scatter)
cases.chain("scatter another shape", [abc, I([0, 1, 2]), I([3])], scatter)
cases.chain("scatter v2", [abc, I([2, 0, 4]), I([2]), I(7)], scatter_v2)
cases.chain("scatter v2 no size", [abc, I([2, 0, 4]), I([2]), I(-1)],
            scatter_v2)
cases.chain("scatter v2 too small", [abc, I([2, 0, 4]), I([2]), I(4)],
            scatter_v2)
cases.chain("scatter v2 negative size", [abc, I([2, 0, 4]), I([2]), I(-2)],
            scatter_v2)


def scatter_into(x, i):
    h = raw.TensorListScatterIntoExistingList(
        input_handle=unstack(x * 10, [-1]), tensor=x, indices=i)
    return [get(h, 2, [2]), get(h, 0, [2]), length(h)]


cases.chain("scatter into", [abc, I([2, 0, 1])], scatter_into)
cases.chain("scatter into, growing", [abc, I([2, 0, 3])], scatter_into)
cases.chain("scatter into, fewer indices", [abc, I([2, 0])], scatter_into)
cases.chain("scatter into with a scalar", [f32(1), I([2, 0])],
            lambda x, i: length(raw.TensorListScatterIntoExistingList(
                input_handle=reserve(-1, 3), tensor=x, indices=i)))


def split(x, s, lengths):
    h = raw.TensorListSplit(tensor=x, element_shape=s, lengths=lengths)
    return [length(h), get(h, 0, -1), get(h, 1, -1)]


L = np.int64
cases.chain("split", [abc, I([-1, 2]), L([1, 2])], split)
cases.chain("split unknown", [abc, I(-1), L([0, 3])], split)
cases.chain("split first extent is not looked at", [abc, I([7, 2]), L([1, 2])],
            split)
cases.chain("split leaves some", [abc, I(-1), L([1, 1])], split)
cases.chain("split too much", [abc, I(-1), L([1, 3])], split)
cases.chain("split negative", [abc, I(-1), L([-1, 4])], split)
cases.chain("split scalar elements", [abc, I([]), L([1, 2])], split)
cases.chain("split another shape", [abc, I([-1, 3]), L([1, 2])], split)
cases.chain("split a scalar", [f32(3), I(-1), L([1, 2])], split)


def concat(x, lengths, s, dims, hole):
    h = raw.TensorListSplit(tensor=x, element_shape=-1, lengths=lengths)
    h = raw.TensorListResize(input_handle=h, size=tf.size(lengths) + hole)
    return list(raw.TensorListConcatV2(input_handle=h, element_shape=s,
                                       leading_dims=dims,
                                       element_dtype=tf.float32))


cases.chain("concat", [abc, L([1, 2]), I([-1, 2]), L([]), I(0)], concat)
cases.chain("concat told nothing", [abc, L([0, 3]), I(-1), L([]), I(0)], concat)
cases.chain("concat with a hole", [abc, L([1, 2]), I(-1), L([9, 9, 2]), I(1)],
            concat)
cases.chain("concat, hole of the common extent",
            [abc, L([1, 1, 1]), I(-1), L([]), I(1)], concat)
cases.chain("concat, hole of no extent", [abc, L([1, 2]), I(-1), L([]), I(1)],
            concat)
cases.chain("concat, hole of the told extent",
            [abc[:2], L([1, 1]), I([1, 2]), L([]), I(2)], concat)
cases.chain("concat, another extent", [abc, L([1, 2]), I([1, 2]), L([]), I(0)],
            concat)
cases.chain("concat, another shape", [abc, L([1, 2]), I([-1, 3]), L([]), I(0)],
            concat)
cases.chain("concat of nothing", [abc[:0], L([]), I([-1, 2]), L([]), I(0)],
            concat)
cases.chain("concat of nothing, unknown", [abc[:0], L([]), I(-1), L([]), I(0)],
            concat)
cases.chain("concat of scalars", [abc, I([])], lambda x, s: list(
    raw.TensorListConcatV2(
        input_handle=unstack(x[:, 0], -1), element_shape=s,
        leading_dims=tf.constant([], tf.int64), element_dtype=tf.float32)))
cases.chain("concat v1", [abc, L([1, 2])], lambda x, n: list(
    raw.TensorListConcat(
        input_handle=raw.TensorListSplit(tensor=x, element_shape=-1,
                                         lengths=n),
        element_dtype=tf.float32)))
cases.chain("concat v1 told", [abc, L([1, 2])], lambda x, n: list(
    raw.TensorListConcat(
        input_handle=raw.TensorListSplit(tensor=x, element_shape=-1,
                                         lengths=n),
        element_shape=[None, 2], element_dtype=tf.float32)))


def join(x, y, s, t):
    h = raw.TensorListConcatLists(input_a=unstack(x, s), input_b=unstack(y, t),
                                  element_dtype=tf.float32)
    return [stack(h, [2]),
            raw.TensorListElementShape(input_handle=h, shape_type=tf.int32)]


cases.chain("concat lists", [abc, abc[:1], I([-1]), I([2])], join)
cases.chain("concat lists alike", [abc, abc[:1], I([-1]), I([-1])], join)
cases.chain("concat empty lists", [abc, abc[:0], I(-1), I(-1)], join)
cases.chain("concat lists that differ", [abc, abc[:, :1], I([2]), I([1])], join)


def batch(x, y):
    h = tf.stack([unstack(x, [2]), unstack(x[:1], [2])])
    h = raw.TensorListPushBackBatch(input_handles=h, tensor=y)
    a, b = tf.unstack(h, 2)
    return [stack(a, [2]), stack(b, [2])]


def nested(x):
    inner = unstack(x, [2])
    outer = reserve(-1, 2, tf.variant)
    outer = put(outer, 0, inner)
    back = get(outer, 0, I([]), tf.variant)
    return [stack(back, [2]), length(outer)]


cases.chain("lists of lists", [abc], nested)
cases.write()
