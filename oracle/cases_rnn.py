"""Writes tests/conformance/rnn.cases: LSTM and GRU block cells."""
import numpy as np

from case_writer import Cases

cases = Cases("rnn")
random = np.random.RandomState(13)


def some(*shape):
    return (random.randint(-32, 33, shape) / 32).astype(np.float32)


def lstm(steps, batch, inputs, cells, dtype=np.float32):
    x = some(steps, batch, inputs)
    rest = [some(batch, cells), some(batch, cells),
            some(inputs + cells, 4 * cells), some(cells), some(cells),
            some(cells), some(4 * cells)]
    return [v.astype(dtype) for v in [x, *rest]]


def both(name, shape, length=None, dtype=np.float32, **attrs):
    """The cell on the first step, and both sequences."""
    x, *rest = lstm(*shape, dtype=dtype)
    tol = 2e-2 if dtype == np.float16 else None
    length = shape[0] if length is None else length
    if shape[1]:
        cases.add("LSTMBlockCell", [x[0], *rest], name, tol=tol, **attrs)
    # TensorFlow clears cs and h alone beyond the length.
    skip = (0, 2, 3, 4, 5) if length < shape[0] else ()
    cases.add("BlockLSTM", [np.int64(length), x, *rest], name, tol=tol,
              skip=skip, **attrs)
    attrs.pop("forget_bias", None)
    cases.add("BlockLSTMV2", [np.int64(shape[0]), x, *rest], name, tol=tol,
              **attrs)


both("plain", (4, 2, 3, 5))
both("one step", (1, 1, 1, 1))
both("wide", (3, 7, 20, 18))
both("peephole", (3, 2, 3, 5), use_peephole=True)
both("clip", (5, 2, 3, 4), cell_clip=0.3)
both("no clip", (5, 2, 3, 4), cell_clip=-1.0)
both("forget bias", (3, 2, 3, 4), forget_bias=-0.5)
both("stops early", (4, 2, 3, 5), length=2)
both("stops at once", (4, 2, 3, 5), length=0)
both("half", (3, 2, 3, 5), dtype=np.float16, use_peephole=True)
both("no batch", (3, 0, 3, 5))
x, *rest = lstm(3, 2, 3, 4)
for i, name in enumerate(("cs_prev", "h_prev", "w", "wci", "wcf", "wco", "b")):
    bad = list(rest)
    bad[i] = bad[i][1:]
    if name in ("wci", "wcf", "wco"):  # TensorFlow reads beyond its end
        continue
    cases.add("LSTMBlockCell", [x[0], *bad], f"other {name}")
    cases.add("BlockLSTM", [np.int64(3), x, *bad], f"other {name}")
cases.add("BlockLSTM", [np.int64(3), x[0], *rest], "x of rank 2")


def gru(batch, inputs, cells):
    return [some(batch, inputs), some(batch, cells),
            some(inputs + cells, 2 * cells), some(inputs + cells, cells),
            some(2 * cells), some(cells)]


cases.add("GRUBlockCell", gru(2, 3, 4))
cases.add("GRUBlockCell", gru(1, 1, 1), "one")
cases.add("GRUBlockCell", gru(9, 20, 17), "wide")
for i in range(1, 6):
    bad = gru(2, 3, 4)
    bad[i] = bad[i][1:]
    cases.add("GRUBlockCell", bad, f"other input {i}")
cases.write()
