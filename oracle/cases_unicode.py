"""Writes tests/conformance/unicode.cases: encodings, CSV, Optionals."""
from chain_writer import Chains, np, tf
from string_inputs import S

raw = tf.raw_ops
cases = Chains("unicode")
f32, I, L = np.float32, np.int32, np.int64


texts = S("abc", "", "héllo 日本語 😀", "a\x00\x01\tb\n\x1f", b"a\xff\xfeb",
          b"\xe6\x97", b"\xe6\x97x", b"\xf0\x9f\x98", b"\xed\xa0\x80",
          b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe6\x97\xa5\x80")
wide = S(*["aé日😀".encode(c) for c in ("utf-16-be", "utf-32-be", "utf-16-le",
                                      "utf-32-le", "utf-16", "utf-32")])
for errors in ["replace", "ignore", "strict"]:
    for control in [False, True]:
        more = dict(errors=errors, replace_control_characters=control)
        for t in ["int32", "int64"]:
            cases.add("UnicodeDecode", [texts], f"{errors} {control} {t}",
                      input_encoding="UTF-8", Tsplits=t, **more)
        cases.add("UnicodeDecodeWithOffsets", [texts], f"{errors} {control}",
                  input_encoding="UTF-8", **more)
        for to in ["UTF-8", "UTF-16-BE", "UTF-32-BE"]:
            cases.add("UnicodeTranscode", [texts], f"{errors} {control} {to}",
                      input_encoding="UTF-8", output_encoding=to, **more)
    cases.add("UnicodeEncode", [I([97, 233, 0x65e5, 0x1f600, 0xd800, 0x110000,
                                   -1, 98]), L([0, 2, 2, 8])], errors,
              output_encoding="UTF-8", errors=errors)
for i, name in enumerate(["UTF-16-BE", "UTF-32-BE", "UTF-16-LE", "UTF-32-LE",
                          "UTF-16", "UTF-32"]):
    for op in ["UnicodeDecode", "UnicodeDecodeWithOffsets"]:
        cases.add(op, [wide[i:i + 1]], name, input_encoding=name)
    cases.add("UnicodeTranscode", [wide[i:i + 1]], name, input_encoding=name,
              output_encoding="UTF-8")
    cases.add("UnicodeDecode", [S(b"\x00a\xd8\x00\x00b", b"\x00")],
              f"{name} damaged", input_encoding=name)
for name in ["latin1", "ISO-8859-1", "US-ASCII", "utf8", "utf-8", "no-such"]:
    cases.add("UnicodeDecode", [S("abc", b"\xe9\xff\x80")], name,
              input_encoding=name)
cases.add("UnicodeDecode", [S(*["ab"] * 4).reshape(2, 2)], "matrix",
          input_encoding="UTF-8")
cases.add("UnicodeDecode", [S()], "no strings", input_encoding="UTF-8")
cases.add("UnicodeDecode", [np.array(b"ab", object)], "scalar",
          input_encoding="UTF-8")
cases.add("UnicodeDecode", [texts], "replacement", input_encoding="UTF-8",
          replacement_char=63)
cases.add("UnicodeDecode", [texts], "bad replacement", input_encoding="UTF-8",
          replacement_char=0xd800)
for to in ["UTF-16-BE", "UTF-32-BE"]:
    cases.add("UnicodeEncode", [I([97, 0x1f600]), I([0, 1, 2])], to,
              output_encoding=to)
for bad in [L([0, 3]), L([1, 2]), L([0, 2, 1, 2]), L([]), L([0, 1])]:
    cases.add("UnicodeEncode", [I([97, 98]), bad], f"splits {bad}",
              output_encoding="UTF-8")

lines = S("1,2.5,a b", '-3,1e3,"x ""y"", z"', ",,", "7, 8 ,")
defaults = [I([0]), f32([9]), S("none")]
cases.add("DecodeCSV", [lines, defaults])
cases.add("DecodeCSV", [lines, [I([]), f32([9]), S("none")]], "required")
cases.add("DecodeCSV", [lines[:2], [I([]), f32([]), S()]], "all required")
cases.add("DecodeCSV", [lines, [I(0), f32(9), np.array(b"n", object)]],
          "scalar defaults")
cases.add("DecodeCSV", [lines, defaults[:2]], "too many fields")
cases.add("DecodeCSV", [S("1,2"), defaults], "too few fields")
cases.add("DecodeCSV", [S("x,2,a"), defaults], "no number")
cases.add("DecodeCSV", [S('1,"2,a'), defaults], "no end of quotes")
cases.add("DecodeCSV", [S('1,"2"x,a'), defaults], "text behind quotes")
cases.add("DecodeCSV", [S('1,2,a"b'), defaults], "quote inside")
cases.add("DecodeCSV", [S('1,2,a\nb'), defaults], "line end inside")
cases.add("DecodeCSV", [S('1,2,a"b"'), defaults], "no quotes known",
          use_quote_delim=False)
cases.add("DecodeCSV", [S("1;2;NA", "NA;3;x"), defaults], "na and delimiter",
          field_delim=";", na_value="NA")
cases.add("DecodeCSV", [S("1,x,2.5,y,z"), defaults], "columns",
          select_cols=[0, 2, 4])
cases.add("DecodeCSV", [S("1,x,2.5,y"), defaults], "columns, too few",
          select_cols=[0, 2, 4])
cases.add("DecodeCSV", [S("1,x,2.5,y"), defaults], "columns fall",
          select_cols=[2, 0, 1])
cases.add("DecodeCSV", [S("1,x"), defaults], "columns, other number",
          select_cols=[0])
cases.add("DecodeCSV", [S(""), [I([3])]], "empty line")
cases.add("DecodeCSV", [S("", "5"), [I([3])]], "one column")
cases.add("DecodeCSV", [lines.reshape(2, 2), defaults], "matrix")
cases.add("DecodeCSV", [S("1,2"), [L([0]), np.float64([0])]], "wide types")
cases.add("DecodeCSV", [S(), defaults], "no records")
cases.add("DecodeCSV", [S("1"), [I([1, 2])]], "two defaults")
cases.add("DecodeCSV", [S("1,2"), defaults[:2]], "long delimiter",
          field_delim=",,")


def get(o, types=(tf.float32, tf.string), shapes=([2], None)):
    return list(raw.OptionalGetValue(optional=o, output_types=list(types),
                                     output_shapes=list(shapes)))


def some(x, y):
    return raw.OptionalFromValue(components=[x, y])


xy = [f32([1, 2]), S("a")]
cases.chain("optional", xy, lambda x, y: [
    *get(some(x, y)), raw.OptionalHasValue(optional=some(x, y))])
cases.chain("optional none", [], lambda: raw.OptionalHasValue(
    optional=raw.OptionalNone()))
cases.chain("optional none has no value", [], lambda: get(raw.OptionalNone()))
cases.chain("optional of another shape", xy,
            lambda x, y: get(some(x, y), shapes=([3], None)))
cases.chain("optional of another type", xy,
            lambda x, y: get(some(x, y), types=(tf.int32, tf.string)))
cases.chain("optional of fewer", xy,
            lambda x, y: get(some(x, y), types=(tf.float32,), shapes=([2],)))
cases.write()
