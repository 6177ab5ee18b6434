"""Edges of ops whose families show only the middle: writes tests/conformance/edges.cases."""
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
cases.write()
