"""Ops of which the other families show too little: writes tests/conformance/odd.cases."""
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("odd")
I, L, F = np.int32, np.int64, np.float32
NUMBERS = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
           "complex64", "complex128"]
EVERY = NUMBERS + ["bool", "string"]
x = F([[1.5, -2, 3], [0, np.inf, np.nan]])
EMPTY = np.zeros((0, 3), F)


def value(t, shape=(2, 3)):
    n = int(np.prod(shape))
    if t == "string":
        return np.array([b"s%d" % i for i in range(n)], object).reshape(shape)
    return (np.arange(n) % 5).astype(tf.as_dtype(t).as_numpy_dtype).reshape(shape)


for op in ["CheckNumerics", "CheckNumericsV2"]:
    for t in ["float16", "bfloat16", "float32", "float64"]:
        cases.add(op, [value(t)], f"{t}", message="m")
        for bad in (np.nan, np.inf, -np.inf):
            cases.add(op, [np.array([1, bad]).astype(tf.as_dtype(t).as_numpy_dtype)], f"{t} {bad}", message="m")
    cases.add(op, [EMPTY], "of nothing", message="m")
    cases.add(op, [F(2)], "of a scalar", message="m")
for op in ["StopGradient", "PreventGradient", "GuaranteeConst", "Identity", "EnsureShape"]:
    attrs = dict(shape=None) if op == "EnsureShape" else dict(message="m") if op == "PreventGradient" else {}
    for t in EVERY:
        cases.add(op, [value(t)], t, **attrs)
    cases.add(op, [EMPTY], "of nothing", **attrs)
    cases.add(op, [x], "with NaN", **attrs)
for shape in ([None, 3], [0, 3], [2, 3], [2], [2, 4]):
    cases.add("EnsureShape", [value("int32")], f"to {shape}", shape=shape)
cases.add("EnsureShape", [EMPTY], "of nothing to itself", shape=[0, None])
for t in EVERY:
    if t != "string":
        cases.add("OnesLike", [value(t)], t)
    cases.add("ZerosLike", [value(t)], t)
    cases.add("Rank", [value(t)], t)
    for out in ("int32", "int64"):
        cases.add("ShapeN", [[value(t), value(t, (3,))]], f"{t} {out}", out_type=out)
    cases.add("Empty", [I([2, 3])], f"{t} True", dtype=t, init=True)
    zeros = value("int8").astype(object if t == "string" else tf.as_dtype(t).as_numpy_dtype)
    cases.add("Empty", [I([2, 3])], f"{t} False", dtype=t, init=False, skip=(0,),  # may hold anything
              expect=[np.full((2, 3), b"", object) if t == "string" else zeros])
cases.add("OnesLike", [EMPTY], "of nothing"), cases.add("OnesLike", [F(np.nan)], "of a scalar")
cases.add("Rank", [EMPTY], "of nothing"), cases.add("Rank", [F(1)], "of a scalar")
cases.add("ShapeN", [[EMPTY, F(1)]], "of nothing and a scalar")
cases.add("Empty", [I([0, 3])], "of nothing", dtype="float32", init=True)
cases.add("Empty", [I([])], "a scalar", dtype="int64", init=True)
cases.add("Empty", [I([-1])], "negative", dtype="int64", init=True)
cases.add("Empty", [I([[1]])], "a matrix of extents", dtype="int64", init=True)

words = np.array([b"", b"a", b"  ab c \t\n", "\u00e4\u20ac\U0001f600".encode(), b"\xff\xfe", b"\x00b"], object)
for pad in (False, True):
    cases.add("EncodeBase64", [words], f"pad {pad}", pad=pad)
    cases.add("EncodeBase64", [words[:0]], f"of nothing, pad {pad}", pad=pad)
for unit in ("BYTE", "UTF8_CHAR"):
    cases.add("StringLength", [words], unit, unit=unit)
    cases.add("StringLength", [words[:0]], f"of nothing, {unit}", unit=unit)
cases.add("StringStrip", [words])
cases.add("StringStrip", [words[:0]], "of nothing")
cases.add("StringStrip", [words[2]], "of a scalar")



def top(data, k, name):
    """TensorFlow cannot even make TopK any more; TopKV2 says what it gave."""
    try:
        answer = cases.ask("TopKV2", [data, I(k)])
    except ValueError:
        answer = None
    cases.add("TopK", [data], name, version=6, k=k, expect=answer)


for t in NUMBERS[:12]:
    for k in (0, 1, 3):
        top(value(t), k, f"{t} {k}")
top(x[:1], 2, "with infinity")
top(x, 4, "too many")
top(np.zeros((0, 4), F), 2, "of nothing")
top(F(1), 0, "of a scalar")
for t in (np.float32, np.float64):
    cases.add("SelfAdjointEig", [np.diag([3., 1, 2]).astype(t)], f"{np.dtype(t).name}", version=10, tol=1e-4)
cases.add("SelfAdjointEig", [np.zeros((0, 0), F)], "of nothing", version=10)
cases.add("SelfAdjointEig", [np.zeros((2, 3), F)], "not square", version=10)

# ---- Checkpoints ----

BIG = np.array("tests/golden/checkpoint/big", object)
TYPES = {"bool": "bool", "complex64": "complex64", "complex128": "complex128", "double": "double", "float": "float", "half": "half",
         "int16": "int16", "int64": "int64", "int8": "int8", "matrix": None, "string": "string"}
for name, t in TYPES.items():
    for other in ("float32", "float64") if t is None else (t,):
        cases.add("RestoreV2", [BIG, np.array([name.encode()], object), np.array([b""], object)], f"{name} {other}", dtypes=[other])
names = np.array([b"float", b"string", b"float"], object)
cases.add("RestoreV2", [BIG, names, np.array([b"", b"", b"2 3 1,1:0,2"], object)], "three and a slice",
          dtypes=["float", "string", "float"])
cases.add("RestoreV2", [BIG, names[:0], names[:0]], "nothing", dtypes=[])
for part in [b"2 3 1,2:0,2", b"2 3 0,1:0,4", b"2 3 5,1:-", b"2 4 0,1:-", b"6 0,2", b"2 3", b"2 3 0,0:-", b"2 3 0,1:0,x", b"x"]:
    cases.add("RestoreV2", [BIG, names[2:], np.array([part], object)], f"the slice '{part.decode()}'", dtypes=["float"])
cases.add("RestoreV2", [BIG, np.array([b"none"], object), np.array([b""], object)], "a name that is not there", dtypes=["float"])
cases.add("RestoreV2", [BIG, names[:1], np.array([b""], object)], "another type", dtypes=["int32"])
cases.add("RestoreV2", [np.array("tests/golden/none", object), names[:1], np.array([b""], object)], "no checkpoint", dtypes=["float"])

# ---- Sums of many ----

for t in NUMBERS:
    parts = [value(t), value(t)[::-1], value(t)]
    cases.add("AccumulateNV2", [parts], t, shape=[2, 3])
cases.add("AccumulateNV2", [[EMPTY, EMPTY]], "of nothing", shape=[0, 3])
cases.add("AccumulateNV2", [[F(1)]], "of one scalar", shape=[])
cases.add("AccumulateNV2", [[x, F([1])]], "of unlike shapes", shape=[2, 3])

# Segments whose number is said: TensorFlow's CPU has no kernel, its unsorted ones give the same.
for word in ("Sum", "Prod", "Min", "Max"):
    for t in NUMBERS:
        if t.startswith("complex") and word in ("Min", "Max"):
            continue
        data = value(t, (4, 2))
        for ids in (I([0, 0, 2, 2]), L([0, 1, 1, 3])):
            answer = cases.ask(f"UnsortedSegment{word}", [data, ids, I(4)])
            cases.add(f"Segment{word}V2", [data, ids, I(4)], f"{t} {ids.dtype}", expect=answer)
    answer = cases.ask(f"UnsortedSegment{word}", [EMPTY, I([]), I(2)])
    cases.add(f"Segment{word}V2", [EMPTY, I([]), I(2)], "of nothing", expect=answer)

# Convolutions' other spellings: TensorFlow's CPU has no kernel for V2.
image, kernel = value("float32", (2, 5, 6, 3)), value("float32", (3, 2, 3, 4))
for padding in ("SAME", "VALID"):
    for strides in ([1, 1, 1, 1], [1, 2, 2, 1]):
        out = cases.ask("Conv2D", [image, kernel], strides=strides, padding=padding)[0]
        more = dict(strides=strides, padding=padding)
        answer = cases.ask("Conv2DBackpropInput", [I(image.shape), kernel, out], **more)
        cases.add("Conv2DBackpropInputV2", [image, kernel, out], f"{padding} {strides}", expect=answer, **more)
        answer = cases.ask("Conv2DBackpropFilter", [image, I(kernel.shape), out], **more)
        cases.add("Conv2DBackpropFilterV2", [image, kernel, out], f"{padding} {strides}", expect=answer, **more)
for op, inputs in (("Conv2DBackpropInput", [I([0, 5, 6, 3]), kernel, np.zeros((0, 5, 6, 4), F)]),
                   ("Conv2DBackpropFilter", [image[:0], I(kernel.shape), np.zeros((0, 5, 6, 4), F)])):
    answer = cases.ask(op, inputs, strides=[1, 1, 1, 1], padding="SAME")
    inputs = [image[:0], kernel, inputs[2]]
    cases.add(op + "V2", inputs, "of nothing", expect=answer, strides=[1, 1, 1, 1], padding="SAME")
image, kernel = value("float32", (1, 4, 5, 6, 2)), value("float32", (2, 3, 2, 2, 3))
for padding in ("SAME", "VALID"):
    out = cases.ask("Conv3D", [image, kernel], strides=[1, 1, 2, 2, 1], padding=padding)[0]
    more = dict(strides=[1, 1, 2, 2, 1], padding=padding)
    cases.add("Conv3DBackpropInput", [image, kernel, out], padding, version=9, **more)
    cases.add("Conv3DBackpropFilter", [image, kernel, out], padding, version=9, **more)
    cases.add("Conv3DBackpropInput", [image[:0], kernel, out[:0]], f"{padding} of nothing", version=9, **more)

# ---- Printing hands on ----

for t in EVERY:
    cases.chain(f"Print {t}", [value(t)], lambda x: raw.Print(input=x, data=[x, raw.Shape(input=x)], message="p ", first_n=1, summarize=1))
cases.chain("Print of nothing", [EMPTY], lambda x: raw.Print(input=x, data=[], message=""))


def then(op, x):
    with tf.control_dependencies([op]):
        return raw.Identity(input=x)


for out in ("stderr", "stdout", "log(info)"):
    cases.chain(f"PrintV2 to {out}", [np.array("said", object)],
                lambda s: then(raw.PrintV2(input=s, output_stream=out, end=""), s))
cases.chain("PrintV2 of a vector", [words], lambda s: then(raw.PrintV2(input=s), s))
cases.chain("PrintV2 of nothing", [np.array("", object)], lambda s: then(raw.PrintV2(input=s, end=""), s))

# ---- Tensor arrays of older graphs ----


def arrays(version, t, steps, outputs):
    """A case of steps (op, name, inputs, attrs); ops get the version's ending."""
    end = {15: "", 25: "V2"}[version]
    nodes = [(op + (end if op.startswith("TensorArray") else ""), name, sources, attrs) for op, name, sources, attrs in steps]
    return nodes, {name: ty for name, ty in outputs.items()}


for version in (15, 25):
    end = {15: "", 25: "V2"}[version]
    if version == 25:  # a file of their own
        cases.write()
        cases = Chains("tensor_array_v2")
    for t in EVERY:
        data = value(t, (3, 2))
        make = [("TensorArray", "h", ["i0"], dict(dtype=t, clear_after_read=False)), ("Const", "f0", [], dict(dtype="float32", value=F(0)))]
        rows = make + [("TensorArrayScatter", "f1", ["h", "i2", "i1", "f0"], dict(T=t)),
                       ("TensorArrayRead", "r", ["h", "i3", "f1"], dict(dtype=t)),
                       ("TensorArrayGather", "g", ["h", "i2", "f1"], dict(dtype=t)),
                       ("TensorArraySize", "n", ["h", "f1"], {}),
                       ("TensorArrayWrite", "f2", ["h", "i4", "r", "f1"], dict(T=t)),
                       ("TensorArrayConcat", "c", ["h", "f1"], dict(dtype=t))]
        if version == 15:
            rows.append(("TensorArrayPack", "p", ["h", "f1"], dict(dtype=t)))
        nodes, outputs = arrays(version, t, rows, {"r": t, "g": t, "n": "int32", **({"p": t} if version == 15 else {})})
        cases.old(f"TensorArray{end} {t}", [I(4 if version == 25 else 3), data, I([2, 0, 1]), I(1), I(3)],
                  [n for n in nodes if n[1] not in ("f2", "c")], outputs, version)
        whole = make + [("TensorArraySplit", "f1", ["h", "i1", "i2", "f0"], dict(T=t)), ("TensorArrayConcat", "c", ["h", "f1"], dict(dtype=t)),
                        ("TensorArrayWrite", "f2", ["h", "i3", "i1", "f1", "^c"], dict(T=t)), ("TensorArrayRead", "r", ["h", "i3", "f2"], dict(dtype=t)),
                        ("TensorArrayClose", "z", ["h", "^r", "^c"], {}), ("Identity", "y", ["r", "^z"], dict(T=t))]
        whole[0][3]["dynamic_size"] = True
        nodes, outputs = arrays(version, t, whole, {"c": t, "c:1": "int64", "y": t})
        cases.old(f"TensorArray{end} {t}, split", [I(2), data, L([1, 2]), I(2)], nodes, outputs, version)
        if version == 15:
            unpacked = make + [("TensorArrayUnpack", "f1", ["h", "i1", "f0"], dict(T=t)), ("TensorArrayRead", "r", ["h", "i2", "f1"], dict(dtype=t)),
                               ("TensorArrayPack", "p", ["h", "f1"], dict(dtype=t))]
            cases.old(f"TensorArrayUnpack {t}", [I(3), data, I(2)], unpacked, {"r": t, "p": t}, version)
    data = value("float32", (3, 2))
    make = [("TensorArray", "h", ["i0"], dict(dtype="float32")), ("Const", "f0", [], dict(dtype="float32", value=F(0)))]
    for n, i, what in ((2, 2, "behind the end"), (2, -1, "before the start"), (0, 0, "of nothing")):
        nodes, outputs = arrays(version, "", make + [("TensorArrayWrite", "f1", ["h", "i1", "i2", "f0"], dict(T="float32")),
                                                     ("TensorArraySize", "n", ["h", "f1"], {})], {"n": "int32"})
        cases.old(f"TensorArray{end} written {what}", [I(n), I(i), data], nodes, outputs, version)
        nodes, outputs = arrays(version, "", make + [("TensorArrayRead", "r", ["h", "i1", "f0"], dict(dtype="float32"))], {"r": "float32"})
        cases.old(f"TensorArray{end} read {what}", [I(n), I(i)], nodes, outputs, version)
        nodes, outputs = arrays(version, "", make + [("TensorArrayGather", "r", ["h", "i1", "f0"], dict(dtype="float32"))], {"r": "float32"})
        cases.old(f"TensorArray{end} gathered {what}", [I(n), I([i])], nodes, outputs, version)
        nodes, outputs = arrays(version, "", make + [("TensorArrayScatter", "f1", ["h", "i1", "i2", "f0"], dict(T="float32")),
                                                     ("TensorArraySize", "n", ["h", "f1"], {})], {"n": "int32"})
        cases.old(f"TensorArray{end} scattered {what}", [I(n), I([i]), data[:1]], nodes, outputs, version)
    nodes, outputs = arrays(version, "", make + [("TensorArraySize", "n", ["h", "f0"], {})], {"n": "int32"})
    cases.old(f"TensorArray{end} size of nothing", [I(0)], nodes, outputs, version)
    nodes, outputs = arrays(version, "", make + [("TensorArrayClose", "z", ["h"], {}), ("TensorArraySize", "n", ["h", "f0", "^z"], {})],
                            {"n": "int32"})
    cases.old(f"TensorArray{end} size of a closed one", [I(2)], nodes, outputs, version)
    nodes, outputs = arrays(version, "", make + [("TensorArraySplit", "f1", ["h", "i1", "i2", "f0"], dict(T="float32")),
                                                 ("TensorArrayConcat", "c", ["h", "f1"], dict(dtype="float32"))],
                            {"c": "float32", "c:1": "int64"})
    cases.old(f"TensorArray{end} split, too many", [I(2), data, L([1, 3])], nodes, outputs, version)
    cases.old(f"TensorArray{end} split, no rows", [I(2), data[:0], L([0, 0])], nodes, outputs, version)
    nodes, outputs = arrays(version, "", make + [("TensorArrayClose", "z", ["h"], {}), ("TensorArrayClose", "z2", ["h", "^z"], {}),
                                                 ("Identity", "y", ["i0", "^z2"], dict(T="int32"))], {"y": "int32"})
    cases.old(f"TensorArray{end} closed twice", [I(2)], nodes, outputs, version)

cases.write()
cases = Chains("odd_objects")

# ---- Optionals, lists, arrays, tables ----

for t in EVERY:
    cases.chain(f"OptionalFromValue {t}", [value(t)], lambda x: (lambda o: [raw.OptionalHasValue(optional=o), *raw.OptionalGetValue(
        optional=o, output_types=[x.dtype], output_shapes=[None])])(raw.OptionalFromValue(components=[x])))
cases.chain("OptionalNone", [], lambda: raw.OptionalHasValue(optional=raw.OptionalNone()))
cases.chain("OptionalNone asked", [], lambda: raw.OptionalGetValue(optional=raw.OptionalNone(), output_types=[tf.int32], output_shapes=[None]))
cases.chain("OptionalHasValue of an empty tensor", [EMPTY], lambda x: raw.OptionalHasValue(optional=raw.OptionalFromValue(components=[x])))
for t in EVERY:
    cases.chain(f"TensorListPushBackBatch {t}", [value(t, (2, 3)), value(t, (2, 3))], lambda x, y: (lambda h: (lambda p: [
        raw.TensorListStack(input_handle=e, element_shape=[3], element_dtype=x.dtype) for e in raw.Unpack(value=p, num=2)])(
            raw.TensorListPushBackBatch(input_handles=raw.TensorListPushBackBatch(input_handles=h, tensor=x), tensor=y)))(
                raw.Pack(values=[raw.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype=x.dtype) for _ in "ab"])),
        optional=True)
cases.chain("TensorListPushBackBatch of too many", [value("float32", (3, 3))], lambda x: raw.TensorListLength(input_handle=raw.Unpack(
    value=raw.TensorListPushBackBatch(input_handles=raw.Pack(values=[raw.EmptyTensorList(
        element_shape=[3], max_num_elements=-1, element_dtype=x.dtype) for _ in "ab"]), tensor=x), num=2)[0]))
for t in EVERY:
    cases.chain(f"TensorListConcat {t}", [value(t, (4, 2))], lambda x: list(raw.TensorListConcat(
        input_handle=raw.TensorListSplit(tensor=x, element_shape=I([-1, 2]), lengths=L([1, 3])), element_dtype=x.dtype)), optional=True)
cases.chain("TensorListConcat of no elements", [], lambda: list(raw.TensorListConcat(
    input_handle=raw.EmptyTensorList(element_shape=I([-1, 2]), max_num_elements=-1, element_dtype=tf.float32),
    element_dtype=tf.float32, element_shape=[None, 2])))


def closed(x, again):
    h, flow = raw.TensorArrayV3(size=1, dtype=x.dtype)
    flow = raw.TensorArrayWriteV3(handle=h, index=0, value=x, flow_in=flow)
    y = raw.TensorArrayReadV3(handle=h, index=0, flow_in=flow, dtype=x.dtype)
    with tf.control_dependencies([y]):
        close = raw.TensorArrayCloseV3(handle=h)
    if not again:
        return then(close, y)
    with tf.control_dependencies([close]):
        return then(raw.TensorArrayCloseV3(handle=h), y)


cases.chain("TensorArrayCloseV3 after reading", [x], lambda x: closed(x, False))
cases.chain("TensorArrayCloseV3 of nothing", [EMPTY], lambda x: closed(x, False))
cases.chain("TensorArrayCloseV3 twice", [x], lambda x: closed(x, True))


def from_file(name, ask, column):
    t = raw.HashTable(key_dtype=tf.string, value_dtype=tf.int64)
    fill = raw.InitializeTableFromTextFile(table_handle=t, filename=f"tests/golden/lookup/{name}.txt", key_index=column, value_index=-1,
                                           delimiter=" ")
    with tf.control_dependencies([fill]):
        return raw.LookupTableFind(table_handle=t, keys=ask, default_value=L(-7))


cases.chain("InitializeTableFromTextFile of lines", [words], lambda a: from_file("words", a, -2))
cases.chain("InitializeTableFromTextFile of a column", [words], lambda a: from_file("table", a, 0))
cases.chain("InitializeTableFromTextFile of nothing", [words], lambda a: from_file("none", a, -2))
cases.chain("InitializeTableFromTextFile that is not there", [words], lambda a: from_file("missing", a, -2))
cases.write()
