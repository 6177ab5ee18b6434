"""Writes tests/conformance/format.cases: StringFormat and Fact."""
from case_writer import Cases, np, tf, typed

cases = Cases("format")
f32, f64, I, L = np.float32, np.float64, np.int32, np.int64
box = np.arange(24)


def words(*values):
    return np.array(values, object)


def one(name, value, **attrs):
    cases.add("StringFormat", [[value]], name=f"StringFormat {name}", **attrs)


for kind in ["float32", "float64", "half", "bfloat16", "int8", "int16",
             "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
             "complex64", "complex128"]:
    dtype = tf.as_dtype(kind if kind != "half" else "float16").as_numpy_dtype
    one(kind, np.array([0, 1, 100, 7, 3, 2, 9, 5], f64).astype(dtype))
    one(f"{kind} scalar", np.array(1, f64).astype(dtype))
for shape in [(24,), (4, 6), (6, 4), (2, 3, 4), (4, 3, 2), (1, 1, 4, 6),
              (8, 1, 3), (2, 2, 2, 3)]:
    for most in [-1, 0, 1, 2, 3, 30]:
        one(f"{shape} by {most}", box.reshape(shape).astype(I),
            summarize=most)
for shape in [(0,), (0, 3), (3, 0), (2, 0, 3), (2, 3, 0), (8, 0)]:
    for most in [-1, 1, 3]:
        one(f"empty {shape} by {most}", np.zeros(shape, f32), summarize=most)
odd = [np.nan, np.inf, -np.inf, -0.0, 1e-20, 1 / 3, 1e10, 1e16, 123456789, 0.1]
one("complex matrix", np.ones((3, 4), np.complex64))
one("qint8", typed("qint8", np.arange(4).astype(np.int8)))
one("qint32", typed("qint32", np.arange(4).astype(I)))
one("odd float", np.array(odd, f32), summarize=-1)
one("odd double", np.array(odd, f64), summarize=-1)
one("largest", np.array([2**63, 2**64 - 1], np.uint64))
one("least", np.array([-2**63, 2**63 - 1], L))
one("strings", words("a", "b\n\r\t\0", "c\"'\\", "\x7f\u00e9"), summarize=9)
one("string", np.array("x", object))
one("scalar by 0", np.array(3, I), summarize=0)
for text, mark, many in [("a%sb%sc", "%s", 2), ("{}-{}", "{}", 2),
                         ("aaa", "aa", 1), ("%s", "%s", 2), ("none", "%s", 0),
                         ("none", "%s", 1), ("ab", "", 2), ("", "%s", 0),
                         ("%s%s", "%s", 2), ("%s", "%", 1)]:
    cases.add("StringFormat", [[np.array(i, I) for i in range(many)]],
              name=f"StringFormat '{text}' by '{mark}' of {many}",
              template=text, placeholder=mark)
cases.add("StringFormat", [[np.array([1.5, 2], f32), words("a", "b")]],
          name="StringFormat two types", template="%s and %s")
for i in range(3):
    cases.add("Fact", [], name=f"Fact {i}")
cases.write()
