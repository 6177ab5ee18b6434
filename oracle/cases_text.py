"""Writes tests/conformance/text.cases: ops on strings."""
import gzip
import zlib

from case_writer import Cases, np, tf
from string_inputs import S, one

cases = Cases("text")
f32, I, L = np.float32, np.int32, np.int64


abc = S("a", "", "b" * 40)
odd = S("", "a", "héllo wörld", "日本語", b"\xff\xfe", b"a\xe6\x97", "\x00\x01",
        "ÀÉÎßıİﬁσς", "straße 😀")
# Putting together.
cases.add("StringJoin", [[abc, abc, one("x")]], separator=", ")
cases.add("StringJoin", [[abc]], "one")
cases.add("StringJoin", [[one("a"), one("b")]], "scalars")
cases.add("StringJoin", [[abc[:0], one("b")]], "empty", separator="-")
cases.add("StringJoin", [[abc, abc[:2]]], "shapes differ")
grid = S(*"abcdefghijkl").reshape(2, 3, 2)
for axes in [[0], [1], [2], [0, 1], [1, 0], [2, 0, 1], [], [-1], [-1, -3]]:
    cases.add("ReduceJoin", [grid, I(axes)], f"axes {axes}", separator="+")
cases.add("ReduceJoin", [grid, I([1])], "keep", keep_dims=True)
cases.add("ReduceJoin", [grid, I(2)], "scalar axis")
cases.add("ReduceJoin", [grid, I([3])], "axis 3")
cases.add("ReduceJoin", [grid, I([1, 1])], "axis twice")
cases.add("ReduceJoin", [grid, I([1, -2])], "axis twice, negative")
cases.add("ReduceJoin", [grid[:, :0], I([1])], "of nothing")
cases.add("ReduceJoin", [grid[:, :0], I([0])], "of nothing, otherwise")
for ids, n in [(I([0, 1, 0]), I(2)), (L([2, 2, 2]), L(4)), (I([-1, 0, 1]), I(2)),
               (I([0, 1, 2]), I(2)), (I([0, 1]), I(2)), (I([0, 0, 0]), I(-1))]:
    cases.add("UnsortedSegmentJoin", [S("a", "b", "c"), ids, n],
              separator=":")
cases.add("UnsortedSegmentJoin", [grid, I([1, 0]), I(3)], "rows")
cases.add("UnsortedSegmentJoin", [grid[:, :, 0], I([[1, 0, 1], [0, 0, 1]]),
                                  I(2)], "matrix of ids", separator=",")
# Each by itself.
for op in ["StringLower", "StringUpper"]:
    cases.add(op, [S("aBc Ä", "", "xyz{}@[`")])
    cases.add(op, [S("aBc ÄÖü", "ßé", "ΣΑΣ"[:2], "жЖ", b"a\xffb")], "utf-8",
              encoding="utf-8")
    cases.add(op, [abc], "bad encoding", encoding="latin1")
cases.add("StringStrip", [S(" a b\t\n", "", "   ", "\v\f\rx", "\x00 y\x00",
                            "\xa0z")])
for unit in ["BYTE", "UTF8_CHAR"]:
    cases.add("StringLength", [odd], unit, unit=unit)
    for pos, n in [(0, 2), (1, 3), (-2, 1), (-2, 5), (0, 0), (1, -1), (9, 1),
                   (-9, 1), (5, 2)]:
        cases.add("Substr", [S("hello", "héllo", "日本語です"), I(pos), I(n)],
                  f"{unit} {pos} {n}", unit=unit)
    cases.add("Substr", [S("hello", "wörld"), L([1, 2]), L([3, 1])],
              f"{unit} each", unit=unit)
    cases.add("Substr", [one("日本語です"), I([0, 1, 2]), I([1, 2, 3])],
              f"{unit} one string", unit=unit)
    cases.add("Substr", [S("abcde", "fghij").reshape(2, 1), I([0, 1]),
                         I([2, 3])], f"{unit} broadcast", unit=unit)
cases.add("Substr", [S("a", "b"), I([0, 0, 0]), I([1, 1, 1])], "shapes differ")
cases.add("Substr", [S("a", "b"), I([0, 0]), I(1)], "pos and len differ")
cases.add("Substr", [abc[:0], I(0), I(1)], "empty")
lengths = S(*[bytes(range(1, 1 + n)) for n in
              [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 40,
               63, 64, 65, 80, 127, 128, 129, 200]])
big = (1 << 62) + 1
cases.add("StringToHashBucket", [lengths], num_buckets=big)
cases.add("StringToHashBucketFast", [lengths], num_buckets=big)
cases.add("StringToHashBucketStrong", [lengths], num_buckets=big,
          key=[12345, -6789])
for op in ["StringToHashBucket", "StringToHashBucketFast"]:
    cases.add(op, [odd], "ten", num_buckets=10)
    cases.add(op, [one("x")], "one", num_buckets=1)
    cases.add(op, [one("x")], "none", num_buckets=0)
cases.add("StringToHashBucketStrong", [odd], "ten", num_buckets=10, key=[0, 1])
cases.add("StringToHashBucketStrong", [odd], "short key", num_buckets=10,
          key=[0])
method = one("farmhash64")
cases.add("Fingerprint", [f32([[1, 2], [3, 4]]), method])
cases.add("Fingerprint", [L([1, 2, 3]), method], "int64")
cases.add("Fingerprint", [S("a", "bc"), method], "strings")
cases.add("Fingerprint", [S("a", "bc", "d", "e").reshape(2, 2), method],
          "rows of strings")
cases.add("Fingerprint", [np.zeros((0, 2), f32), method], "no rows")
cases.add("Fingerprint", [f32(1), method], "scalar")
cases.add("Fingerprint", [f32([1]), one("md5")], "md5")
# Splitting.
texts = S("a b  c", "", " d ", "e,f b")
for d in [" ", "", ", ", "bc"]:
    for skip in [True, False]:
        cases.add("StringSplit", [texts, one(d)], f"{d!r} {skip}",
                  skip_empty=skip)
cases.add("StringSplit", [texts[:0], one(" ")], "no strings")
cases.add("StringSplit", [one("a b"), one(" ")], "scalar")
cases.add("StringSplit", [texts, S(" ", ",")], "two delimiters")
for sep in ["", " ", "b", "  ", ", ", "zz"]:
    for most in [-1, 0, 1, 2]:
        cases.add("StringSplitV2", [S("a b  c", "", " d ", "e,f b", "\tx\ny "),
                                    one(sep)], f"{sep!r} {most}", maxsplit=most)
cases.add("StringSplitV2", [texts[:0], one(" ")], "no strings")
cases.add("StringSplitV2", [S("aXXaXX"), one("XX")], "at the end")
words, splits = S("aa", "bb", "cc", "dd", "ee", "ff"), L([0, 4, 4, 6])
for w, pad, short in [([3], -1, False), ([3], 0, False), ([3], 1, False),
                      ([1, 2], 0, False), ([3], 0, True), ([7], 1, True),
                      ([5, 2], -1, False), ([3], 9, False), ([7], -1, True)]:
    for t in [I, L]:
        cases.add("StringNGrams", [words, t(splits)], f"{w} {pad} {short}",
                  separator="|", ngram_widths=w, left_pad="LP", right_pad="RP",
                  pad_width=pad, preserve_short_sequences=short)
for bad in [L([0, 3, 2, 6]), L([1, 6]), L([0, 5]), L([0, 7]), L([])]:
    cases.add("StringNGrams", [words, bad], f"splits {bad}", separator="",
              ngram_widths=[2], left_pad="", right_pad="", pad_width=0,
              preserve_short_sequences=False)
cases.add("StringNGrams", [words, splits], "width 0", separator="",
          ngram_widths=[0], left_pad="", right_pad="", pad_width=0,
          preserve_short_sequences=False)
# Numbers.
reals = [0, 1, -1.5, 1e10, 123456.789, 1e-7, -0.0, np.inf, -np.inf, np.nan,
         1 / 3, 3e38]
half = tf.float16.as_numpy_dtype
for t in [np.float32, np.float64, half, tf.bfloat16.as_numpy_dtype]:
    x = np.array(reals).astype(t)
    for more in [{}, {"precision": 3}, {"scientific": True},
                 {"shortest": True}, {"shortest": True, "precision": 2},
                 {"width": 12}, {"width": 12, "fill": "0"},
                 {"width": 12, "fill": "-", "precision": 1},
                 {"width": 8, "fill": " "}, {"fill": "+"},
                 {"precision": 0, "scientific": True}]:
        cases.add("AsString", [x], f"{np.dtype(t).name} {more}", **more)
for t in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
          "uint64"]:
    i = np.iinfo(t)
    x = np.array([0, 7, i.min, i.max], t)
    cases.add("AsString", [x], t)
    cases.add("AsString", [x], f"{t} wide", width=6, fill="0")
    cases.add("AsString", [x], f"{t} left", width=6, fill="-")
cases.add("AsString", [np.array([True, False])], "bool")
cases.add("AsString", [np.array([True, False])], "bool wide", width=7)
cases.add("AsString", [np.complex64([1 + 2j, -0.5j])], "complex64", precision=2)
cases.add("AsString", [np.complex128([1 + 2j, -0.5j])], "complex128",
          shortest=True)
cases.add("AsString", [abc], "string")
cases.add("AsString", [abc], "string wide", width=4)
cases.add("AsString", [I([1])], "precision of an int", precision=2)
cases.add("AsString", [f32([1])], "both", scientific=True, shortest=True)
cases.add("AsString", [f32([1])], "bad fill", fill="x")
cases.add("AsString", [f32([1])], "long fill", fill="00")
cases.add("AsString", [f32(1)], "scalar")
for t, good in [("float32", ["1", "-1.5", "1e3", " 2 ", "inf", "-inf", "nan",
                             ".5", "5.", "+3", "1e-40", "3.4028236e38",
                             "1E5", "infinity", "NaN", "1e400", "16777217",
                             "0.1"]),
                ("float64", ["1", "-1.5", "1e300", "\t2\n", "0.1", "1e-320"]),
                ("int32", ["1", "-2147483648", "2147483647", " 7 ", "007"]),
                ("int64", ["1", "-9223372036854775808",
                           "9223372036854775807"]),
                ("uint32", ["0", "4294967295"]),
                ("uint64", ["0", "18446744073709551615"])]:
    cases.add("StringToNumber", [S(*good)], t, out_type=t)
for t, text in [(t, x) for t in ["float32", "float64", "int32", "uint32",
                                 "int64", "uint64"]
                for x in ["", " ", "x", "1x", "1 2", "0x10", "+3", "-1",
                          "1.5", "2147483648", "-2147483649",
                          "99999999999999999999", "--1", "1e5", "nan(1)",
                          "1_0", "0x1p3"]]:
    cases.add("StringToNumber", [S(text)], f"{t} {text!r}", out_type=t)
# Bytes.
for pad in [False, True]:
    cases.add("EncodeBase64", [S("", "a", "ab", "abc", b"\xfb\xff\xfe", odd[3])],
              f"{pad}", pad=pad)
cases.add("DecodeBase64", [S("", "YQ", "YQ==", "YWI", "YWI=", "YWJj", "-__-")])
for bad in ["Y", "YQ=", "Y===", "Y Q", "+/==", "YQ==YQ==", "YWJjZ", "YR==",
            "====", "=", "YQ\n"]:
    cases.add("DecodeBase64", [S(bad)], repr(bad))
raw = S(bytes(range(16)), bytes(range(16, 32)))
for t in ["half", "float32", "float64", "int32", "uint16", "uint8", "int16",
          "int8", "int64", "complex64", "complex128", "bool", "bfloat16"]:
    for little in [True, False]:
        data = S(b"\x00\x01", b"\x01\x01") if t == "bool" else raw
        cases.add("DecodeRaw", [data], f"{t} {little}", out_type=t,
                  little_endian=little)
cases.add("DecodeRaw", [S("abcd", "ab")], "lengths differ", out_type="uint8")
cases.add("DecodeRaw", [S("abc")], "no whole number", out_type="int16")
cases.add("DecodeRaw", [S("", "")], "empty", out_type="int32")
cases.add("DecodeRaw", [abc[:0]], "no strings", out_type="int32")
cases.add("DecodeRaw", [one("abcd")], "scalar", out_type="int16")
for t in ["float32", "int16", "uint8", "int64"]:
    for little in [True, False]:
        cases.add("DecodePaddedRaw", [S("ab", "abcdefgh", ""), I(8)],
                  f"{t} {little}", out_type=t, little_endian=little)
cases.add("DecodePaddedRaw", [S("abcdefgh"), I(4)], "cut", out_type="int16")
cases.add("DecodePaddedRaw", [S("ab"), I(3)], "no multiple", out_type="int16")
cases.add("DecodePaddedRaw", [S("ab"), I(0)], "length 0", out_type="int16")
long = b"hello " * 5000
cases.add("DecodeCompressed", [S(zlib.compress(long), zlib.compress(b""))],
          "zlib", compression_type="ZLIB")
cases.add("DecodeCompressed", [S(gzip.compress(long, mtime=0))], "gzip",
          compression_type="GZIP")
cases.add("DecodeCompressed", [S("ab", "")], "none")
cases.add("DecodeCompressed", [S("ab")], "snappy", compression_type="SNAPPY")
cases.add("DecodeCompressed", [S("ab")], "damaged", compression_type="ZLIB")
cases.add("DecodeCompressed", [S(zlib.compress(long)[:-9])], "cut short",
          compression_type="ZLIB")
for x in [f32([[1, 2], [3, 4]]), L(-7), np.array([True]), S("a", "bb"),
          np.zeros((0, 3), f32), np.float16([1, 2, 2]), I([5, 5, -5]),
          np.complex64([1j]), np.uint8([1]), np.float64(2)]:
    cases.add("SerializeTensor", [x], f"{x.dtype} {x.shape}")
    text = tf.io.serialize_tensor(x).numpy()
    cases.add("ParseTensor", [one(text)], f"{x.dtype} {x.shape}",
              out_type=tf.string if x.dtype == object else x.dtype)
cases.add("ParseTensor", [one(tf.make_tensor_proto(
    3.0, shape=[4]).SerializeToString())], "repeats", out_type="float32")
cases.add("ParseTensor", [one(tf.io.serialize_tensor(f32([1])).numpy())],
          "of another type", out_type="int32")
cases.add("ParseTensor", [one(b"\x08")], "damaged", out_type="int32")
cases.add("ParseTensor", [S("", "")], "two", out_type="int32")
# Patterns.
lines = S("hello world", "", "aaa", "a.b.c", "x1y22z333", "Ünïcode",
          "two\nlines", b"\xff\xfea", "foo_bar-baz  ")
for p, r in [("l", "L"), ("o", ""), ("", "-"), ("a*", "x"), ("[0-9]+", "#"),
             (r"(\w)(\d)", r"\2\1"), (r"\.", r"\\"), ("^.", "<\\0>"),
             (".$", "!"), ("(?i)HELLO", "bye"), (r"\s+", "_"), ("[^a-z]", ""),
             (r"\bb", "B"), ("(?P<n>x)(.)", r"\2"), (r"(a)|(b)", r"[\1\2]"),
             ("[[:alpha:]]+", "w"), (r"\pL", "p"), ("(?s)two.lines", "one"),
             ("(?m)^l", "L"), ("é|ï", "i"), (r"[\]x]", "q"), ("a{2,3}", "A"),
             (r"\Qa.b\E", "Q"), ("(?:ab|a)+?", "z"), (r"\W", "")]:
    for all in [True, False]:
        cases.add("RegexReplace", [lines, one(p), one(r)],
                  f"{p} {r} {all}", replace_global=all)
for p, r in [("(", "x"), ("a)", "x"), ("[", "x"), ("*", "x"), (r"(a)\1", "x"),
             ("(?=a)", "x"), ("(?<!a)b", "x"), ("a++", "x"), ("(?>a)", "x"),
             ("a", r"\1"), ("a", "\\"), ("a", r"\x"), (r"\Z", "x"),
             ("x{1001}", "y"), ("(?x)a b", "y")]:
    cases.add("RegexReplace", [lines, one(p), one(r)], f"bad {p} {r}")
cases.add("RegexReplace", [lines, S("a", "b"), one("")], "two patterns")
cases.add("RegexReplace", [lines[:0], one("a"), one("")], "no strings")
for p in ["a+", ".*", "", "hello", "(?s).*", "[a-z. ]*", "a|aa|aaa", "\\C*",
          r"x\d\w+", "Ünï.*"]:
    cases.add("RegexFullMatch", [lines, one(p)], p)
    cases.add("StaticRegexFullMatch", [lines], p, pattern=p)
cases.add("RegexFullMatch", [lines, one("(")], "bad")
cases.add("StaticRegexFullMatch", [lines], "bad", pattern="(")
cases.add("StaticRegexReplace", [lines], pattern="[aeiou]", rewrite="<\\0>")
cases.add("StaticRegexReplace", [lines], "first", pattern="[aeiou]",
          rewrite="", replace_global=False)
cases.add("StaticRegexReplace", [lines], "bad rewrite", pattern="a",
          rewrite="\\3")
cases.write()
