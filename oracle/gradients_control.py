"""Gradients through control flow, as TensorFlow has them: for gradients_all.py."""
from gradient_writer import Gradients, np, real, tf

raw = tf.raw_ops


def control():
    g = Gradients("control")
    v1 = tf.compat.v1

    def branches(x, take, both=True):
        off, on = raw.Switch(data=x, pred=take)
        if both:
            return raw.Merge(inputs=[tf.sin(off), on * on])[0]
        return raw.Merge(inputs=[tf.zeros([3], tf.float64) + tf.stop_gradient(off), on * 3])[0]

    for take in (True, False):
        g.grad(f"Switch Merge {take}", [real(3)], lambda x, t=take: branches(x, t))
    g.grad("Switch Merge one way", [real(3)], lambda x: branches(x, True, False))
    g.write()


def calls():
    g = Gradients("calls")

    @tf.function
    def inner(x, y):
        return tf.sin(x) * y, x * 2

    @tf.function
    def outer(x, y):
        a, b = inner(x, y)
        return tf.reduce_sum(a) * inner(b, x)[0] + tf.tanh(y)

    g.grad("PartitionedCall", [real(3), real(3)], lambda x, y: inner(x, y))
    g.grad("PartitionedCall one of two", [real(3), real(3)], lambda x, y: inner(x, y)[0])
    g.grad("PartitionedCall broadcast", [real(2, 3), real(3)], lambda x, y: inner(x, y))
    g.grad("PartitionedCall in another", [real(3), real(3)], lambda x, y: outer(x, y))

    v1 = tf.compat.v1
    v1.enable_control_flow_v2()
    for take in (True, False):
        g.grad(f"If {take}", [real(3), real(3)],
               lambda x, y, t=take: tf.cond(
                   tf.identity(t), lambda: (x * y, tf.sin(x)),
                   lambda: (tf.exp(x), inner(x, x)[0])))
    for way in (0, 1, 2):
        g.grad(f"Case {way}", [real(3), real(3)],
               lambda x, y, w=way: tf.switch_case(
                   tf.identity(w), [lambda: x * y, lambda: tf.sin(x), lambda: y / 2]))
    g.write()


def loops():
    g = Gradients("loops")
    tf.compat.v1.enable_control_flow_v2()

    def times(n, step, *start):
        return tf.while_loop(lambda i, *v: i < n, lambda i, *v: (i + 1, *step(i, *v)),
                             (tf.constant(0), *start))[1:]

    @tf.function
    def call(x, y):
        return tf.cos(x) * y

    for n in (0, 1, 4):
        g.grad(f"While {n} rounds", [real(3)],
               lambda x, n=n: times(n, lambda i, v: (tf.sin(v) * v,), x))
    g.grad("While two variables", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v, w: (v * w, tf.sin(v) + w), x, y))
    g.grad("While captured", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v: (v * y + tf.cast(i, y.dtype),), x))
    g.grad("While one of two", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v, w: (v * w, tf.sin(v) + w), x, y)[0])
    g.grad("While by its values", [real(3, low=0.5)],
           lambda x: tf.while_loop(lambda v: tf.reduce_sum(v) < 50, lambda v: (v * v + x,), (x,)))
    g.grad("While growing", [real(3), real(3)], lambda x, y: tf.while_loop(
        lambda i, v: i < 3, lambda i, v: (i + 1, tf.concat([v * 2, y * v[:3]], 0)),
        (tf.constant(0), x), shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])))[1])
    g.grad("While matrix", [real(2, 3), real(3, 3), real(3)],
           lambda x, w, b: times(4, lambda i, v: (tf.tanh(tf.matmul(v, w) + b),), x))
    g.grad("While call", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v: (call(v, y),), x))
    g.grad("While If", [real(3), real(3)], lambda x, y: times(4, lambda i, v: (tf.cond(
        tf.equal(i % 2, 0), lambda: v * y, lambda: tf.sin(v)),), x))
    g.grad("While in While", [real(3), real(3)], lambda x, y: times(
        3, lambda i, v: times(2, lambda j, w: (tf.sin(w) * y,), v), x))
    g.grad("While in a call", [real(3), real(3)], lambda x, y: tf.function(
        lambda x, y: times(3, lambda i, v: (tf.sin(v) * y,), x))(x, y))
    g.write()


def lists():
    g = Gradients("lists")

    def of(x, shape=None):
        return raw.TensorListFromTensor(
            tensor=x, element_shape=np.array(x.shape[1:] if shape is None else shape, np.int32))

    def stack(l, *shape):
        return raw.TensorListStack(input_handle=l, element_shape=np.array(shape, np.int32),
                                   element_dtype=tf.float64)

    def item(l, i, *shape):
        return raw.TensorListGetItem(input_handle=l, index=i, element_dtype=tf.float64,
                                     element_shape=np.array(shape, np.int32))

    def set_item(l, i, x):
        return raw.TensorListSetItem(input_handle=l, index=i, item=x)

    def reserve(n, *shape):
        return raw.TensorListReserve(element_shape=np.array(shape, np.int32), num_elements=n,
                                     element_dtype=tf.float64)

    g.grad("FromTensor Stack", [real(3, 2)], lambda x: stack(of(x), 2))
    g.grad("GetItem", [real(3, 2)], lambda x: item(of(x), 1, 2) * item(of(x), 2, 2))
    g.grad("GetItem twice", [real(3, 2)], lambda x: (lambda l: tf.sin(item(l, 0, 2)) *
                                                     item(l, 0, 2) + item(l, 2, 2))(of(x)))
    g.grad("SetItem", [real(3, 2), real(2)],
           lambda x, y: stack(set_item(of(x), 1, y * y), 2))
    g.grad("SetItem of the reserved", [real(2), real(2)], lambda x, y: stack(
        set_item(set_item(reserve(3, 2), 2, x), 0, y), 2))
    g.grad("one list two ways", [real(3, 2), real(2)], lambda x, y: (
        lambda l: stack(set_item(l, 1, y), 2) * stack(l, 2))(of(x)))
    g.grad("PushBack PopBack", [real(3, 2), real(2)], lambda x, y: raw.TensorListPopBack(
        input_handle=raw.TensorListPushBack(input_handle=of(x), tensor=y * y),
        element_shape=[2], element_dtype=tf.float64)[1])
    g.grad("PopBack", [real(3, 2)], lambda x: (lambda l, e: (stack(l, 2), e * e))(
        *raw.TensorListPopBack(input_handle=of(x), element_shape=[2],
                               element_dtype=tf.float64)))
    g.grad("PopBack what is left", [real(3, 2)], lambda x: stack(raw.TensorListPopBack(
        input_handle=of(x), element_shape=[2], element_dtype=tf.float64)[0], 2))
    for n in (2, 3, 5):
        g.grad(f"Resize {n}", [real(3, 2)],
               lambda x, n=n: stack(raw.TensorListResize(input_handle=of(x), size=n), 2))
    for op in ("Concat", "ConcatV2"):
        more = dict(element_shape=[None, 2]) if op == "Concat" else dict(
            element_shape=np.array([-1, 2], np.int32), leading_dims=np.zeros(0, np.int64))
        g.grad(op, [real(3, 4, 2)], lambda x, op=op, more=more: getattr(raw, "TensorList" + op)(
            input_handle=of(x), element_dtype=tf.float64, **more)[0])
    g.grad("Split", [real(6, 2)], lambda x: item(raw.TensorListSplit(
        tensor=x, element_shape=np.array([-1, 2], np.int32),
        lengths=np.array([1, 3, 2], np.int64)), 1, 3, 2))
    g.grad("Split Concat", [real(6, 2)], lambda x: raw.TensorListConcatV2(
        input_handle=raw.TensorListSplit(tensor=x, element_shape=np.array([-1, 2], np.int32),
                                         lengths=np.array([1, 3, 2], np.int64)),
        element_dtype=tf.float64, element_shape=np.array([-1, 2], np.int32),
        leading_dims=np.zeros(0, np.int64))[0])
    g.grad("Gather", [real(4, 2)], lambda x: raw.TensorListGather(
        input_handle=of(x), indices=[2, 0], element_shape=np.array([2], np.int32),
        element_dtype=tf.float64))
    g.grad("Scatter", [real(3, 2)], lambda x: stack(raw.TensorListScatter(
        tensor=x, indices=[2, 0, 1], element_shape=np.array([2], np.int32)), 2))
    g.grad("ScatterV2", [real(2, 2)], lambda x: stack(raw.TensorListScatterV2(
        tensor=x, indices=[3, 0], element_shape=np.array([2], np.int32), num_elements=4), 2))
    g.grad("ScatterIntoExistingList", [real(3, 2), real(2, 2)], lambda x, y: stack(
        raw.TensorListScatterIntoExistingList(input_handle=of(x), tensor=y, indices=[2, 0]), 2))

    tf.compat.v1.enable_control_flow_v2()
    g.grad("map_fn", [real(4, 3), real(3)],
           lambda x, y: tf.map_fn(lambda v: tf.sin(v) * y, x))
    g.grad("map_fn of two", [real(4, 3), real(4)], lambda x, y: tf.map_fn(
        lambda v: (v[0] * v[1], tf.exp(v[1])), (x, y),
        fn_output_signature=(tf.float64, tf.float64)))
    g.grad("map_fn over int", [real(3)], lambda x: tf.map_fn(
        lambda i: x * tf.cast(i, tf.float64), tf.range(4), fn_output_signature=tf.float64))
    g.grad("map_fn of none", [real(0, 3)], lambda x: tf.map_fn(tf.sin, x))
    g.grad("map_fn in map_fn", [real(3, 2), real(2)], lambda x, y: tf.map_fn(
        lambda v: tf.map_fn(lambda w: w * w * tf.reduce_sum(y), v) * y, x))
    g.grad("foldl", [real(4, 3)], lambda x: tf.foldl(lambda a, v: tf.sin(a) * v, x))
    g.grad("foldr", [real(4, 3), real(3)], lambda x, y: tf.foldr(
        lambda a, v: tf.sin(a) * v, x, initializer=y))
    g.grad("scan", [real(4, 3)], lambda x: tf.scan(lambda a, v: a * tf.cos(v), x))
    g.grad("scan of two", [real(4, 3), real(3)], lambda x, y: tf.scan(
        lambda a, v: (a[0] * v, a[1] + a[0] * v), x, initializer=(y, tf.zeros_like(y))))
    g.grad("scan the last", [real(4, 3)],
           lambda x: tf.scan(lambda a, v: a * tf.cos(v), x, reverse=True)[-1])
    g.grad("map_fn in a call", [real(4, 3), real(3)], lambda x, y: tf.function(
        lambda x, y: tf.map_fn(lambda v: tf.sin(v) * y, x))(x, y))
    g.grad("TensorArray in a loop", [real(4, 3)], fibonacci)
    g.grad("While over pushed", [real(2)], lambda x: tf.while_loop(
        lambda i, l, v: i < 3, lambda i, l, v: (
            i + 1, raw.TensorListPushBack(input_handle=l, tensor=v), v * v), (
                tf.constant(0), raw.EmptyTensorList(element_shape=np.array([2], np.int32),
                                                    max_num_elements=-1,
                                                    element_dtype=tf.float64), x))[2])
    for layer, weights in (("LSTM", [(3, 20), (5, 20), (20,)]), ("GRU", [(3, 15), (5, 15), (2, 15)]),
                           ("SimpleRNN", [(3, 5), (5, 5), (5,)])):
        for sequences in (False, True):
            g.grad(f"Keras {layer} {sequences}",
                   [real(2, 4, 3, dtype=np.float32)]
                   + [real(*s, dtype=np.float32) / 3 for s in weights],
                   lambda *v, layer=layer, s=sequences: recurrent(layer, s, *v), tol=1e-4)
    g.write()


def old_loops():
    g = Gradients("old_loops")
    v1 = tf.compat.v1
    v1.disable_control_flow_v2()

    def times(n, step, *start, **more):
        return tf.while_loop(lambda i, *v: i < n, lambda i, *v: (i + 1, *step(i, *v)),
                             (tf.constant(0), *start), **more)[1:]

    @tf.function
    def call(x, y):
        return tf.cos(x) * y

    for n in (0, 1, 4):
        g.grad(f"Enter Exit {n} rounds", [real(3)],
               lambda x, n=n: times(n, lambda i, v: (tf.sin(v) * v,), x))
    g.grad("two variables", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v, w: (v * w, tf.sin(v) + w), x, y))
    g.grad("captured", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v: (v * y + tf.cast(i, y.dtype),), x))
    g.grad("one of two", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v, w: (v * w, tf.sin(v) + w), x, y)[0])
    g.grad("two after another", [real(3), real(3)], lambda x, y: times(
        2, lambda i, v: (tf.sin(v) * y,), times(3, lambda i, v: (v * y,), x)[0]))
    g.grad("two beside each other", [real(3), real(3)], lambda x, y: times(
        2, lambda i, v: (tf.sin(v) * y,), x)[0] * times(3, lambda i, v: (v * y,), x)[0])
    g.grad("by its values", [real(3, low=0.5)],
           lambda x: tf.while_loop(lambda v: tf.reduce_sum(v) < 50, lambda v: (v * v + x,), (x,)))
    g.grad("matrix", [real(2, 3), real(3, 3), real(3)],
           lambda x, w, b: times(4, lambda i, v: (tf.tanh(tf.matmul(v, w) + b),), x))
    g.grad("call", [real(3), real(3)], lambda x, y: times(3, lambda i, v: (call(v, y),), x))
    g.grad("overwritten", [real(3), real(3)],
           lambda x, y: times(3, lambda i, v, w: (tf.sin(w), w * y), x, y))
    g.grad("cond", [real(3), real(3)], lambda x, y: times(4, lambda i, v: (tf.cond(
        tf.equal(i % 2, 0), lambda: v * y, lambda: tf.sin(v)),), x))
    g.grad("cond in cond", [real(3), real(3)], lambda x, y: times(6, lambda i, v: (tf.cond(
        i % 2 < 1, lambda: tf.cond(i % 3 < 1, lambda: v * tf.cos(y), lambda: v + y * v),
        lambda: tf.sin(v) * v),), x))
    g.grad("in a cond", [real(3), real(3)], lambda x, y: tf.cond(
        tf.reduce_sum(x) < 100, lambda: times(3, lambda i, v: (tf.sin(v) * y,), x)[0],
        lambda: x * y))
    g.grad("in a cond not taken", [real(3), real(3)], lambda x, y: tf.cond(
        tf.reduce_sum(x) > 100, lambda: times(3, lambda i, v: (tf.sin(v) * y,), x)[0],
        lambda: x * y))
    g.grad("loop in loop", [real(3), real(3)], lambda x, y: times(
        3, lambda i, v: times(2, lambda j, w: (tf.sin(w) * y * v,), v), x))
    g.grad("loop in cond in loop", [real(3), real(3)], lambda x, y: times(
        4, lambda i, v: (tf.cond(i % 2 < 1, lambda: times(
            i + 1, lambda j, w: (tf.sin(w) * y * v,), v)[0], lambda: v * y),), x))
    g.grad("three deep", [real(2), real(2)], lambda x, y: times(
        2, lambda i, v: times(2, lambda j, w: times(
            2, lambda k, u: (tf.sin(u) * y + w * v,), w), v), x))
    g.grad("array stack", [real(4, 3)], lambda x: tf.TensorArray(
        tf.float64, 4).unstack(x * x).stack() * x)
    g.grad("array read write", [real(3), real(3)], lambda x, y: (
        lambda a: a.read(0) * a.read(1))(tf.TensorArray(
            tf.float64, 2, clear_after_read=False).write(0, x).write(1, x * y)))
    g.grad("array gather scatter", [real(4, 3)], lambda x: tf.TensorArray(
        tf.float64, 4, clear_after_read=False).scatter([3, 1, 0, 2], x).gather([1, 3]))
    g.grad("array concat split", [real(5, 3)], lambda x: tf.TensorArray(
        tf.float64, 2, infer_shape=False).split(x * 2, [2, 3]).concat())
    g.grad("map_fn", [real(4, 3), real(3)],
           lambda x, y: tf.map_fn(lambda v: tf.sin(v) * y, x))
    g.grad("foldl", [real(4, 3)], lambda x: tf.foldl(lambda a, v: tf.sin(a) * v, x))
    g.grad("scan", [real(4, 3)], lambda x: tf.scan(lambda a, v: a * tf.cos(v), x))
    g.grad("map_fn in map_fn", [real(3, 2), real(2)], lambda x, y: tf.map_fn(
        lambda v: tf.map_fn(lambda w: w * w * tf.reduce_sum(y), v) * y, x))
    g.grad("fibonacci", [real(4, 3)], fibonacci)
    f32 = np.float32
    for lengths in (None, [2, 4]):
        for major in (False, True):
            g.grad(f"dynamic_rnn {lengths} {major}",
                   [real(*((4, 2, 3) if major else (2, 4, 3)), dtype=f32),
                    real(8, 20, dtype=f32) / 3, real(20, dtype=f32)],
                   lambda x, w, b, n=lengths, t=major: dynamic_rnn(x, w, b, n, t), tol=1e-4)
    g.write()


def dynamic_rnn(x, w, b, lengths, time_major):
    """TensorFlow 1's loop over a cell, as its tf.nn.dynamic_rnn writes it."""
    from tensorflow.python.keras.layers.legacy_rnn import rnn_cell_impl
    from tensorflow.python.ops import rnn

    class Cell(rnn_cell_impl.RNNCell):
        state_size = rnn_cell_impl.LSTMStateTuple(5, 5)
        output_size = 5

        def __call__(self, inputs, state, scope=None):
            i, j, f, o = tf.split(tf.matmul(tf.concat([inputs, state.h], 1), w) + b, 4, 1)
            c = tf.sigmoid(f + 1) * state.c + tf.sigmoid(i) * tf.tanh(j)
            h = tf.sigmoid(o) * tf.tanh(c)
            return h, rnn_cell_impl.LSTMStateTuple(c, h)

    outputs, state = rnn.dynamic_rnn(Cell(), x, sequence_length=lengths, dtype=tf.float32,
                                     time_major=time_major)
    return outputs, state.h


def fibonacci(x):
    array = tf.TensorArray(tf.float64, 6, element_shape=[3], clear_after_read=False).write(0, x[0]).write(1, x[1])
    return tf.while_loop(
        lambda i, a: i < 6,
        lambda i, a: (i + 1, a.write(i, a.read(i - 1) * tf.sin(a.read(i - 2)))),
        (tf.constant(2), array))[1].stack()


def recurrent(name, sequences, x, *weights):
    layer = getattr(tf.keras.layers, name)(5, return_sequences=sequences)
    call = tf.function(lambda x, *w: layer.stateless_call(
        list(w), [v for v in layer.non_trainable_variables], x)[0])
    with tf.init_scope():
        layer.build(x.shape)
    return call(x, *weights)


def twice():
    """Gradients of what TensorFlow's gradients are, control flow and all."""
    g = Gradients("twice")
    v1 = tf.compat.v1

    def ask(name, xs, build, kinds=(True,)):  # TensorFlow 1's loops have none
        def again(*xs):
            y = build(*xs)
            return [dy * dy for dy in v1.gradients(tf.reduce_sum(y * y), xs)]

        for new in kinds:
            (v1.enable_control_flow_v2 if new else v1.disable_control_flow_v2)()
            g.grad(f"{name} {'new' if new else 'old'}", xs, again)

    def times(n, step, *start):
        return tf.while_loop(lambda i, *v: i < n, lambda i, *v: (i + 1, *step(i, *v)),
                             (tf.constant(0), *start))[1:]

    ask("loop", [real(3), real(3)],
        lambda x, y: times(3, lambda i, v: (tf.sin(v) * y,), x)[0])
    ask("cond", [real(3), real(3)], lambda x, y: tf.cond(
        tf.reduce_sum(x) < 100, lambda: tf.sin(x) * y, lambda: x), (False, True))
    ask("cond in loop", [real(3), real(3)],
        lambda x, y: times(3, lambda i, v: (tf.cond(
            tf.equal(i % 2, 0), lambda: v * y, lambda: tf.sin(v)),), x)[0])
    ask("loop in loop", [real(2), real(2)], lambda x, y: times(
        2, lambda i, v: times(2, lambda j, w: (tf.sin(w) * y,), v), x)[0])
    ask("map_fn", [real(3, 2), real(2)],
        lambda x, y: tf.map_fn(lambda v: tf.sin(v) * y, x))
    ask("call", [real(3), real(3)], lambda x, y: tf.function(
        lambda x, y: tf.sin(x) * y)(x, y))
    g.write()
