"""Writes tests/conformance/basic.cases: the pass-through and shape ops."""
import numpy as np

from case_writer import Cases

cases = Cases("basic")
x = np.arange(6, dtype=np.float32).reshape(2, 3)
cases.add("Identity", [x])
cases.add("Identity", [np.array([b"a", b"bc"])], "of strings")
cases.add("IdentityN", [[x, np.int32(3)]])
cases.add("Shape", [x], out_type="int64")
cases.add("ShapeN", [[x, x[0]]])
cases.add("Size", [np.zeros((0, 3), np.int8)], "of nothing")
cases.add("Rank", [x])
cases.add("EnsureShape", [x], "refuses", shape=[2, 2])
cases.add("CheckNumerics", [np.float32([1, np.inf])], "refuses", message="no")
cases.add("ZerosLike", [x.astype(np.complex64)])
cases.add("OnesLike", [x.astype(np.float16)])
cases.write()
