"""Gradients of single ops, as TensorFlow has them: tests/conformance/gradients."""
from gradient_writer import Gradients, complex_, np, random, real, tf
from gradients_control import calls, control, lists, loops, old_loops, twice

raw = tf.raw_ops
F = np.float64


def math():
    g = Gradients("math")
    anywhere = ("Neg Abs Square Exp Expm1 Sin Cos Tan Sinh Cosh Tanh Asinh Atan Sigmoid Erf "
                "Erfc BesselI0 BesselI0e Dawsn FresnelCos FresnelSin Elu Selu Relu Relu6 "
                "Softplus Softsign LeakyRelu Identity").split()
    for op in anywhere:
        arg = "features" if op in ("Elu Selu Relu Relu6 Softplus Softsign "
                                   "LeakyRelu".split()) else "input" if op == "Identity" else "x"
        for dtype in (np.float64, np.float32):
            g.grad(op, [real(3, 4, dtype=dtype)],
                   lambda x, op=op, arg=arg: getattr(raw, op)(**{arg: x}))
    positive = ("Sqrt Rsqrt Log Log1p Lgamma Digamma BesselJ0 BesselY0 BesselK0 BesselK0e "
                "Expint Spence Reciprocal Inv").split()
    for op in positive:
        g.grad(op, [real(7, low=0.2)], lambda x, op=op: getattr(raw, op)(x=x))
    for op in ("Asin", "Acos", "Atanh", "Erfinv"):
        g.grad(op, [real(7, low=-0.9, high=0.9)], lambda x, op=op: getattr(raw, op)(x=x))
    g.grad("Acosh", [real(7, low=1.1, high=3)], lambda x: raw.Acosh(x=x))
    g.grad("Ndtri", [real(7, low=0.1, high=0.9)], lambda x: raw.Ndtri(x=x))
    for op in "Neg Square Exp Expm1 Sin Cos Tan Sinh Cosh Tanh Sigmoid Sqrt Log Reciprocal".split():
        g.grad(op + " complex", [complex_(5)], lambda x, op=op: getattr(raw, op)(x=x))
    g.grad("Cast", [real(3)], lambda x: tf.cast(x, tf.float32))
    for op, arg in (("Conj", "input"), ("Real", "input"), ("Imag", "input")):
        g.grad(op, [complex_(4)], lambda x, op=op, arg=arg: getattr(raw, op)(
            **{arg: x}, **({} if op == "Conj" else {"Tout": tf.float64})))
    g.grad("ComplexAbs", [complex_(4)], lambda x: raw.ComplexAbs(x=x, Tout=tf.float64))
    g.grad("Complex", [real(2, 3), real(3)],
           lambda x, y: raw.Complex(real=x, imag=y, Tout=tf.complex128))
    for op in ("Add AddV2 Sub Mul RealDiv Div SquaredDifference Maximum Minimum Atan2 "
               "DivNoNan MulNoNan FloorMod").split():
        a, b = ("y", "x") if op == "Atan2" else ("x", "y")
        for shapes in (((2, 3), (2, 3)), ((2, 3), (3,)), ((), (4,)), ((2, 1, 3), (4, 1)),
                       ((0, 3), (3,))):
            g.grad(op, [real(*shapes[0]), real(*shapes[1], low=0.3)],
                   lambda x, y, op=op, a=a, b=b: getattr(raw, op)(**{a: x, b: y}))
    for op in ("Mul", "RealDiv", "Sub"):
        g.grad(op + " complex", [complex_(2, 3), complex_(3)],
               lambda x, y, op=op: getattr(raw, op)(x=x, y=y))
    g.grad("Pow", [real(2, 3, low=0.1), real(3)], lambda x, y: raw.Pow(x=x, y=y))
    g.grad("Pow of zero", [np.array([0.0, -1.5, 2]), np.array([2.0, 3, -1])],
           lambda x, y: raw.Pow(x=x, y=y))
    for op in ("Xlogy", "Xlog1py", "Xdivy"):
        g.grad(op, [np.array([[0.0, 1, 2], [-1, 0.5, 0]]), real(3, low=0.2)],
               lambda x, y, op=op: getattr(raw, op)(x=x, y=y))
    for op in ("Igamma", "Igammac"):
        g.grad(op, [real(4, low=0.5, high=3), real(4, low=0.5, high=3)],
               lambda a, x, op=op: getattr(raw, op)(a=a, x=x), tol=1e-6)
    g.grad("Polygamma", [real(4, low=0.5, high=3)],
           lambda x: raw.Polygamma(a=tf.constant([1.0, 2, 1, 3], tf.float64), x=x))
    g.grad("Zeta", [real(4, low=0.5, high=3)],
           lambda q: raw.Zeta(x=tf.constant([2.0, 3, 1.5, 4], tf.float64), q=q))
    g.grad("Betainc", [real(4, low=0.1, high=0.9)],
           lambda x: raw.Betainc(a=tf.constant([1.0, 2, 3, 0.5], tf.float64),
                                 b=tf.constant([2.0, 1, 3, 0.5], tf.float64), x=x))
    g.grad("AddN", [real(2, 2), real(2, 2), real(2, 2)], lambda *x: raw.AddN(inputs=list(x)))
    g.grad("Select", [real(2, 3), real(2, 3)],
           lambda x, y: raw.Select(condition=[True, False], x=x, y=y))
    g.grad("Select all", [real(3), real(3)],
           lambda x, y: raw.Select(condition=[True, False, True], x=x, y=y))
    g.grad("SelectV2", [real(2, 3), real(3)],
           lambda x, y: raw.SelectV2(condition=[[True], [False]], t=x, e=y))
    g.grad("ClipByValue", [real(3, 4)],
           lambda x: raw.ClipByValue(t=x, clip_value_min=tf.constant(-0.5, tf.float64),
                                     clip_value_max=tf.constant(0.7, tf.float64)))
    for op in ("Tanh", "Sigmoid", "Relu", "Relu6"):
        arg = "features" if "Relu" in op else "x"
        g.grad(op + " twice", [real(3, 3)], lambda x, op=op, arg=arg: tf.gradients(
            getattr(raw, op)(**{arg: x}) ** 2, [x]))
    g.grad("two ways", [real(3)], lambda x: x * tf.sin(x) + tf.exp(x))
    g.grad("stopped", [real(3)], lambda x: x * tf.stop_gradient(tf.sin(x)))
    g.write()


def reduce():
    g = Gradients("reduce")
    for op in "Sum Mean Max Min Prod EuclideanNorm".split():
        for shape, axes, keep in (((3, 4), [0], False), ((3, 4), [-1], True),
                                  ((2, 3, 4), [0, 2], False), ((2, 3), [], False),
                                  ((5,), 0, False), ((2, 3, 2), [-2], True)):
            g.grad(f"{op} {axes} {keep}", [real(*shape)],
                   lambda x, op=op, axes=axes, keep=keep: getattr(raw, op)(
                       input=x, axis=np.array(axes, np.int32), keep_dims=keep))
    g.grad("Max ties", [np.array([[1.0, 2, 2], [3, 3, 3]])],
           lambda x: raw.Max(input=x, axis=1))
    g.grad("Prod with zeros", [np.array([[1.0, 0, 2], [0, 3, 0]])],
           lambda x: raw.Prod(input=x, axis=1))
    g.grad("L2Loss", [real(3, 4)], lambda x: raw.L2Loss(t=x))
    for op in ("Cumsum", "Cumprod"):
        for exclusive in (False, True):
            for reverse in (False, True):
                g.grad(f"{op} {exclusive} {reverse}", [real(3, 4, low=0.5)],
                       lambda x, op=op, e=exclusive, r=reverse: getattr(raw, op)(
                           x=x, axis=1, exclusive=e, reverse=r))
    g.grad("CumulativeLogsumexp", [real(3, 4)],
           lambda x: raw.CumulativeLogsumexp(x=x, axis=1))
    ids = [0, 0, 1, 3]
    for op in ("SegmentSum", "SegmentMean", "SegmentMax", "SegmentMin"):
        g.grad(op, [real(4, 3)],
               lambda x, op=op: getattr(raw, op)(data=x, segment_ids=ids))
    for op in ("UnsortedSegmentSum", "UnsortedSegmentMax", "UnsortedSegmentMin"):
        g.grad(op, [real(4, 3)],
               lambda x, op=op: getattr(raw, op)(data=x, segment_ids=[2, 0, -1, 2],
                                                 num_segments=4))
    for op in ("SparseSegmentSum", "SparseSegmentMean", "SparseSegmentSqrtN"):
        g.grad(op, [real(4, 3)],
               lambda x, op=op: getattr(raw, op)(data=x, indices=[3, 0, 1, 0],
                                                 segment_ids=[0, 0, 1, 2]))
    g.write()


def array():
    g = Gradients("array")
    g.grad("Reshape", [real(2, 6)], lambda x: tf.reshape(x, [3, -1]))
    g.grad("ExpandDims", [real(2, 3)], lambda x: tf.expand_dims(x, -2))
    g.grad("Squeeze", [real(2, 1, 3)], lambda x: raw.Squeeze(input=x, axis=[1]))
    g.grad("EnsureShape", [real(2, 3)], lambda x: raw.EnsureShape(input=x, shape=[2, None]))
    g.grad("IdentityN", [real(2), real(3)], lambda x, y: raw.IdentityN(input=[x, y]))
    g.grad("Transpose", [real(2, 3, 4)], lambda x: raw.Transpose(x=x, perm=[2, 0, 1]))
    g.grad("BroadcastTo", [real(3, 1)], lambda x: raw.BroadcastTo(input=x, shape=[2, 3, 4]))
    g.grad("Fill", [real()], lambda x: raw.Fill(dims=[2, 3], value=x))
    g.grad("Tile", [real(2, 3)], lambda x: raw.Tile(input=x, multiples=[2, 3]))
    g.grad("Concat", [real(2, 3), real(2, 1)],
           lambda x, y: raw.Concat(concat_dim=1, values=[x, y]))
    g.grad("ConcatV2", [real(2, 3), real(4, 3), real(0, 3)],
           lambda *x: raw.ConcatV2(values=list(x), axis=-2))
    g.grad("ConcatV2 one way", [real(2, 3)],
           lambda x: raw.ConcatV2(values=[x, np.ones((2, 2))], axis=1))
    g.grad("Split", [real(4, 6)], lambda x: raw.Split(axis=1, value=x, num_split=3))
    g.grad("Split part", [real(4, 6)],
           lambda x: raw.Split(axis=1, value=x, num_split=3)[1])
    g.grad("SplitV", [real(4, 6)],
           lambda x: raw.SplitV(value=x, size_splits=[1, 3, 2], axis=-1, num_split=3))
    g.grad("Pack", [real(2, 3), real(2, 3)], lambda x, y: raw.Pack(values=[x, y], axis=1))
    g.grad("Unpack", [real(2, 3)], lambda x: raw.Unpack(value=x, num=3, axis=1))
    g.grad("Unpack part", [real(2, 3)], lambda x: raw.Unpack(value=x, num=3, axis=-1)[2])
    g.grad("Slice", [real(4, 5)], lambda x: raw.Slice(input=x, begin=[1, 2], size=[2, -1]))
    g.grad("StridedSlice", [real(4, 5, 3)], lambda x: x[::-2, 1, ..., None])
    g.grad("StridedSlice empty", [real(4, 5)], lambda x: x[2:2])
    g.grad("StridedSlice twice", [real(4, 5)],
           lambda x: tf.gradients(x[1:, ::2] ** 3, [x])[0])
    g.grad("Pad", [real(2, 3)], lambda x: raw.Pad(input=x, paddings=[[1, 0], [2, 1]]))
    g.grad("PadV2", [real(2, 3)],
           lambda x: raw.PadV2(input=x, paddings=[[1, 0], [2, 1]],
                               constant_values=tf.constant(2.0, tf.float64)))
    for mode in ("REFLECT", "SYMMETRIC"):
        g.grad("MirrorPad", [real(3, 4)], lambda x, mode=mode: raw.MirrorPad(
            input=x, paddings=[[1, 2], [2, 0]], mode=mode))
        g.grad("MirrorPad twice", [real(3, 4)], lambda x, mode=mode: tf.gradients(
            raw.MirrorPad(input=x, paddings=[[1, 2], [2, 0]], mode=mode) ** 2, [x])[0])
    g.grad("Reverse", [real(3, 4)], lambda x: raw.Reverse(tensor=x, dims=[True, False]))
    g.grad("ReverseV2", [real(3, 4)], lambda x: raw.ReverseV2(tensor=x, axis=[-1]))
    g.grad("ReverseSequence", [real(3, 4)], lambda x: raw.ReverseSequence(
        input=x, seq_lengths=[2, 4, 1], seq_dim=1, batch_dim=0))
    g.grad("Roll", [real(3, 4)], lambda x: raw.Roll(input=x, shift=[1, -2], axis=[0, 1]))
    g.grad("Gather", [real(4, 3)], lambda x: raw.Gather(params=x, indices=[[1, 0], [3, 1]]))
    for axis in (0, 1, -1):
        g.grad(f"GatherV2 {axis}", [real(4, 3, 2)], lambda x, axis=axis: raw.GatherV2(
            params=x, indices=[[1, 0], [0, 1]], axis=axis))
    g.grad("GatherV2 scalar", [real(4, 3)],
           lambda x: raw.GatherV2(params=x, indices=2, axis=0))
    g.grad("GatherNd", [real(4, 3)],
           lambda x: raw.GatherNd(params=x, indices=[[1, 0], [3, 2], [1, 0]]))
    g.grad("GatherNd rows", [real(4, 3)], lambda x: raw.GatherNd(params=x, indices=[[1], [3]]))
    g.grad("ScatterNd", [real(3, 2)],
           lambda x: raw.ScatterNd(indices=[[1], [3], [1]], updates=x, shape=[5, 2]))
    for op in ("TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub"):
        g.grad(op, [real(4, 2), real(2, 2)], lambda t, u, op=op: getattr(raw, op)(
            tensor=t, indices=[[1], [3]], updates=u))
    g.grad("DynamicPartition", [real(5, 2)], lambda x: raw.DynamicPartition(
        data=x, partitions=[1, 0, 2, 1, 0], num_partitions=3))
    g.grad("DynamicStitch", [real(2, 3), real(2, 3)], lambda x, y: raw.DynamicStitch(
        indices=[[0, 2], [1, 2]], data=[x, y]))
    g.grad("TopKV2", [real(3, 5)], lambda x: raw.TopKV2(input=x, k=2)[0])
    g.grad("TopKV2 vector", [real(6)], lambda x: raw.TopKV2(input=x, k=3)[0])
    g.grad("Diag", [real(3)], lambda x: raw.Diag(diagonal=x))
    g.grad("DiagPart", [real(3, 3)], lambda x: raw.DiagPart(input=x))
    g.grad("MatrixDiag", [real(2, 3)], lambda x: raw.MatrixDiag(diagonal=x))
    g.grad("MatrixDiagPart", [real(2, 3, 3)], lambda x: raw.MatrixDiagPart(input=x))
    g.grad("MatrixSetDiag", [real(2, 3, 3), real(2, 3)],
           lambda x, d: raw.MatrixSetDiag(input=x, diagonal=d))
    g.grad("MatrixBandPart", [real(4, 4)],
           lambda x: raw.MatrixBandPart(input=x, num_lower=1, num_upper=0))
    g.grad("MatrixDiagV3", [real(2, 3)], lambda x: raw.MatrixDiagV3(
        diagonal=x, k=1, num_rows=-1, num_cols=-1,
        padding_value=tf.constant(0.0, tf.float64)))
    g.grad("MatrixDiagPartV3", [real(3, 4)], lambda x: raw.MatrixDiagPartV3(
        input=x, k=[-1, 1], padding_value=tf.constant(0.0, tf.float64)))
    g.grad("MatrixSetDiagV3", [real(3, 3), real(3)],
           lambda x, d: raw.MatrixSetDiagV3(input=x, diagonal=d, k=0))
    g.grad("SpaceToDepth", [real(1, 4, 4, 2)], lambda x: raw.SpaceToDepth(input=x, block_size=2))
    g.grad("DepthToSpace", [real(1, 2, 2, 8)], lambda x: raw.DepthToSpace(input=x, block_size=2))
    g.grad("SpaceToBatch", [real(1, 4, 4, 2)], lambda x: raw.SpaceToBatch(
        input=x, paddings=[[0, 0], [0, 0]], block_size=2))
    g.grad("BatchToSpace", [real(4, 2, 2, 1)], lambda x: raw.BatchToSpace(
        input=x, crops=[[0, 1], [0, 0]], block_size=2))
    g.grad("SpaceToBatchND", [real(1, 4, 3, 2)], lambda x: raw.SpaceToBatchND(
        input=x, block_shape=[2], paddings=[[0, 0]]))
    g.grad("BatchToSpaceND", [real(4, 2, 3)], lambda x: raw.BatchToSpaceND(
        input=x, block_shape=[2], crops=[[0, 1]]))
    g.write()


def network():
    g = Gradients("network")
    for ta in (False, True):
        for tb in (False, True):
            g.grad(f"MatMul {ta} {tb}",
                   [real(*((4, 3) if ta else (3, 4))), real(*((2, 4) if tb else (4, 2)))],
                   lambda a, b, ta=ta, tb=tb: raw.MatMul(a=a, b=b, transpose_a=ta,
                                                         transpose_b=tb))
            g.grad(f"BatchMatMulV2 {ta} {tb}",
                   [real(2, *((4, 3) if ta else (3, 4))),
                    real(5, 1, *((2, 4) if tb else (4, 2)))],
                   lambda a, b, ta=ta, tb=tb: raw.BatchMatMulV2(x=a, y=b, adj_x=ta, adj_y=tb))
    g.grad("MatMul complex", [complex_(3, 4), complex_(4, 2)], lambda a, b: raw.MatMul(a=a, b=b))
    g.grad("BatchMatMul", [real(2, 3, 4), real(2, 4, 2)], lambda a, b: raw.BatchMatMul(x=a, y=b))
    x, w = real(2, 7, 6, 3, dtype=np.float32), real(3, 2, 3, 4, dtype=np.float32)
    for padding in ("SAME", "VALID"):
        for strides in ([1, 1, 1, 1], [1, 2, 2, 1]):
            g.grad(f"Conv2D {padding} {strides}", [x, w],
                   lambda x, w, p=padding, s=strides: raw.Conv2D(
                       input=x, filter=w, strides=s, padding=p), tol=1e-4)
    g.grad("Conv2D dilated", [x, w], lambda x, w: raw.Conv2D(
        input=x, filter=w, strides=[1] * 4, padding="SAME", dilations=[1, 2, 2, 1]), tol=1e-4)
    g.grad("Conv2D explicit", [x, w], lambda x, w: raw.Conv2D(
        input=x, filter=w, strides=[1] * 4, padding="EXPLICIT",
        explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0]), tol=1e-4)
    g.grad("Conv2D twice", [x, w], lambda x, w: tf.gradients(
        raw.Conv2D(input=x, filter=w, strides=[1] * 4, padding="SAME") ** 2, [x, w]), tol=1e-3)
    d = real(3, 2, 3, 2, dtype=np.float32)
    g.grad("DepthwiseConv2dNative", [x, d], lambda x, w: raw.DepthwiseConv2dNative(
        input=x, filter=w, strides=[1, 1, 1, 1], padding="SAME"), tol=1e-4)
    g.grad("DepthwiseConv2dNative strides", [x, d], lambda x, w: raw.DepthwiseConv2dNative(
        input=x, filter=w, strides=[1, 2, 2, 1], padding="VALID"), tol=1e-4)
    g.grad("Conv3D", [real(1, 4, 4, 3, 2, dtype=np.float32),
                      real(2, 2, 2, 2, 3, dtype=np.float32)],
           lambda x, w: raw.Conv3D(input=x, filter=w, strides=[1] * 5, padding="SAME"), tol=1e-4)
    g.grad("BiasAdd", [real(2, 3, 4), real(4)], lambda x, b: raw.BiasAdd(value=x, bias=b))
    p = dict(ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1])
    for padding in ("SAME", "VALID"):
        g.grad(f"MaxPool {padding}", [x], lambda x, q=padding: raw.MaxPool(
            input=x, padding=q, **p))
        g.grad(f"AvgPool {padding}", [x], lambda x, q=padding: raw.AvgPool(
            value=x, padding=q, **p))
    g.grad("MaxPoolV2", [x], lambda x: raw.MaxPoolV2(
        input=x, ksize=p["ksize"], strides=p["strides"], padding="VALID"))
    g.grad("MaxPoolWithArgmax", [x], lambda x: raw.MaxPoolWithArgmax(
        input=x, padding="VALID", **p)[0])
    g.grad("AvgPool twice", [x], lambda x: tf.gradients(
        raw.AvgPool(value=x, padding="SAME", **p) ** 2, [x])[0])
    p3 = dict(ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME")
    x3 = real(1, 4, 5, 3, 2, dtype=np.float32)
    g.grad("MaxPool3D", [x3], lambda x: raw.MaxPool3D(input=x, **p3))
    g.grad("AvgPool3D", [x3], lambda x: raw.AvgPool3D(input=x, **p3))
    g.grad("Dilation2D", [real(1, 5, 5, 2), real(2, 2, 2)], lambda x, f: raw.Dilation2D(
        input=x, filter=f, strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="SAME"))
    f32 = np.float32
    g.grad("LRN", [real(2, 3, 3, 5, dtype=f32)], lambda x: raw.LRN(input=x, depth_radius=2),
           tol=1e-4)
    for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"):
        for training in (True, False):
            kept = ((np.zeros(0, f32), np.zeros(0, f32)) if training else
                    (real(3, dtype=f32), real(3, low=0.5, dtype=f32)))
            g.grad(f"{op} {training}",
                   [real(2, 4, 3, 3, dtype=f32), real(3, dtype=f32), real(3, dtype=f32)],
                   lambda x, s, o, op=op, t=training, k=kept: getattr(raw, op)(
                       x=x, scale=s, offset=o, mean=k[0], variance=k[1], is_training=t)[0],
                   tol=1e-3)
    g.grad("Softmax", [real(3, 4)], lambda x: raw.Softmax(logits=x))
    g.grad("LogSoftmax", [real(3, 4)], lambda x: raw.LogSoftmax(logits=x))
    labels = np.array([[0.2, 0.3, 0.5], [1, 0, 0]])
    g.grad("SoftmaxCrossEntropyWithLogits", [real(2, 3), labels],
           lambda x, y: raw.SoftmaxCrossEntropyWithLogits(features=x, labels=y)[0])
    g.grad("SoftmaxCrossEntropyWithLogits twice", [real(2, 3)],
           lambda x: tf.gradients(raw.SoftmaxCrossEntropyWithLogits(
               features=x, labels=labels)[0] ** 2, [x])[0])
    g.grad("SparseSoftmaxCrossEntropyWithLogits", [real(2, 3)],
           lambda x: raw.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=[2, 0])[0])
    g.write()


def spd(*shape):
    m = real(*shape)
    return m @ np.swapaxes(m, -1, -2) + 3 * np.eye(shape[-1])


def linear():
    g = Gradients("linear")
    for adjoint in (False, True):
        g.grad(f"MatrixSolve {adjoint}", [spd(2, 3, 3) + real(2, 3, 3), real(2, 3, 2)],
               lambda a, b, t=adjoint: raw.MatrixSolve(matrix=a, rhs=b, adjoint=t))
        for lower in (False, True):
            g.grad(f"MatrixTriangularSolve {adjoint} {lower}", [spd(3, 3), real(3, 2)],
                   lambda a, b, t=adjoint, l=lower: raw.MatrixTriangularSolve(
                       matrix=a, rhs=b, adjoint=t, lower=l))
    g.grad("MatrixInverse", [spd(2, 3, 3)], lambda x: raw.MatrixInverse(input=x))
    g.grad("MatrixDeterminant", [spd(2, 3, 3)], lambda x: raw.MatrixDeterminant(input=x))
    g.grad("LogMatrixDeterminant", [spd(2, 3, 3)],
           lambda x: raw.LogMatrixDeterminant(input=x)[1])
    g.grad("Cholesky", [spd(2, 3, 3)], lambda x: raw.Cholesky(input=x))
    g.grad("Cross", [real(4, 3), real(4, 3)], lambda x, y: raw.Cross(a=x, b=y))
    for op, shape in (("FFT", (3, 5)), ("IFFT", (3, 4)), ("FFT2D", (3, 4)), ("IFFT2D", (2, 3, 4)),
                      ("FFT3D", (2, 3, 4)), ("IFFT3D", (2, 3, 2))):
        g.grad(op, [complex_(*shape)], lambda x, op=op: getattr(raw, op)(input=x))
    for a in (False, True):
        for b in (False, True):
            g.grad(f"SparseTensorDenseMatMul {a} {b}",
                   [real(3), real(*((2, 3) if b else (3, 2)))],
                   lambda v, m, a=a, b=b: raw.SparseTensorDenseMatMul(
                       a_indices=np.array([[0, 1], [2, 0], [2, 2]]), a_values=v,
                       a_shape=np.array([3, 3]), b=m, adjoint_a=a, adjoint_b=b))
    g.write()


def picture():
    g = Gradients("picture")
    f32 = np.float32
    for op in ("ResizeBilinear", "ResizeBicubic", "ResizeNearestNeighbor"):
        for corners, centers in ((False, False), (True, False), (False, True)):
            g.grad(f"{op} {corners} {centers}", [real(1, 4, 5, 2, dtype=f32)],
                   lambda x, op=op, a=corners, h=centers: getattr(raw, op)(
                       images=x, size=[7, 3], align_corners=a, half_pixel_centers=h), tol=1e-4)
    for op in ("ResizeBilinear", "ResizeNearestNeighbor"):
        g.grad(f"{op} twice", [real(1, 4, 5, 2, dtype=f32)], lambda x, op=op: getattr(raw, op)(
            images=x, size=[7, 3]) ** 2)
    for kernel, antialias in (("lanczos3", True), ("triangle", True), ("box", False)):
        g.grad(f"ScaleAndTranslate {kernel}", [real(2, 5, 6, 2, dtype=f32)],
               lambda x, k=kernel, a=antialias: raw.ScaleAndTranslate(
                   images=x, size=[4, 7], scale=[0.7, 1.4], translation=[0.5, -0.25],
                   kernel_type=k, antialias=a))
    boxes = np.array([[0.1, 0.2, 0.7, 0.9], [0.9, 0.8, 0.1, 0.3], [-0.2, 0, 1.1, 1]], f32)
    for method, dtype in (("bilinear", f32), ("bilinear", F), ("bilinear", np.float16),
                          ("nearest", f32)):
        g.grad(f"CropAndResize {method} {np.dtype(dtype).name}",
               [real(2, 5, 6, 2, dtype=dtype), boxes],
               lambda x, b, m=method: raw.CropAndResize(
                   image=x, boxes=b, box_ind=[0, 1, 1], crop_size=[3, 4], method=m), tol=4e-3
               if dtype == np.float16 else 1e-4)
    g.grad("CropAndResize of integers", [boxes], lambda b: raw.CropAndResize(
        image=np.arange(60, dtype=np.uint8).reshape(2, 5, 6, 1), boxes=b, box_ind=[0, 1, 1],
        crop_size=[3, 4]), tol=1e-4)
    g.write()


@tf.RegisterGradient("RightBlockLSTM")
def block_lstm_v2_grad(op, *dy):
    """TensorFlow's own takes the gates of BlockLSTMV2 for those of BlockLSTM."""
    return None, *raw.BlockLSTMGradV2(**dict(zip(
        ["seq_len_max", "x", "cs_prev", "h_prev", "w", "wci", "wcf", "wco", "b", "i", "cs", "f",
         "o", "ci", "co", "h"], [*op.inputs, *op.outputs])), cs_grad=dy[1], h_grad=dy[6],
        use_peephole=op.get_attr("use_peephole"))


def cells():
    g = Gradients("cells")
    f32 = np.float32

    def ask(op, peephole, length, gradient=None, wants=(1, 6)):
        def build(x, cs, h, w, i, f, o, b):
            with tf.compat.v1.get_default_graph().gradient_override_map(
                    {op: gradient} if gradient else {}):
                y = getattr(raw, op)(seq_len_max=np.int64(length), x=x, cs_prev=cs, h_prev=h,
                                     w=w, wci=i, wcf=f, wco=o, b=b, use_peephole=peephole,
                                     cell_clip=0.0)
            return [y[k] for k in wants]

        shapes = (4, 2, 3), (2, 5), (2, 5), (8, 20), (5,), (5,), (5,), (20,)
        g.grad(f"{op} {peephole} {length} {wants}", [(real(*s) / 2).astype(f32) for s in shapes],
               build)

    for args in ((False, 4), (True, 4), (False, 2)):
        ask("BlockLSTM", *args)
        ask("BlockLSTMV2", *args, "RightBlockLSTM")
    ask("BlockLSTM", True, 4, wants=[6])
    g.write()


def special():
    g = Gradients("special")
    for op in ("BesselI1", "BesselI1e", "BesselJ1"):
        g.grad(op, [np.append(real(6), 0)], lambda x, op=op: getattr(raw, op)(x=x))
    for op in ("BesselY1", "BesselK1", "BesselK1e"):
        g.grad(op, [real(6, low=0.3)], lambda x, op=op: getattr(raw, op)(x=x))
    g.grad("Angle", [complex_(5)], lambda x: raw.Angle(input=x, Tout=tf.float64))
    for op, arg in (("Sqrt", "x"), ("Rsqrt", "x"), ("Reciprocal", "x"), ("Inv", "x"),
                    ("Elu", "features"), ("Selu", "features"), ("LeakyRelu", "features"),
                    ("Softplus", "features")):
        low = 0.3 if arg == "x" else -2
        g.grad(op + " twice", [real(6, low=low)], lambda x, op=op, a=arg: tf.gradients(
            getattr(raw, op)(**{a: x}) ** 2, [x]))
    g.grad("Sqrt complex twice", [complex_(4)],
           lambda x: tf.gradients(raw.Sqrt(x=x) * x, [x], [x]))
    g.write()


def quantize():
    g = Gradients("quantize")
    f32 = np.float32
    x, low, high = real(3, 4, dtype=f32), f32(-1.1), f32(1.3)
    g.grad("FakeQuantWithMinMaxArgs", [x], lambda x: raw.FakeQuantWithMinMaxArgs(
        inputs=x, min=-1.1, max=1.3, num_bits=4))
    g.grad("FakeQuantWithMinMaxVars", [x, low, high],
           lambda x, a, b: raw.FakeQuantWithMinMaxVars(inputs=x, min=a, max=b, num_bits=4))
    g.grad("FakeQuantWithMinMaxVarsPerChannel", [x, low + np.arange(4, dtype=f32) / 9,
                                                 high - np.arange(4, dtype=f32) / 7],
           lambda x, a, b: raw.FakeQuantWithMinMaxVarsPerChannel(inputs=x, min=a, max=b))
    g.grad("QuantizeAndDequantizeV2", [x], lambda x: raw.QuantizeAndDequantizeV2(
        input=x, input_min=-1.0, input_max=1.0, range_given=True))
    g.grad("QuantizeAndDequantizeV3", [x], lambda x: raw.QuantizeAndDequantizeV3(
        input=x, input_min=-1.0, input_max=1.0, num_bits=8, range_given=True))
    g.grad("QuantizeAndDequantizeV4", [x], lambda x: raw.QuantizeAndDequantizeV4(
        input=x, input_min=-1.0, input_max=1.0, range_given=True))
    g.write()


def sparse():
    g = Gradients("sparse")
    ids = np.array([[0, 1], [0, 3], [2, 0], [2, 2]])
    shape = np.array([3, 4])
    mixed = ids[[2, 0, 3, 1]]
    g.grad("SparseReorder", [real(4)], lambda v: raw.SparseReorder(
        input_indices=mixed, input_values=v, input_shape=shape)[1])
    other = np.array([[0, 1], [1, 1], [2, 3]])
    g.grad("SparseAdd", [real(4), real(3)], lambda v, w: raw.SparseAdd(
        a_indices=ids, a_values=v, a_shape=shape, b_indices=other, b_values=w, b_shape=shape,
        thresh=tf.constant(0.0, tf.float64))[1])
    g.grad("SparseTensorDenseAdd", [real(4), real(3, 4)],
           lambda v, d: raw.SparseTensorDenseAdd(a_indices=ids, a_values=v, a_shape=shape, b=d))
    g.grad("SparseSlice", [real(4)], lambda v: raw.SparseSlice(
        indices=ids, values=v, shape=shape, start=np.array([0, 1]), size=np.array([3, 3]))[1])
    g.grad("SparseFillEmptyRows", [real(4), real()], lambda v, d: raw.SparseFillEmptyRows(
        indices=ids, values=v, dense_shape=shape, default_value=d)[1])
    g.grad("SparseToDense", [real(4), real()], lambda v, d: raw.SparseToDense(
        sparse_indices=ids, output_shape=shape, sparse_values=v, default_value=d))
    for axes, keep in (([0], False), ([1], True), ([-1], False), ([0, 1], False)):
        g.grad(f"SparseReduceSum {axes} {keep}", [real(4)],
               lambda v, a=axes, k=keep: raw.SparseReduceSum(
                   input_indices=ids, input_values=v, input_shape=shape,
                   reduction_axes=np.array(a, np.int32), keep_dims=k))
    g.grad("SparseSoftmax", [real(4)], lambda v: raw.SparseSoftmax(
        sp_indices=ids, sp_values=v, sp_shape=shape))
    for op in ("SparseDenseCwiseMul", "SparseDenseCwiseDiv"):
        for dense in ((3, 4), (4,), (3, 1)):
            g.grad(f"{op} {dense}", [real(4), real(*dense, low=0.4)],
                   lambda v, d, op=op: getattr(raw, op)(
                       sp_indices=ids, sp_values=v, sp_shape=shape, dense=d))
    g.write()


def pieces():
    g = Gradients("pieces")
    holes = np.array([[1.0, 0, 2], [0, 3, 0], [4, 5, 0], [0.5, 2, 7]])
    g.grad("SegmentProd", [holes],
           lambda x: raw.SegmentProd(data=x, segment_ids=[0, 0, 2, 2]))
    g.grad("UnsortedSegmentProd", [holes + 1], lambda x: raw.UnsortedSegmentProd(
        data=x, segment_ids=[2, 0, -1, 2], num_segments=4))
    g.grad("UnsortedSegmentProd of zeros", [holes], lambda x: raw.UnsortedSegmentProd(
        data=x, segment_ids=[1, 0, 1, 1], num_segments=2))
    g.grad("NthElement", [np.array([[3.0, 1, 2, 1], [5, 5, 5, 1]])],
           lambda x: raw.NthElement(input=x, n=1))
    for op in ("TensorScatterMax", "TensorScatterMin"):
        g.grad(op, [np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[0.5, 9], [5, 7.0]])],
               lambda t, u, op=op: getattr(raw, op)(tensor=t, indices=[[1], [2]], updates=u))
    g.grad("ScatterNdNonAliasingAdd", [real(4, 2), real(2, 2)],
           lambda t, u: raw.ScatterNdNonAliasingAdd(input=t, indices=[[1], [3]], updates=u))
    g.grad("TensorStridedSliceUpdate", [real(4, 5), real(2, 2)],
           lambda t, u: raw.TensorStridedSliceUpdate(
               input=t, begin=[1, 0], end=[3, 4], strides=[1, 2], value=u))
    g.grad("TensorStridedSliceUpdate repeated", [real(4, 5), real(2)],
           lambda t, u: raw.TensorStridedSliceUpdate(
               input=t, begin=[1, 0], end=[3, 4], strides=[1, 2], value=u))
    g.grad("ConjugateTranspose", [complex_(2, 3, 2)],
           lambda x: raw.ConjugateTranspose(x=x, perm=[2, 0, 1]))
    zero = np.float64(0)
    g.grad("MatrixDiagV2", [real(2, 2, 3)], lambda x: raw.MatrixDiagV2(
        diagonal=x, k=[-1, 0], num_rows=-1, num_cols=-1, padding_value=zero))
    g.grad("MatrixDiagPartV2", [real(3, 4)], lambda x: raw.MatrixDiagPartV2(
        input=x, k=[-1, 1], padding_value=zero))
    g.grad("MatrixSetDiagV2", [real(3, 3), real(2, 3)],
           lambda x, d: raw.MatrixSetDiagV2(input=x, diagonal=d, k=[-1, 0]))
    f32 = np.float32
    x, x3 = real(1, 4, 5, 2, dtype=f32), real(1, 4, 5, 3, 2, dtype=f32)
    p = dict(ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
    p3 = dict(ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME")

    def again(build, *xs):
        return tf.gradients(build(*xs) ** 2, list(xs))

    for pad in ("SAME", "VALID"):
        g.grad(f"ExtractImagePatches {pad}", [real(2, 5, 6, 3)],
               lambda x, pad=pad: raw.ExtractImagePatches(
                   images=x, ksizes=[1, 3, 2, 1], strides=[1, 2, 1, 1], rates=[1, 1, 2, 1],
                   padding=pad))
    g.grad("MaxPool twice", [x], lambda x: again(lambda x: raw.MaxPool(input=x, **p), x))
    g.grad("MaxPoolV2 twice", [x], lambda x: again(lambda x: raw.MaxPoolV2(input=x, **p), x))
    g.grad("MaxPool three times", [x],
           lambda x: tf.gradients(again(lambda x: raw.MaxPool(input=x, **p) ** 2, x), [x]))
    g.grad("MaxPool3D twice", [x3], lambda x: again(lambda x: raw.MaxPool3D(input=x, **p3), x))
    g.grad("AvgPool3D twice", [x3], lambda x: again(lambda x: raw.AvgPool3D(input=x, **p3), x))
    g.grad("BiasAdd twice", [real(2, 3, 4), real(4)],
           lambda x, b: again(lambda x, b: raw.BiasAdd(value=x, bias=b) ** 2, x, b))
    g.grad("BiasAdd NCHW twice", [real(2, 4, 3, 2), real(4)],
           lambda x, b: again(lambda x, b: raw.BiasAdd(value=x, bias=b,
                                                       data_format="NCHW") ** 2, x, b))
    g.write()


def factor():
    g = Gradients("factor")
    symmetric = spd(2, 3, 3)
    for vectors in (True, False):
        g.grad(f"SelfAdjointEigV2 {vectors}", [symmetric], lambda x, v=vectors: list(
            raw.SelfAdjointEigV2(input=x, compute_v=v))[:1 + v])
    g.grad("SelfAdjointEigV2 values", [symmetric],
           lambda x: raw.SelfAdjointEigV2(input=x, compute_v=True)[0])
    for shape in ((3, 3), (2, 4, 3)):
        g.grad(f"Qr {shape}", [real(*shape) + np.eye(*shape[-2:])],
               lambda x: list(raw.Qr(input=x)))
    g.grad("Qr r", [real(4, 2)], lambda x: raw.Qr(input=x)[1])
    for shape in ((4, 2), (2, 4), (3, 3)):
        g.grad(f"MatrixSolveLs {shape}", [real(*shape), real(shape[0], 2)],
               lambda a, b: raw.MatrixSolveLs(matrix=a, rhs=b, l2_regularizer=tf.constant(
                   0.1, tf.float64)))
    g.grad("TridiagonalMatMul", [real(2, 1, 4), real(2, 1, 4), real(2, 1, 4), real(2, 4, 3)],
           lambda a, b, c, x: raw.TridiagonalMatMul(superdiag=a, maindiag=b, subdiag=c, rhs=x))
    g.grad("TridiagonalSolve", [real(2, 3, 4) + np.array([[0], [5], [0]]), real(2, 4, 3)],
           lambda d, x: raw.TridiagonalSolve(diagonals=d, rhs=x))
    for n in (6, 5):
        g.grad(f"RFFT {n}", [real(2, n)], lambda x, n=n: raw.RFFT(
            input=x, fft_length=[n], Tcomplex=tf.complex128))
        g.grad(f"RFFT2D {n}", [real(2, 4, n)], lambda x, n=n: raw.RFFT2D(
            input=x, fft_length=[4, n], Tcomplex=tf.complex128))
        g.grad(f"IRFFT {n}", [complex_(2, n // 2 + 1)], lambda x, n=n: raw.IRFFT(
            input=x, fft_length=[n], Treal=tf.float64))
        g.grad(f"IRFFT2D {n}", [complex_(3, n // 2 + 1)], lambda x, n=n: raw.IRFFT2D(
            input=x, fft_length=[3, n], Treal=tf.float64))
    g.write()


def gathers():
    g = Gradients("gathers")
    for batch, axis in ((1, 1), (1, 2), (2, 2), (2, 3), (-1, 1), (1, -1)):
        g.grad(f"GatherV2 batch_dims {batch} axis {axis}", [real(2, 3, 4, 5)],
               lambda x, b=batch, a=axis: raw.GatherV2(
                   params=x, axis=a, batch_dims=b,
                   indices=(np.array([[1, 0, 2], [2, 2, 0]]) if b != -1 else
                            np.array([[1, 0], [2, 2]]))))
    g.grad("GatherV2 batch_dims of nothing", [real(0, 3, 4)], lambda x: raw.GatherV2(
        params=x, axis=1, batch_dims=1, indices=np.zeros((0, 2), np.int32)))
    g.grad("GatherV2 batch_dims int64", [real(2, 3)], lambda x: tf.gather(
        x, np.array([[1], [2]], np.int64), batch_dims=1))
    g.write()


def einsum():
    g = Gradients("einsum")

    def ask(equation, *xs):
        g.grad(f"Einsum {equation}", list(xs),
               lambda *xs: raw.Einsum(inputs=list(xs), equation=equation))

    ask("ab,bc->ac", real(2, 3), real(3, 4))
    ask("ab,bc->ca", real(2, 3), real(3, 4))
    ask("bij,bkj->bik", real(2, 3, 4), real(2, 5, 4))
    ask("bthd,bshd->bhts", real(2, 3, 2, 4), real(2, 5, 2, 4))
    ask("bthd,hde->bte", real(2, 3, 2, 4), real(2, 4, 3))
    ask("a,b->ab", real(3), real(4))
    ask("a,a->", real(3), real(3))
    ask("ab,cd->ad", real(2, 3), real(4, 2))
    ask("abc,cd->d", real(2, 3, 4), real(4, 2))
    ask("ab->ba", real(2, 3))
    ask("abc->b", real(2, 3, 4))
    ask("ab->", real(2, 3))
    ask("aa->a", real(3, 3))
    ask("aab,bc->ac", real(3, 3, 2), real(2, 4))
    ask("...ij,...jk->...ik", real(2, 3, 4), real(2, 4, 5))
    ask("...ij,...jk->...ik", real(2, 1, 3, 4), real(5, 4, 2))
    ask("...ij,jk->...ik", real(2, 2, 3, 4), real(4, 5))
    ask("i...j,j...k->...ik", real(3, 2, 1, 4), real(4, 5, 2))
    ask("i...,j->...j", real(3, 2, 4), real(2))
    ask("...a->...", real(2, 3))
    ask("ab,bc->ac", complex_(2, 3), complex_(3, 4))
    g.write()


def ragged():
    g = Gradients("ragged")

    def to(splits, x, batched):
        return raw.RaggedTensorToVariant(rt_nested_splits=splits, rt_dense_values=x,
                                         batched_input=batched)

    def back(variant, n, rank, x):
        return raw.RaggedTensorFromVariant(
            encoded_ragged=variant, input_ragged_rank=n, output_ragged_rank=rank, Tvalues=x.dtype,
            Tsplits=tf.int64).output_dense_values

    outer, inner = np.int64([0, 2, 5]), np.int64([0, 2, 2, 5, 9, 10])
    for batched in (False, True):
        g.grad(f"one axis {batched}", [real(10, 2)],
               lambda x, b=batched: back(to([inner], x, b), 0 if b else 1, 1, x) ** 2)
        g.grad(f"two axes {batched}", [real(10)],
               lambda x, b=batched: back(to([outer, inner], x, b), 1 if b else 2, 2, x) ** 2)
    g.grad("no axes", [real(3, 2)], lambda x: back(to([], x, False), 0, 0, x) ** 2)
    g.grad("complex", [complex_(10)], lambda x: back(to([inner], x, True), 0, 1, x) ** 2)
    g.write()


if __name__ == "__main__":
    import sys
    for family in (math, reduce, array, network, linear, picture, cells,
                   control, calls, ragged, loops, lists, einsum, old_loops,
                   gathers, twice, special, quantize, sparse, pieces,
                   factor):
        if not sys.argv[1:] or family.__name__ in sys.argv[1:]:
            family()
