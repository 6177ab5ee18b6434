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


# ---- Gradients: gates, states and what arrives are any numbers ----


def lstm_grads(name, shape, length=None, dtype=np.float32, wrong=None, **attrs):
    """The gradient of the cell at the first step, and of both sequences.
    `wrong` is an input with a row less."""
    steps, batch, inputs, cells = shape
    tol = 4e-2 if dtype == np.float16 else None
    ins = lstm(*shape) + [some(steps, batch, cells) for _ in range(9)]
    ins = [v.astype(dtype) for v in ins]
    attrs.setdefault("use_peephole", False)
    if wrong is not None:
        ins[wrong] = ins[wrong][1:]
    if batch and wrong not in (0, 14):
        x, *rest, h, cs_grad, h_grad = ins
        first = [v if i < 7 else v[0] for i, v in enumerate(rest)]
        if wrong and wrong > 7:
            first[wrong - 1] = rest[wrong - 1][0, 1:]
        cases.add("LSTMBlockCellGrad", [x[0], *first, cs_grad[0], h_grad[0]],
                  name, tol=tol, **attrs)
    # TensorFlow looks at no other shapes, but reads and writes what is not there
    for op in ("BlockLSTMGrad", "BlockLSTMGradV2") if wrong in (
            None, 3, 7) else ():
        # a product of nothing is what was in memory: of w without a batch, of x
        # without cells
        open_ = (3,) if not batch else () if cells else (0,)
        cases.add(op, [np.int64(steps if length is None else length), *ins],
                  name, tol=tol, skip=open_, **attrs)


lstm_grads("plain", (4, 2, 3, 5))
lstm_grads("one step", (1, 1, 1, 1))
lstm_grads("wide", (3, 9, 20, 18))
lstm_grads("peephole", (3, 2, 3, 5), use_peephole=True)
lstm_grads("stops early", (4, 2, 3, 5), length=2)
lstm_grads("stops at once", (4, 2, 3, 5), length=0)
# TensorFlow aborts at a length that x does not have
lstm_grads("half", (3, 2, 3, 5), dtype=np.float16)
lstm_grads("half peephole", (3, 2, 3, 5), dtype=np.float16, use_peephole=True)
lstm_grads("no batch", (3, 0, 3, 5))
lstm_grads("no inputs", (3, 2, 0, 5))
lstm_grads("no cells", (3, 2, 3, 0))
for i in (1, 2, 3, 7, 8, 10, 13):
    lstm_grads(f"other input {i}", (3, 2, 3, 4), wrong=i)
x, *rest = lstm(3, 2, 3, 4) + [some(3, 2, 4) for _ in range(9)]
cases.add("BlockLSTMGrad", [np.int64(3), x[0], *rest], "x of rank 2",
          use_peephole=False)
rest[7] = rest[7][0]
cases.add("BlockLSTMGradV2", [np.int64(3), x, *rest], "i of rank 2",
          use_peephole=False)


def gru_grads(batch, inputs, cells):
    return gru(batch, inputs, cells) + [some(batch, cells) for _ in range(4)]


cases.add("GRUBlockCellGrad", gru_grads(2, 3, 4))
cases.add("GRUBlockCellGrad", gru_grads(1, 1, 1), "one")
cases.add("GRUBlockCellGrad", gru_grads(9, 20, 17), "wide")
cases.add("GRUBlockCellGrad", gru_grads(0, 3, 4), "no batch")
for i in range(1, 10):
    bad = gru_grads(2, 3, 4)
    bad[i] = bad[i][1:]
    cases.add("GRUBlockCellGrad", bad, f"other input {i}")
cases.write()
