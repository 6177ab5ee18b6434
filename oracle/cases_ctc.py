"""Writes tests/conformance/ctc.cases: the decoders of CTC; data formats."""
import numpy as np

from case_writer import Cases

cases = Cases("ctc")
random = np.random.RandomState(13)
f32 = np.float32


def scores(*shape, spread=3.0, dtype=f32):
    return random.normal(0, spread, shape).astype(dtype)


def greedy(name, x, lengths, **attrs):
    cases.add("CTCGreedyDecoder", [x, np.int32(lengths)], name, **attrs)


def beam(name, x, lengths, width=8, paths=2, tol=None, **attrs):
    cases.add("CTCBeamSearchDecoder", [x, np.int32(lengths)], name, tol=tol,
              beam_width=width, top_paths=paths, **attrs)


for dtype in (f32, np.float64):
    kind = np.dtype(dtype).name
    x = scores(9, 3, 4, dtype=dtype)
    for merge in (True, False):
        greedy(f"{kind} {merge}", x, [9, 5, 0], merge_repeated=merge)
        greedy(f"{kind} blank first {merge}", x, [9, 5, 9], blank_index=0,
               merge_repeated=merge)
        for width, paths in ((1, 1), (2, 2), (8, 3), (100, 5)):
            beam(f"{kind} {merge} {width} {paths}", x, [9, 5, 7], width, paths,
                 tol=1e-5, merge_repeated=merge)
    beam(f"{kind} certain", 50 * scores(6, 1, 4, dtype=dtype), [6], 6, 3,
         tol=1e-5)
beam("long", scores(60, 2, 12), [60, 41], 25, 3, tol=1e-5)
# Among paths of equal chances any order is as good.
cases.add("CTCBeamSearchDecoder", [np.zeros((4, 1, 4), f32), np.int32([4])],
          "all the same", tol=1e-5, skip=[0, 1, 2, 3], beam_width=3, top_paths=2)
x = scores(5, 2, 4)
x[1, 0, 1], x[2, 1] = -np.inf, -np.inf
x[2, 1, 0] = 0
beam("impossible", x, [5, 5], 6, 2, tol=1e-5)
x = scores(5, 2, 4)
for decode in (greedy, beam):
    decode("too long", x, [5, 6])
    decode("negative length", x, [5, -1], **({} if decode is greedy else
                                             {"paths": 1}))
    decode("other batch", x, [5])
    decode("no time", x[:0], [0, 0])
    decode("no classes", x[..., :0], [1, 1])
    decode("two axes", x[0], [1, 1])
    decode("scalar length", x[:, :1], 3)
greedy("blank outside", x, [5, 5], blank_index=4)
greedy("blank far outside", x, [5, 5], blank_index=-5)
beam("too many paths", x, [5, 5], 3, 4)
beam("fewer leaves", x, [0, 5], 3, 2)



def loss(name, x, labels, lengths, tol=1e-5, **attrs):
    index = [[b, i] for b, row in enumerate(labels) for i in range(len(row))]
    cases.add("CTCLoss", [x, np.array(index, np.int64).reshape(-1, 2),
                          np.int32([v for row in labels for v in row]),
                          np.int32(lengths)], name, tol=tol, **attrs)


LABELS = [[0, 1, 1], [2, 0], [2, 2, 2]]
for dtype in (f32, np.float64):
    kind = np.dtype(dtype).name
    x = scores(9, 3, 4, dtype=dtype)
    for merge in (True, False):
        for collapse in (True, False):
            loss(f"{kind} {merge} {collapse}", x, LABELS, [9, 5, 7],
                 ctc_merge_repeated=merge,
                 preprocess_collapse_repeated=collapse)
    loss(f"{kind} no time", x, LABELS, [9, 0, 7],
         ignore_longer_outputs_than_inputs=True)
x = scores(9, 3, 4)
loss("no way", x, LABELS, [3, 2, 3])
loss("too short", x, LABELS, [2, 2, 3])
loss("too short, ignored", x, LABELS, [2, 2, 3],
     ignore_longer_outputs_than_inputs=True)
loss("blank at the end", x, [[0, 1, 3], [2, 0], [2]], [9, 9, 9])
loss("blank inside", x, [[0, 3, 1], [2, 0], [2]], [9, 9, 9])
# Of nothing but blanks TensorFlow reads a state that is not there.
loss("only blanks", x, [[3], [2, 0], [2]], [9, 9, 9], skip=[0, 1])
loss("label above", x, [[0, 7], [2, 0], [2]], [9, 9, 9])
loss("negative label", x, [[0, -1], [2, 0], [2]], [9, 9, 9])
loss("no labels", x, [[0], [], [2]], [9, 9, 9])
loss("too long", x, LABELS, [10, 9, 9])
loss("negative length", x, LABELS, [-1, 9, 9])
loss("other batch", x, LABELS, [9, 9])
loss("sequence too many", x, [*LABELS, [0]], [9, 9, 9])
y = x.copy()
y[2, 0, 1] = -np.inf
loss("impossible", y, LABELS, [9, 9, 9])
cases.add("CTCLoss", [x, np.int64([[1, 0], [0, 0], [2, 0]]), np.int32([0, 1, 2]),
                      np.int32([9, 9, 9])], "out of order")
cases.add("CTCLoss", [x, np.int64([[0, 0]]), np.int32([0, 1]),
                      np.int32([9, 9, 9])], "other count")

for dtype in (np.int32, np.int64):
    axes = np.arange(-4, 4).astype(dtype)
    kind = np.dtype(dtype).name
    for src, dst in (("NHWC", "NCHW"), ("NCHW", "NHWC"), ("HWIO", "OIHW")):
        name = f"{kind} {src} {dst}"
        attrs = {"src_format": src, "dst_format": dst}
        cases.add("DataFormatDimMap", [axes], name, **attrs)
        cases.add("DataFormatDimMap", [dtype(-1)], name + " scalar", **attrs)
        cases.add("DataFormatVecPermute", [np.array([5, 6, 7, 8], dtype)], name,
                  **attrs)
        cases.add("DataFormatVecPermute",
                  [np.arange(8).reshape(4, 2).astype(dtype)], name + " pairs",
                  **attrs)
    for src, dst in (("NHWC", "NCHW"), ("NCHW", "NHWC"), ("NHWC", "HWNC"),
                     ("NHWC", "WHCN")):
        attrs = {"src_format": src, "dst_format": dst}
        cases.add("DataFormatVecPermute", [np.array([3, 4], dtype)],
                  f"{kind} {src} {dst} two", **attrs)
        cases.add("DataFormatVecPermute", [np.array([[3, 4], [5, 6]], dtype)],
                  f"{kind} {src} {dst} two pairs", **attrs)
    attrs = {"src_format": "NDHWC", "dst_format": "NCDHW"}
    cases.add("DataFormatDimMap", [np.arange(-5, 5).astype(dtype)],
              kind + " five", **attrs)
    cases.add("DataFormatVecPermute", [np.arange(5).astype(dtype)],
              kind + " five", **attrs)
    cases.add("DataFormatVecPermute", [np.arange(3).astype(dtype)],
              kind + " five, three", **attrs)
cases.add("DataFormatDimMap", [np.int32([4])], "outside")
cases.add("DataFormatDimMap", [np.int32([0])], "three", src_format="NHC",
          dst_format="NCH")
cases.add("DataFormatDimMap", [np.int32([0])], "other letters",
          src_format="NHWC", dst_format="NCHD")
cases.add("DataFormatDimMap", [np.zeros((0, 2), np.int32)], "empty")
cases.add("DataFormatVecPermute", [np.int32([1, 2, 3])], "three rows")
cases.add("DataFormatVecPermute", [np.int32(1)], "scalar")
cases.add("DataFormatVecPermute", [np.zeros((4, 3), np.int32)], "three columns")
cases.add("DataFormatVecPermute", [np.int32([1, 2, 3, 4])], "other letters",
          src_format="NHWC", dst_format="NCHD")
cases.write()
