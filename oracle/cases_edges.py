"""Edges of ops whose families show only the middle: writes tests/conformance/edges.cases."""
from case_writer import typed
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("edges")
I, L, F = np.int32, np.int64, np.float32
zeros = lambda *shape: np.zeros(shape, F)

cases.add("AdjustContrast", [zeros(0, 3, 3), F(2), F(0), F(1)], "of nothing", version=1)
cases.add("AdjustContrast", [F(2), F(2), F(0), F(1)], "of a scalar", version=1)
cases.add("BatchMatMulV3", [zeros(2, 0, 3), zeros(3, 4)], "of no rows", Tout="float")
cases.add("BatchMatMulV3", [zeros(2, 3, 0), zeros(0, 4)], "of no products", Tout="float")
cases.add("BatchMatMulV3", [zeros(2, 3), zeros(2, 3)], "that do not fit", Tout="float")
more = dict(variance_epsilon=0.1, scale_after_normalization=True, version=8)
cases.add("BatchNormWithGlobalNormalization", [zeros(0, 2, 2, 3), *[np.ones(3, F)] * 4], "of nothing", **more)
cases.add("BiasAddV1", [zeros(0, 3), F([1, 2, 3])], "of nothing")
cases.add("BiasAddV1", [zeros(2, 3), F([1, 2])], "of other channels")
conv = dict(strides=[1, 1, 1, 1, 1], padding="SAME")
cases.add("Conv3DBackpropInputV2", [I([0, 3, 3, 3, 2]), np.ones((2, 2, 2, 2, 4), F), zeros(0, 3, 3, 3, 4)], "of nothing", **conv)
cases.add("Conv3DBackpropInputV2", [I([1, 3, 3, 3, 2]), np.ones((2, 2, 2, 2, 4), F), zeros(1, 3, 3, 2, 4)], "of another size", **conv)
cases.add("FractionalAvgPool", [zeros(1, 4, 4, 1)], "with too few ratios", pooling_ratio=[1.0, 1.5])
cases.add("FractionalAvgPool", [zeros(4, 4, 1)], "of three axes", pooling_ratio=[1.0, 1.5, 1.5, 1.0])
for op, inputs in {"MatrixDiagPartV3": [zeros(0, 3, 3), I([0, 1]), F(7)], "MatrixDiagV3": [zeros(0, 3), I(0), I(-1), I(-1), F(7)],
                   "MatrixSetDiagV2": [zeros(0, 3, 3), zeros(0, 3), I(0)]}.items():
    cases.add(op, inputs, "of nothing")
cases.add("MatrixDiagPartV3", [zeros(3, 3), I([5]), F(7)], "behind the edge")
cases.add("MatrixDiagV3", [F([1, 2]), I([1, 0]), I(-1), I(-1), F(7)], "of diagonals the wrong way")
cases.add("MatrixSetDiagV2", [zeros(3, 3), zeros(2), I(0)], "with too short a diagonal")
cases.add("MatrixExponential", [zeros(2, 3)], "not square")
cases.add("QuantizeAndDequantize", [zeros(0, 3)], "of nothing", version=21, input_min=-1.0, input_max=1.0, range_given=True)
cases.add("QuantizeAndDequantize", [F(0.3)], "of a scalar", version=21, input_min=-1.0, input_max=1.0, range_given=True)
cases.add("QuantizeAndDequantizeV4", [zeros(0, 3), F(-1), F(1)], "of nothing", range_given=True)
cases.add("QuantizeAndDequantizeV4", [F([1]), F(1), F(-1)], "of an empty range", range_given=True)
cases.add("StaticRegexReplace", [np.zeros(0, object)], "of nothing", pattern="a", rewrite="b")
cases.add("StaticRegexReplace", [np.array(["a"], object)], "with a broken pattern", pattern="(", rewrite="b")
cases.add("TensorScatterSub", [F([1, 2, 3]), zeros(0, 1).astype(I), F([])], "of nothing")
cases.add("TensorScatterSub", [F([1, 2, 3]), I([[3]]), F([1])], "behind the end")
cases.add("UniqueWithCountsV2", [F([]), I([0])], "of nothing")
cases.add("UniqueWithCountsV2", [F([np.nan, 1, np.nan]), I([0])], "with NaN")
cases.add("UniqueWithCountsV2", [F([1, 2]), I([1])], "along an axis that is not there")
for n, fft, inverse in ((1, "FFT", "IFFT"),):
    nothing = np.zeros((0, 4), np.complex64)
    many = np.zeros((0, 2, 4), np.complex64)
    axes, size = I([-1] if n == 1 else [-2, -1]), I([4] if n == 1 else [2, 4])
    for x, what in ((nothing, "of nothing"), (many, "of no fields")):
        for op, known in (("FFTND", fft), ("IFFTND", inverse)):
            cases.add(op, [x, size, axes], f"{what} {n}", expect=cases.ask(known, [x]), tol=1e-4)
        real = x.real.copy()
        known = "RFFT" if n == 1 else "RFFT2D"
        cases.add("RFFTND", [real, size, axes], f"{what} {n}", expect=cases.ask(known, [real, size]), tol=1e-4)
        half = x[..., :3].copy()
        cases.add("IRFFTND", [half, size, axes], f"{what} {n}", expect=cases.ask("I" + known, [half, size]), tol=1e-4)
for name, args in {"StatelessMultinomial": [zeros(0, 3), I(2), I([1, 2])], "StatelessRandomBinomial": [I([0]), I([1, 2]), F(3), F(0.5)],
                   "StatelessRandomGammaV2": [I([0]), I([1, 2]), F(3)],
                   "StatelessRandomGammaV3": [I([0]), np.uint64([1]), np.uint64([1, 2]), I(1), F(3)]}.items():
    cases.add(name, args, "of nothing")
cases.add("StatelessMultinomial", [zeros(2, 0), I(2), I([1, 2])], "of no classes")
cases.add("StatelessRandomBinomial", [I([2]), I([1]), F(3), F(0.5)], "of one seed")
cases.add("StatelessRandomGammaV2", [I([2]), I([1]), F(3)], "of one seed")
cases.add("StatelessRandomGammaV3", [I([2]), np.uint64([1]), np.uint64([1]), I(9), F(3)], "by no algorithm")
cases.chain("TensorListConcat of empty elements", [zeros(0, 2)], lambda x: list(raw.TensorListConcat(
    input_handle=raw.TensorListSplit(tensor=x, element_shape=I([-1, 2]), lengths=L([0, 0])), element_dtype=x.dtype)))
cases.chain("StatelessRandomGetAlg in a wrong place", [F([7])], lambda x: raw.Gather(params=x, indices=raw.StatelessRandomGetAlg()))
cases.chain("Fact in a wrong place", [F([1, 2])], lambda x: raw.Gather(params=x, indices=raw.StringToNumber(
    string_tensor=raw.Fact(), out_type=tf.int32)))
cases.add("StatelessRandomPoisson", [I([0]), I([1, 2]), F(3)], "of nothing", dtype="float")
cases.add("StatelessRandomPoisson", [I([2]), I([1]), F([3, 4])], "of one seed", dtype="float")

# ---- Gradients: NaN arrives; nothing does; what does not fit does ----

random = np.random.RandomState(3)
some = lambda *shape: random.uniform(-2, 2, shape).astype(F)


def gradient(op, inputs, at, batch=(), wrong=None, last=np.inf, **attrs):
    """NaN and `last` in input `at`; `batch` are the inputs that have images, or say
    how many there are; `wrong` takes the place of input `at`."""
    odd = list(inputs)
    odd[at] = inputs[at].copy()
    odd[at].flat[0], odd[at].flat[-1] = np.nan, last
    cases.add(op, odd, "with NaN", **attrs)
    if batch:
        cases.add(op, [np.concatenate([[0], v[1:]]).astype(v.dtype) if i in batch and v.ndim == 1
                       else v[:0] if i in batch else v for i, v in enumerate(inputs)],
                  "of nothing", **attrs)
    if wrong is not None:
        cases.add(op, [*inputs[:at], wrong, *inputs[at + 1:]], "that does not fit", **attrs)


two = dict(ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID")
three = dict(ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="VALID")
how = [I(two["ksize"]), I(two["strides"])]
x, dy = some(2, 4, 4, 2), some(2, 2, 2, 2)
y, where = cases.ask("MaxPoolWithArgmax", [x], **two)
gradient("MaxPoolGradV2", [x, y, dy, *how], 2, (0, 1, 2), dy[0], padding="VALID")
gradient("MaxPoolGradGrad", [x, y, some(2, 4, 4, 2)], 2, (0, 1, 2), dy, **two)
gradient("MaxPoolGradGradV2", [x, y, some(2, 4, 4, 2), *how], 2, (0, 1, 2), dy, padding="VALID")
gradient("MaxPoolGradWithArgmax", [x, dy, where], 1, (0, 1, 2), dy[:, :1], **two)
x3, dy3 = some(2, 4, 4, 4, 2), some(2, 2, 2, 2, 2)
y3, = cases.ask("MaxPool3D", [x3], **three)
gradient("AvgPool3DGrad", [I(x3.shape), dy3], 1, (0, 1), dy3[0], **three)
gradient("MaxPool3DGrad", [x3, y3, dy3], 2, (0, 1, 2), dy3[0], **three)
gradient("MaxPool3DGradGrad", [x3, y3, some(2, 4, 4, 4, 2)], 2, (), dy3, **three)
rows, cols = L([0, 2, 4]), L([0, 1, 4])
gradient("FractionalAvgPoolGrad", [L(x.shape), dy, rows, cols], 1)
gradient("FractionalMaxPoolGrad", [x, cases.ask("FractionalMaxPool", [x], pooling_ratio=[
    1, 2, 2, 1], deterministic=True, seed=1, seed2=1)[0], dy, rows, L([0, 2, 4])], 2)
conv = dict(strides=[1, 1, 1, 1, 1], padding="VALID")
w3, out3 = some(2, 2, 2, 2, 3), some(2, 3, 3, 3, 3)
gradient("Conv3DBackpropFilter", [x3, w3, out3], 2, (), out3[..., :2], version=9, **conv)
gradient("Conv3DBackpropFilterV2", [x3, I(w3.shape), out3], 2, (0, 2), out3[:, 1:], **conv)
depth = dict(strides=[1, 1, 1, 1], padding="VALID")
w, out = some(2, 2, 2, 3), some(2, 3, 3, 6)
gradient("DepthwiseConv2dNativeBackpropFilter", [x, I(w.shape), out], 2, (), out[:, 1:], **depth)
gradient("DepthwiseConv2dNativeBackpropInput", [I(x.shape), w, out], 2, (0, 2), out[:, 1:], **depth)
dilate = dict(strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")
for word in ("Filter", "Input"):
    gradient(f"Dilation2DBackprop{word}", [x, some(2, 2, 2), some(2, 3, 3, 2)], 2, (0, 2),
             some(2, 3, 2, 2), **dilate)
ones = np.ones(2, F)
for v in ("", "V2"):
    gradient(f"FusedBatchNormGrad{v}", [x, x, ones, ones, ones], 0, (), x[:, 1:], 1)
gradient("BatchNormWithGlobalNormalizationGrad", [x, ones, ones, ones, x], 4, (0, 4),
         variance_epsilon=0.1, scale_after_normalization=True, version=8)
gradient("QuantizeAndDequantizeV4Grad", [some(3, 4), some(3, 4), F(-1), F(1)], 0, (0, 1), some(3, 3))

# ---- Others ----

cases.add("TensorSummary", [F(3)], "of a scalar", description="", labels=[], display_name="")
cases.add("TensorSummary", [zeros(0, 2)], "of nothing", description="", labels=[], display_name="")

# ---- Ops of batches, for which TensorFlow has no kernels: as those of one ----

m = some(2, 3, 3).astype(np.float64)
m = m @ m.swapaxes(1, 2) + 3 * np.eye(3)
z = (some(2, 2, 2, 3) + 1j * some(2, 2, 2, 3)).astype(np.complex64)
right = {"MatrixSolve": lambda x: [x, x[..., :2]], "MatrixTriangularSolve": lambda x: [x, x[..., :2]],
         "MatrixSolveLs": lambda x: [x, x[..., :2], np.float64(0.1)], "CholeskyGrad": lambda x: [np.tril(x), x]}
for op in ("Cholesky", "CholeskyGrad", "MatrixDeterminant", "MatrixInverse", "MatrixSolve", "MatrixTriangularSolve",
           "MatrixSolveLs", "SelfAdjointEigV2", "Svd"):
    for what, v in (("of nothing", m[:0]), ("of one", m[:1] if op != "Svd" else np.eye(3)[None] * [3, 2, 1]),
                    ("of empty matrices", m[:, :0, :0])):
        inputs = right.get(op, lambda x: [x])(v)
        cases.add("Batch" + op, inputs, what, expect=cases.ask(op, inputs))
for what, v in (("of nothing", m[:0]), ("of one", m[:1])):
    e, q = cases.ask("SelfAdjointEigV2", [v])
    cases.add("BatchSelfAdjointEig", [v], what, expect=[np.concatenate([e[:, None], q], 1)])
for n in ("", "2D", "3D"):
    for op in ("FFT", "IFFT"):
        for what, v in (("of nothing", z[:0]), ("of one", z[:1])):
            known = {"": "", "2D": "2D", "3D": "3D"}[n]
            cases.add(f"Batch{op}{n}", [v], what, expect=cases.ask(op + known, [v]))

# ---- Others ----

tag = np.array(b"t", object)
for what, v in (("of nothing", zeros(0, 3, 2)), ("of one channel", some(1, 5) / 4), ("of a vector", some(3))):
    cases.add("AudioSummary", [tag, v], what, sample_rate=8000.0, max_outputs=2, version=14)
for op in ("DeepCopy", "Snapshot"):
    for what, v in (("of nothing", zeros(0, 3)), ("of a scalar", F(np.nan)), ("of numbers", I([1, 2]))):
        cases.add(op, [v], what)
few = typed("quint8", np.zeros((0, 3, 3, 2), np.uint8))
cases.add("QuantizedRelu6", [few, F(0), F(6)], "of nothing", out_type="quint8")
cases.add("RequantizationRange", [typed("qint32", np.int32([[-5, 7]])), F(1), F(1)], "of no range")
cases.add("QuantizedConv2D", [typed("quint8", np.ones((1, 1, 1, 2), np.uint8)), typed("quint8", np.ones((1, 1, 3, 3), np.uint8)),
                              F(0), F(1), F(0), F(1)], "of other channels", strides=[1, 1, 1, 1], padding="VALID", out_type="qint32")
cases.write()
