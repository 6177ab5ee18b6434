"""What summaries say: writes tests/conformance/summary.cases.

The bytes of PNG files depend on zlib: tests/unit/ops_summary_test.c decodes them.
"""
from case_writer import Cases, bfloat16, np, tf



class Summaries(Cases):
    """numpy's own strings lose the zero bytes at their end."""

    def add(self, op, inputs, name=None, skip=(), **attrs):
        try:
            out = self.ask(op, inputs, **attrs)
        except ValueError:
            return super().add(op, inputs, name, **attrs)
        return super().add(op, inputs, name, skip=skip, expect=[np.array(out[0], object)], **attrs)


cases = Summaries("summary")
random = np.random.RandomState(3)

for kind in ("f4", "f8", "f2", bfloat16, "u1", "i1", "i2", "u2", "u4", "i4", "u8", "i8"):
    cases.add("ScalarSummary", [np.array([["a", "b"]]), np.array([[3, 100]], kind)])
    cases.add("HistogramSummary", [np.array("h"), np.array([0, 1, 1, 100, 7], kind)])
cases.add("ScalarSummary", [np.array("loss"), np.float32(np.nan)], "NaN")
cases.add("ScalarSummary", [np.array("loss"), np.float64(1e300)], "too large for a float")
cases.add("ScalarSummary", [np.array([], object), np.zeros(0, "f4")], "none")
cases.add("ScalarSummary", [np.array(["a"]), np.float32(1)], "other shapes")
cases.add("HistogramSummary", [np.array("h"), random.randn(500).astype("f4") * 10], "many")
cases.add("HistogramSummary", [np.array("h"), np.array([1e30, -1e30, 1e-20, -1e-20, 0, 1e-12, 1.1e-12])], "far out")
cases.add("HistogramSummary", [np.array("h"), np.zeros(0, "f4")], "none")
cases.add("HistogramSummary", [np.array("h"), np.array([1, np.nan], "f4")], "NaN")
cases.add("HistogramSummary", [np.array("h"), np.array([1, np.inf], "f4")], "infinite")
cases.add("HistogramSummary", [np.array(["h"]), np.array([1, 2], "f4")], "tag is no scalar")

sound = np.linspace(-1.2, 1.2, 12, dtype="f4")
cases.add("AudioSummaryV2", [np.array("a"), sound.reshape(2, 3, 2), np.float32(8000)])
cases.add("AudioSummaryV2", [np.array("a"), sound.reshape(4, 3), np.float32(44100.5)], "one channel", max_outputs=2)
cases.add("AudioSummaryV2", [np.array("a"), sound.reshape(4, 3), np.float32(8000)], "one", max_outputs=1)
cases.add("AudioSummaryV2", [np.array("a"), sound, np.float32(8000)], "no batch")

for kind in ("f4", "f8", "f2", bfloat16, "u1", "i1", "i2", "u2", "u4", "i4", "u8", "i8", "?", "c8", "c16"):
    cases.add("TensorSummary", [np.array([[1], [0]], kind)])
    cases.add("TensorSummaryV2", [np.array("t"), np.array(1, kind), np.array(b"")])
cases.add("TensorSummary", [np.array(["a", "bc"])], "strings")
cases.add("TensorSummaryV2", [np.array("t"), np.zeros((0, 2), "f4"), np.array(b"\x0a\x03\x0a\x01p\x12\x03abc")], "metadata")
cases.add("TensorSummaryV2", [np.array("t"), np.zeros(2, "f4"), np.array(b"\xff")], "damaged metadata")

a, b = (tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag=t, simple_value=1)]).SerializeToString() for t in "ab")
c = tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(node_name="c", simple_value=1)]).SerializeToString()
cases.add("MergeSummary", [[np.array(a), np.array(b)]])
cases.add("MergeSummary", [[np.array(b), np.array([c, c])]], "without tags")
cases.add("MergeSummary", [[np.array(b)]], "one")
cases.add("MergeSummary", [[np.array(a), np.array(a)]], "a tag twice")
cases.add("MergeSummary", [[np.array(a), np.array(b"\xff")]], "damaged")
pixels = np.arange(24, dtype="u1").reshape(2, 4, 3, 1)
cases.add("ImageSummary", [np.array("i"), pixels[..., 0]], "no channels")
cases.add("ImageSummary", [np.array("i"), np.zeros((1, 2, 2, 2), "f4")], "two channels")
cases.add("ImageSummary", [np.array("i"), pixels], skip=[0])
cases.write()
