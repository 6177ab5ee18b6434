"""Writes tests/golden/tensor/*.json: what numpy, ml_dtypes and TensorFlow make of
arrays, files and messages. Every file is a list of cases, one a line; bytes are in
base64, values in `json` as Python's json module prints them.

    python oracle/make_tensor_golden.py tests/golden/tensor
"""
import base64
import io
import json
import os
import struct
import sys
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import ml_dtypes
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import tensor_pb2

tf1 = tf.compat.v1
OUT = sys.argv[1]
BF16, E5M2, E4M3 = ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn


def write(name, cases):
  with open(os.path.join(OUT, name), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


def b64(data):
  return base64.b64encode(data).decode()


def npy(array, version=None):
  f = io.BytesIO()
  np.lib.format.write_array(f, array, version=version)
  return f.getvalue()


def number(x):
  """A float with the fewest digits of its own type, as a Python float."""
  if not np.isfinite(x):
    return float(x)
  if x.dtype in (np.float16, np.float32, np.float64):
    return float(np.format_float_scientific(x, unique=True, trim="0"))
  for digits in range(1, 12):
    text = "%.*e" % (digits - 1, float(x))
    if x.dtype.type(float(text)) == x:
      return float(text)
  raise ValueError(x)


def leaf(x):
  if isinstance(x, (bytes, np.bytes_)):
    try:
      return bytes(x).decode("utf-8")
    except UnicodeDecodeError:
      return {"b64": b64(bytes(x))}
  if isinstance(x, str):
    return x
  if x.dtype.kind == "c":
    return {"real": number(x.real), "imag": number(x.imag)}
  if x.dtype.kind == "b":
    return bool(x)
  if x.dtype.kind in "iu" or x.dtype.name in ("int4", "uint4", "int2", "uint2"):
    return int(x)
  return number(x)


def values(a):
  if a.ndim == 0:
    return leaf(a[()])
  return [values(a[i] if a.ndim > 1 else np.asarray(a[i:i + 1]).reshape(()))
          for i in range(a.shape[0])]


def as_json(a):
  return json.dumps(values(a), ensure_ascii=False)


def dtype_name(a):
  return "string" if a.dtype.kind in "SUO" else a.dtype.name


# ---- .npy -------------------------------------------------------------------

def npy_cases():
  cases = []
  rng = np.random.RandomState(7)

  def add(name, a, data=None, want=None, text=True, same=None):
    data = npy(a) if data is None else data
    stored = a.astype(object) if a.dtype.kind == "S" else a
    case = {"name": name, "dtype": dtype_name(a), "want": want or "invalid",
            "shape": list(a.shape), "npy": b64(data), "json": as_json(a)}
    if text and a.dtype.kind != "U":
      case["text"] = str(stored)
    # Whether writing gives the same bytes again.
    case["same"] = same if same is not None else (
        a.dtype.kind in "biufcS" and a.dtype.byteorder in "=<|"
        and dtype_name(a)[:6] not in ("bfloat", "float8") and not a.flags.fnc)
    cases.append(case)

  for t in "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64".split():
    add(t, np.array([[0, 1, 2], [3, 100, 120]]).astype(t))
    add(t + " scalar", np.array(1).astype(t))
  add("int64 edges", np.array([-2**63, 2**63 - 1]))
  add("uint64 edges", np.array([0, 2**64 - 1], np.uint64))
  for t in "float16 float32 float64 complex64 complex128".split():
    scale = 1 + 2j if t[0] == "c" else 1
    add(t, (np.array([[0.1, -2.5, 3], [1 / 3, 100, 0]]) * scale).astype(t))
    add(t + " special", np.array([np.nan, np.inf, -np.inf, -0.0, 1.5]).astype(t))
    add(t + " scalar", np.array(0.1 * scale).astype(t))
    add(t + " wide", (np.array([1e-3, 1, 6e4, 0.1]) * scale).astype(t))
    add(t + " random", (rng.randn(3, 7) * scale).astype(t))
    add(t + " big endian", (rng.randn(2, 3) * scale).astype(
        np.dtype(t).newbyteorder(">")))
    add(t + " Fortran", np.asfortranarray((rng.randn(2, 3, 4) * scale).astype(t)))
  add("float32 huge", np.array([1e30, 1, -3e-20], np.float32))
  add("float64 huge", np.array([1e300, 1, -3e-200]))
  add("float64 long", np.array([123456789.123456789, 0.123456789012345]))
  add("float64 1e7", np.array([99999999.0, 99999.5]))
  for v in (999999, 1e6, 1.5e6, 1e-4, 2e-4, 1e-5, 16777216, -0.0, 123.456):
    add("float32 scalar %r" % v, np.array(v, np.float32))
    add("float16 scalar %r" % v, np.array(min(v, 60000), np.float16))
  for v in (1e15, 1e16, 123456789012345680.0, 1e-4, 9e-5, -1e22):
    add("float64 scalar %r" % v, np.array(v))
  for v in (1e7 + 1j, 1j, -0.0 + 2j, complex("nan"), complex(1, -float("inf")),
            complex(-0.0, -0.0), 2 - 1e-9j):
    add("complex64 scalar %r" % v, np.array(v, np.complex64))
  add("int16 Fortran", np.asfortranarray(np.arange(24, dtype=np.int16).reshape(2, 3, 4)))
  add("int32 big endian Fortran",
      np.asfortranarray(np.arange(6).reshape(2, 3).astype(">i4")))
  add("empty", np.zeros((0,), np.float32))
  add("empty rows", np.zeros((2, 0, 3), np.int32))
  add("one element, seven axes", np.zeros((1,) * 7, np.float32))
  add("version 2", np.arange(3.0), npy(np.arange(3.0), (2, 0)), same=False)
  add("version 3", np.arange(3.0), npy(np.arange(3.0), (3, 0)), same=False)
  add("bytes after the array", np.arange(3.0), npy(np.arange(3.0)) + b"more", same=False)
  add("bytes", np.array([[b"a", b"bcd"], [b"", b"\xff\x01"]]))
  add("bytes scalar", np.array(b"it's \"so\"\n\\"))
  add("long bytes", np.array([b"x" * 30] * 6))
  add("text", np.array(["a", "grün", "漢字", "😀", ""]))
  add("text big endian", np.array(["a", "grün", "漢字", "😀"], ">U4"))
  add("text Fortran", np.asfortranarray([["a", "b"], ["cc", "d"]]))
  # Quantised types lie in the plain ones.
  for t in ("int8", "uint8", "int16", "uint16", "int32"):
    a = np.array([1, 2, 3], t)
    add("q" + t, a, want="q" + t)
    cases[-1]["dtype"] = "q" + t
  # Types that .npy does not know by name.
  add("bfloat16", np.array([[1, 0.1, -3e30]], BF16))
  add("bfloat16 lines", np.linspace(0, 1, 40).reshape(2, 20).astype(BF16))
  add("bfloat16 special", np.array([np.nan, -np.inf, np.inf, 0, -0.0, 123456, 1e-7], BF16))
  add("bfloat16 scalar", np.array(2.5, BF16))
  add("float8_e5m2 as numpy names it", np.array([1, 0.1, np.inf], E5M2))
  for t in (E5M2, E4M3, ml_dtypes.float8_e4m3fnuz, ml_dtypes.float8_e4m3b11fnuz,
            ml_dtypes.float8_e5m2fnuz, ml_dtypes.float4_e2m1fn, ml_dtypes.int4,
            ml_dtypes.uint4, ml_dtypes.int2, ml_dtypes.uint2):
    a = np.array([0, 1, 1.5, 1]).astype(t)
    if np.dtype(t).name in ("int4", "int2"):
      a = np.array([0, 1, -2, -1]).astype(t)
    data = npy(a.view(np.uint8)).replace(b"|u1", b"|V1")
    add(np.dtype(t).name, a, data, want=np.dtype(t).name, same=True)
  # Printing only: shapes that are cut, lines that are broken.
  add("ints cut", np.arange(1001, dtype=np.int16))
  add("matrix cut", np.arange(33 * 33, dtype=np.int32).reshape(33, 33))
  add("cube cut", (np.arange(7 * 7 * 21) % 100).astype(np.int8).reshape(7, 7, 21))
  add("floats in lines", np.arange(30) * 1.5)
  add("floats in rows", rng.rand(2, 2, 9).astype(np.float32))
  add("bools in lines", np.arange(64) % 3 == 0)
  add("negative and infinite", np.array([[1.5, -2], [np.nan, 3]]))
  add("all nan", np.array([np.nan, np.nan], np.float32))
  add("nan and exponent", np.array([-np.inf, 1e10]))
  add("complex with nan", np.array([complex("nan"), 1 + 2j, complex(1, -np.inf)]))
  add("complex with exponent", np.array([1 + 1e-9j, 2]))
  write("npy_cases.json", cases)


# ---- .npz -------------------------------------------------------------------

def npz_cases():
  w, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([7, -8])
  big = np.zeros((40, 40), np.int32)
  f = io.BytesIO()
  np.savez(f, w=w, b=b)
  g = io.BytesIO()
  np.savez_compressed(g, w=w, big=big)
  one = io.BytesIO()
  np.savez(one, only=b)
  cases = [
      {"name": "stored", "npz": b64(f.getvalue()), "member": "w", "json": as_json(w)},
      {"name": "stored, second", "npz": b64(f.getvalue()), "member": "b.npy", "json": as_json(b)},
      {"name": "deflated", "npz": b64(g.getvalue()), "member": "big", "json": as_json(big), "zlib": True},
      {"name": "the only one", "npz": b64(one.getvalue()), "member": "", "json": as_json(b)},
      {"name": "zip64", "npz": b64(zip64(npy(b))), "member": "b", "json": as_json(b)},
      {"name": "comment", "npz": b64(commented(npy(b))), "member": "b", "json": as_json(b)},
  ]
  write("npz_cases.json", cases)


def commented(data):
  f = io.BytesIO()
  with zipfile.ZipFile(f, "w") as z:
    z.writestr("b.npy", data)
    z.comment = b"PK\x05\x06 is no end record here"
  return f.getvalue()


def zip64(data):
  """One stored member with every size and offset in its zip64 form."""
  crc, n, name = zipfile.crc32(data), len(data), b"b.npy"
  local = struct.pack("<IHHHHHIIIHH", 0x04034b50, 45, 0, 0, 0, 0x21, crc, 0xffffffff,
                      0xffffffff, len(name), 20) + name + struct.pack("<HHQQ", 1, 16, n, n)
  extra = struct.pack("<HHI", 0x7777, 4, 0) + struct.pack("<HHQQQ", 1, 24, n, n, 0)
  entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 45, 45, 0, 0, 0, 0x21, crc, 0xffffffff,
                      0xffffffff, len(name), len(extra), 0, 0, 0, 0, 0xffffffff) + name + extra
  begin = len(local) + n
  end = begin + len(entry)
  return (local + data + entry
          + struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, 1, 1, len(entry), begin)
          + struct.pack("<IIQI", 0x07064b50, 0, end, 1)
          + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0))


# ---- TensorProto ------------------------------------------------------------

TYPED = {
    "DT_FLOAT": "float_val: 1.5 float_val: 2.5",
    "DT_DOUBLE": "double_val: 1.5 double_val: 2.5",
    "DT_INT32": "int_val: 1 int_val: -2",
    "DT_UINT8": "int_val: 1 int_val: 258",
    "DT_INT16": "int_val: 1 int_val: 65537",
    "DT_INT8": "int_val: 1 int_val: -129",
    "DT_STRING": 'string_val: "a" string_val: "\\377bb"',
    "DT_COMPLEX64": "scomplex_val: 1 scomplex_val: 2 scomplex_val: 3 scomplex_val: 4",
    "DT_INT64": "int64_val: 1 int64_val: -2",
    "DT_BOOL": "bool_val: true bool_val: false",
    "DT_QINT8": "int_val: 1 int_val: -2",
    "DT_QUINT8": "int_val: 1 int_val: 2",
    "DT_QINT32": "int_val: 1 int_val: -2",
    "DT_BFLOAT16": "half_val: 16256 half_val: 16384",
    "DT_QINT16": "int_val: 1 int_val: -2",
    "DT_QUINT16": "int_val: 1 int_val: 2",
    "DT_UINT16": "int_val: 1 int_val: 65535",
    "DT_COMPLEX128": "dcomplex_val: 1 dcomplex_val: 2",
    "DT_HALF": "half_val: 15360 half_val: 16384",
    "DT_UINT32": "uint32_val: 1 uint32_val: 4294967295",
    "DT_UINT64": "uint64_val: 1 uint64_val: 18446744073709551615",
    "DT_FLOAT8_E5M2": 'float8_val: "\\074\\100"',
    "DT_FLOAT8_E4M3FN": 'float8_val: "\\070\\100"',
    "DT_FLOAT8_E4M3FNUZ": 'float8_val: "\\070\\100"',
    "DT_FLOAT8_E4M3B11FNUZ": 'float8_val: "\\070\\100"',
    "DT_FLOAT8_E5M2FNUZ": 'float8_val: "\\070\\100"',
    "DT_INT4": "int_val: 1 int_val: -2",
    "DT_UINT4": "int_val: 1 int_val: 17",
    "DT_INT2": "int_val: 1 int_val: -2",
    "DT_UINT2": "int_val: 1 int_val: 2",
    "DT_FLOAT4_E2M1FN": 'float8_val: "\\001\\002"',
}


def shaped(*dims):
  return "tensor_shape { %s}" % "".join("dim { size: %d } " % d for d in dims)


ODD = [
    "dtype: DT_FLOAT %s tensor_content: \"1234567\"" % shaped(2),
    "dtype: DT_FLOAT %s tensor_content: \"12345678abcd\"" % shaped(2),
    "dtype: DT_FLOAT %s tensor_content: \"1234\"" % shaped(2),
    "dtype: DT_FLOAT %s tensor_content: \"12345678\" float_val: 1" % shaped(2),
    "dtype: DT_FLOAT %s float_val: 1" % shaped(0),
    "dtype: DT_FLOAT %s tensor_content: \"1234\"" % shaped(0),
    "dtype: DT_FLOAT float_val: 3",
    "dtype: DT_FLOAT",
    "dtype: DT_FLOAT tensor_shape { unknown_rank: true } float_val: 3",
    "dtype: DT_FLOAT %s float_val: 3" % shaped(-1),
    "dtype: DT_FLOAT %s" % shaped(-2),
    "dtype: DT_FLOAT %s" % shaped(1 << 40, 1 << 40),
    "dtype: DT_FLOAT %s" % shaped(1 << 40, 1 << 40, 0),
    "dtype: DT_FLOAT %s double_val: 3" % shaped(1),
    "dtype: DT_FLOAT_REF %s float_val: 3" % shaped(1),
    "dtype: DT_COMPLEX64 %s scomplex_val: 1 scomplex_val: 2 scomplex_val: 3" % shaped(3),
    "dtype: DT_COMPLEX64 %s scomplex_val: 1" % shaped(2),
    "dtype: DT_BOOL %s tensor_content: \"\\000\\001\\001\"" % shaped(3),
    "dtype: DT_BOOL %s tensor_content: \"\\000\\001\\002\"" % shaped(3),
    "dtype: DT_BOOL %s int_val: 1" % shaped(3),
    "dtype: DT_INT4 %s tensor_content: \"\\000\\017\\022\"" % shaped(3),
    "dtype: DT_INT4 %s tensor_content: \"\\000\\017\"" % shaped(3),
    "dtype: DT_INT4 %s int_val: 9 int_val: -9 int_val: 16" % shaped(3),
    "dtype: DT_UINT4 %s tensor_content: \"\\000\\017\\022\"" % shaped(3),
    "dtype: DT_INT2 %s tensor_content: \"\\000\\003\\022\"" % shaped(3),
    "dtype: DT_INT2 %s int_val: 3 int_val: -3 int_val: 4" % shaped(3),
    "dtype: DT_FLOAT8_E5M2 %s tensor_content: \"\\074\\100\"" % shaped(2),
    "dtype: DT_HALF %s half_val: 65537 half_val: -1" % shaped(2),
    "dtype: DT_HALF %s tensor_content: \"\\000\\074\\000\\100\"" % shaped(2),
    "dtype: DT_BFLOAT16 %s tensor_content: \"\\200\\077\\000\\100\"" % shaped(2),
    "dtype: DT_BFLOAT16 %s half_val: 81792" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"ab\"" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"\\001\\002abb\"" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"\\001\\002abbc\"" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"\\001\\002ab\"" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"\\001\"" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"\\000\\000\"" % shaped(2),
    "dtype: DT_STRING %s tensor_content: \"\\201\\000\\002abb\"" % shaped(2),
    "dtype: DT_STRING %s string_val: \"a\" string_val: \"b\" string_val: \"c\"" % shaped(2),
    "dtype: DT_STRING %s string_val: \"a\"" % shaped(0),
    "dtype: DT_INT32 %s int64_val: 3" % shaped(2),
    "dtype: DT_QUINT8 %s tensor_content: \"12\"" % shaped(2),
    "dtype: DT_COMPLEX64 %s tensor_content: \"12345678\"" % shaped(1),
    "dtype: 34 %s" % shaped(1),
    "dtype: DT_INVALID %s" % shaped(1),
    "dtype: DT_FLOAT8_E5M2 %s int_val: 3" % shaped(3),
]


def proto_case(text):
  """What a Const of that tensor evaluates to, or that TensorFlow refuses it."""
  proto = text_format.Parse(text, tensor_pb2.TensorProto())
  case = {"name": text, "proto": b64(proto.SerializeToString())}
  graph = tf1.GraphDef()
  node = graph.node.add(name="c", op="Const")
  node.attr["dtype"].type = proto.dtype
  node.attr["value"].tensor.CopyFrom(proto)
  try:
    with tf1.Graph().as_default():
      tf1.import_graph_def(graph, name="")
      with tf1.Session() as session:
        value = session.run("c:0")
  except Exception:  # any refusal is one
    return case
  if isinstance(value, bytes):
    value = np.array(value, object)
  value = np.asarray(value)
  case["shape"] = list(value.shape)
  if proto.dtype == 8 or value.dtype.kind == "c":
    case["json"] = as_json(value)
  elif value.dtype == object:
    case["json"] = json.dumps([leaf(x) for x in value.ravel()]
                              if value.ndim else leaf(value[()]))
  else:
    case["json"] = as_json(value)
  return case


def made_cases():
  """What make_tensor_proto writes."""
  cases = []
  arrays = [np.array([1, 2], t) for t in
            "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 "
            "float64 complex64 complex128".split()]
  arrays += [np.array([1, 2], t) for t in
             (BF16, E5M2, E4M3, ml_dtypes.int4, ml_dtypes.uint4)]
  arrays += [a[:1] for a in arrays] + [a[0].reshape(()) for a in arrays]
  arrays += [np.zeros((0, 2), np.float32), np.zeros((2, 3), np.int32)]
  for a in arrays:
    cases.append({"name": "%s %s" % (a.dtype.name, list(a.shape)), "dtype": a.dtype.name,
                  "shape": list(a.shape), "json": as_json(a),
                  "proto": b64(tf.make_tensor_proto(a).SerializeToString(deterministic=True))})
  for strings in ([b"a", b"bc"], [b""], []):
    a = np.array(strings, object)
    cases.append({"name": "strings %r" % strings, "dtype": "string", "shape": list(a.shape),
                  "json": json.dumps([leaf(s) for s in strings]),
                  "proto": b64(tf.make_tensor_proto(a, dtype=tf.string).SerializeToString())})
  write("proto_made.json", cases)


def proto_cases():
  cases = []
  for name, field in TYPED.items():
    cases.append(proto_case("dtype: %s %s %s" % (name, shaped(3), field)))
    cases.append(proto_case("dtype: %s %s" % (name, shaped(2))))
    cases.append(proto_case("dtype: %s %s %s" % (name, shaped(1), field)))
  cases += [proto_case(text) for text in ODD]
  write("proto_cases.json", cases)


# ---- Narrow floats ----------------------------------------------------------

def float_cases():
  """All codes of each type as float bits; and floats to codes, at the edges."""
  cases = []
  rng = np.random.RandomState(3)
  with np.errstate(all="ignore"):
    for t in (E5M2, E4M3, ml_dtypes.float8_e4m3fnuz, ml_dtypes.float8_e4m3b11fnuz,
              ml_dtypes.float8_e5m2fnuz, ml_dtypes.float4_e2m1fn):
      count = 16 if np.dtype(t).name == "float4_e2m1fn" else 256
      decoded = np.arange(count, dtype=np.uint8).view(t).astype(np.float32)
      finite = np.sort(decoded[np.isfinite(decoded)])
      middle = (finite[1:] + finite[:-1]) / 2
      step = finite[-1] - finite[-2]
      past = finite[-1] + step * np.array([.49, .5, .51, 1, 2, 1e6], np.float32)
      odd = np.array([np.nan, -np.nan, np.inf, -np.inf, 3e38, 1e-45, -1e-45, 0, -0.0], np.float32)
      inputs = np.concatenate([middle, np.nextafter(middle, np.float32(np.inf)),
                               np.nextafter(middle, np.float32(-np.inf)), past, -past, odd,
                               rng.randn(40).astype(np.float32)]).astype(np.float32)
      cases.append({"name": np.dtype(t).name,
                    "decoded": [int(x) for x in decoded.view(np.uint32)],
                    "inputs": [int(x) for x in inputs.view(np.uint32)],
                    "codes": [int(x) for x in inputs.astype(t).view(np.uint8)]})
  write("float_cases.json", cases)


# ---- Images -----------------------------------------------------------------

def png_chunk(kind, data):
  return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zipfile.crc32(kind + data))


def png(width, height, depth, color, rows, extra=b""):
  import zlib
  head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
  return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + extra
          + png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows)))
          + png_chunk(b"IEND", b""))


# Nine by five pixels of four inks, with and without Adobe's marker (by libjpeg).
CMYK = (
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAFAwQEBAMFBAQEBQUFBgcMCAcHBwcPCwsJDBEPEhIRDxERExYcFxMUGhURER"
    "ghGBodHR8fHxMXIiQiHiQcHh8e/8AAFAgABQAJBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgME"
    "BQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJCh"
    "YXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqi"
    "o6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASw"
    "AAPwDj/wBlX/l0/Cr/APwzt4H/AOef/kIf41638ev+Xj8a9H/tu79f1r7Ko/4Z28D/APPP/wAhD/Gvm+j+27v1/Wv/"
    "2Q==")
CMYK_PLAIN = (
    "/9j/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExciJCIeJB"
    "weHx7/wAAUCAAFAAkEQxEATREAWREASxEA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgED"
    "AwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3OD"
    "k6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5"
    "usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oADgRDAE0AWQBLAAA/AOP/AGVf+XT8Kv8A/D"
    "O3gf8A55/+Qh/jXrfx6/5ePxr0f+27v1/Wvsqj/hnbwP8A88//ACEP8a+b6P7bu/X9a//Z")


def image_cases():
  rng = np.random.RandomState(5)
  palette = png_chunk(b"PLTE", bytes(range(12)))
  smooth = np.clip(np.add.outer(np.arange(13) * 9, np.arange(17) * 5)[..., None]
                   + np.array([0, 40, 80]), 0, 255).astype(np.uint8)
  pictures = {
      "png gray": png(3, 2, 8, 0, [b"\0\x80\xff", b"\1\2\3"]),
      "png gray 1 bit": png(3, 2, 1, 0, [b"\xa0", b"\x40"]),
      "png gray 16 bits": png(2, 1, 16, 0, [b"\x12\x80\xff\x01"]),
      "png rgb": png(2, 2, 8, 2, [bytes(range(6)), bytes(range(100, 106))]),
      "png palette": png(4, 1, 2, 3, [b"\x1b"], palette),
      "png palette with holes": png(4, 1, 2, 3, [b"\x1b"], palette + png_chunk(b"tRNS", b"\0\x80")),
      "png gray and alpha": png(2, 1, 8, 4, [b"\1\2\3\4"]),
      "png rgba": png(1, 2, 8, 6, [b"\1\2\3\4", b"\5\6\7\x08"]),
      "png rgb 16 bits": png(1, 1, 16, 2, [b"\1\2\3\4\5\6"]),
      "png by TensorFlow": tf.io.encode_png(rng.randint(0, 256, (5, 4, 3)).astype(np.uint8)).numpy(),
      "jpeg rgb": tf.io.encode_jpeg(smooth, quality=90).numpy(),
      "jpeg gray": tf.io.encode_jpeg(smooth[..., :1], quality=80).numpy(),
      "jpeg progressive": tf.io.encode_jpeg(smooth, progressive=True).numpy(),
      "jpeg four inks": base64.b64decode(CMYK),
      "jpeg four inks, unmarked": base64.b64decode(CMYK_PLAIN),
      "jpeg whole chroma": tf.io.encode_jpeg(smooth, chroma_downsampling=False).numpy(),
  }
  cases = []
  for name, data in pictures.items():
    for channels in (0, 1, 3, 4):
      if channels == 4 and name.startswith("jpeg"):
        continue
      try:
        decode = tf.io.decode_png if name.startswith("png") else tf.io.decode_jpeg
        a = decode(data, channels=channels).numpy()
      except tf.errors.InvalidArgumentError:
        continue
      cases.append({"name": "%s to %d" % (name, channels), "image": b64(data),
                    "channels": channels, "shape": list(a.shape), "pixels": b64(a.tobytes())})
  write("image_cases.json", cases)


os.makedirs(OUT, exist_ok=True)
npy_cases()
npz_cases()
proto_cases()
made_cases()
float_cases()
image_cases()
