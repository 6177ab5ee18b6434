"""What queues give back: writes tests/conformance/queue.cases.

Each case makes a queue, puts tuples into it and takes some out, all in one graph and
in one order.
"""
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("queue")


def script(make, *steps):
    """Makes a queue and does the steps one after the other; what they give is the answer."""
    def build(*places):
        queue = make()
        out, last = [], queue.op
        for step in steps:
            with tf.control_dependencies([last]):
                got = step(queue, *places)
            last = got if isinstance(got, tf.Operation) else (got[0] if isinstance(got, list) else got).op
            if not isinstance(got, tf.Operation):
                out += got if isinstance(got, list) else [got]
        return out
    return build


def put(pick=lambda *p: list(p)):
    return lambda q, *p: raw.QueueEnqueueV2(handle=q, components=pick(*p))


def put_many(pick=lambda *p: list(p)):
    return lambda q, *p: raw.QueueEnqueueManyV2(handle=q, components=pick(*p))


def take(*types):
    return lambda q, *p: raw.QueueDequeueV2(handle=q, component_types=list(types))


def take_many(n, *types):
    return lambda q, *p: raw.QueueDequeueManyV2(handle=q, n=n, component_types=list(types))


def take_up_to(n, *types):
    return lambda q, *p: raw.QueueDequeueUpToV2(handle=q, n=n, component_types=list(types))


close = lambda q, *p: raw.QueueCloseV2(handle=q)
size = lambda q, *p: raw.QueueSizeV2(handle=q)
is_closed = lambda q, *p: raw.QueueIsClosedV2(handle=q)


def fifo(types, shapes=(), capacity=10):
    return lambda: raw.FIFOQueueV2(component_types=types, shapes=shapes, capacity=capacity)


pair = [np.array([1, 2, 3], "i4"), np.array([["a", "b"], ["c", "d"], ["e", "f"]])]
types = [tf.int32, tf.string]
shaped = fifo(types, [[], [2]])
cases.chain("first in, first out", pair, script(shaped, put_many(), take(*types), size, take_many(2, *types), size))
cases.chain("no tuples", pair, script(shaped, put_many(), take_many(0, *types)))
cases.chain("without shapes", pair, script(fifo(types), put_many(), take(*types), put(), take(*types), take(*types)))
cases.chain("many without shapes", pair, script(fifo(types), put_many(), take_many(2, *types)))
cases.chain("another shape", pair, script(shaped, put(), size))
cases.chain("another type", pair[:1], script(fifo([tf.int64], [[]]), put_many(), size))
cases.chain("axes of different length", [pair[0], pair[1][:2]], script(shaped, put_many(), size))
cases.chain("other types taken", pair[:1], script(fifo([tf.int32], [[]]), put_many(), take(tf.int64)))
cases.chain("closed", pair, script(shaped, put_many(), is_closed, close, is_closed, take_up_to(5, *types), size))
cases.chain("closed and put", pair, script(shaped, close, put_many(), size))
cases.chain("closed and empty", pair, script(shaped, close, take(*types)))
cases.chain("closed with too few", pair, script(shaped, put_many(), close, take_many(4, *types)))
cases.chain("closed with none up to", pair, script(shaped, close, take_up_to(2, *types)))
cases.chain("closed twice", pair, script(shaped, close, close, size))
for kind in ("f4", "f8", "i1", "u1", "i2", "i8", "?", "c8"):
    x = np.array([[0, 1], [1, 0]], kind)
    cases.chain(f"of {kind}", [x], script(fifo([tf.as_dtype(x.dtype)], [[2]]), put_many(), take_many(2, tf.as_dtype(x.dtype))))


def shuffle(stays, seed=7, seed2=9):
    return lambda: raw.RandomShuffleQueueV2(component_types=[tf.int32], shapes=[[]], capacity=50, min_after_dequeue=stays, seed=seed,
                                            seed2=seed2)


twelve = [np.arange(12, dtype="i4")]
cases.chain("by chance", twelve, script(shuffle(3), put_many(), take_many(9, tf.int32), close, take_many(3, tf.int32)))
cases.chain("by chance, other seeds", twelve, script(shuffle(0, 0, 5), put_many(), take_many(12, tf.int32)))
cases.chain("by chance, put in between", twelve,
            script(shuffle(1, 1, 0), put_many(), take_many(5, tf.int32), put_many(), take_many(7, tf.int32), size))
cases.chain("by chance, one by one", twelve, script(shuffle(2), put_many(), take(tf.int32), take(tf.int32), size))


def padding():
    return raw.PaddingFIFOQueueV2(component_types=types, shapes=[[None], [2, None]], capacity=50)


rows = [np.array([1], "i4"), np.array([["a"], ["b"]]), np.array([1, 2, 3], "i4"), np.array([["c", "d"], ["e", "f"]]), np.zeros(0, "i4"),
        np.zeros((2, 0), object)]
puts = [put(lambda *p, i=i: [p[2 * i], p[2 * i + 1]]) for i in range(3)]
cases.chain("filled up", rows, script(padding, *puts, take_many(3, *types)))
cases.chain("filled up, one by one", rows, script(padding, *puts, take(*types), take_many(2, *types)))
cases.chain("filled up, another rank", rows, script(padding, put(lambda *p: [p[1], p[0]]), size))


def priority(shapes=([],), component_types=(tf.string,)):
    return lambda: raw.PriorityQueueV2(component_types=list(component_types), shapes=list(shapes), capacity=50)


urgent = [np.array([5, 1, 3, -4], "i8"), np.array(["five", "one", "three", "first"])]
both = [tf.int64, tf.string]
cases.chain("the lowest first", urgent, script(priority(), put_many(), take(*both), take_many(3, *both)))
cases.chain("priorities alone", urgent[:1], script(priority((), ()), put_many(), take_many(2, tf.int64)))
cases.write()
