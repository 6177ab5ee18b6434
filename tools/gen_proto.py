#!/usr/bin/env python3
"""Makes src/proto/messages.h and messages.c from messages.schema.

    tools/gen_proto.py            writes both files
    tools/gen_proto.py --check    writes nothing; exit status 1 when stale
"""
import pathlib
import re
import sys
import textwrap

PROTO = pathlib.Path(__file__).resolve().parent.parent / "src" / "proto"

SCALARS = {  # type: (kind, C type)
    "double": ("DOUBLE", "double"), "float": ("FLOAT", "float"),
    "int32": ("INT32", "int32_t"), "int64": ("INT64", "int64_t"),
    "uint32": ("UINT32", "uint32_t"), "uint64": ("UINT64", "uint64_t"),
    "sint32": ("SINT32", "int32_t"), "sint64": ("SINT64", "int64_t"),
    "fixed32": ("FIXED32", "uint32_t"), "fixed64": ("FIXED64", "uint64_t"),
    "sfixed32": ("SFIXED32", "int32_t"), "sfixed64": ("SFIXED64", "int64_t"),
    "bool": ("BOOL", "bool"), "enum": ("ENUM", "int32_t"),
    "string": ("STRING", "firn_str"), "bytes": ("BYTES", "firn_str"),
}

TAKEN = set("""auto break case char const continue default do double else enum
extern float for goto if inline int long register restrict return short signed
sizeof static struct switch typedef union unsigned void volatile while bool
true false unix linux unknown asm typeof class new delete this private public
protected template namespace operator virtual""".split())


class Field:
    def __init__(self, number, name, type_, how="", arg=""):
        self.number, self.name, self.type = int(number), name, type_
        self.how, self.arg = how, arg
        self.member = name + "_" if name in TAKEN else name

    @property
    def scalar(self):
        return SCALARS.get(self.type.split()[0])

    @property
    def many(self):
        return self.how in ("repeated", "packed", "map")

    @property
    def case(self):
        """The member that tells whether the field is set, or None."""
        if self.how == "oneof":
            return self.arg + "_case"
        return self.name + "_case" if self.how == "optional" else None


class Message:
    def __init__(self, name, map_entry=False):
        self.name, self.map_entry, self.fields = name, map_entry, []


SHORT = {}  # short name: the full name that got it first


def c_name(name):
    """tensorflow.NodeDef.ExperimentalDebugInfo -> NodeDef_Experimental...

    When two packages have the same message, the second keeps its package.
    """
    words = name.split(".")
    first = next(i for i, w in enumerate(words) if w[0].isupper())
    short = "_".join(words[first:])
    if SHORT.setdefault(short, name) != name:
        short = "_".join(words[first - 1:])
    return short


def entry_name(field):
    words = re.split("_+", field.name)
    return "".join(w[:1].upper() + w[1:] for w in words) + "Entry"


def read_schema(text):
    enums, messages, current = {}, [], None
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "enum":
            current = enums.setdefault(words[1], [])
        elif words[0] == "message":
            current = Message(words[1])
            messages.append(current)
        elif isinstance(current, list):
            current.append((int(words[0]), words[1]))
        else:
            if words[2] == "enum":
                words[2:4] = [f"enum {words[3]}"]
            current.fields.append(Field(*words))
    return enums, messages


def with_entries(messages):
    """Puts the entry message of each map in front of the map's owner."""
    out = []
    for m in messages:
        for f in m.fields:
            if f.how == "map":
                entry = Message(f"{m.name}.{entry_name(f)}", True)
                entry.fields = [Field(1, "key", f.arg),
                                Field(2, "value", f.type)]
                out.append(entry)
                f.type = entry.name
        m.fields.sort(key=lambda f: f.number)
        out.append(m)
    return out


# ---- messages.h

def member_type(f):
    if f.scalar:
        base = f.scalar[1] + " "
    else:
        base = f"firn_pb_{c_name(f.type)} *"
    return base + "*" if f.many else base


def spaced(type_, member):
    return f"{type_}{member};".replace("* *", "**")


def struct_lines(m):
    lines, oneofs = ["  firn_pb_unknown unknown;"], {}
    for f in m.fields:
        decl = spaced(member_type(f), f.member)
        if f.how == "oneof":
            if f.arg not in oneofs:
                oneofs[f.arg] = []
                lines.append(oneofs[f.arg])
            oneofs[f.arg].append(f"    {decl}")
            continue
        lines.append(f"  {decl}")
        if f.many:
            lines.append(f"  size_t {f.name}_count;")
        elif f.how == "optional":
            lines.append(f"  int32_t {f.case};")
    flat = []
    for line in lines:
        if isinstance(line, str):
            flat.append(line)
            continue
        name = next(k for k, v in oneofs.items() if v is line)
        flat += ["  union {"] + line + ["  };", f"  int32_t {name}_case;"]
    return flat


def check_members(m, lines):
    names = re.findall(r"(\w+);", "\n".join(lines))
    double = {n for n in names if names.count(n) > 1}
    if double:
        sys.exit(f"{m.name}: members that meet: {', '.join(sorted(double))}")


H_HEAD = """\
/* proto/messages.h: the structs and tables of every message that firn knows.
 *
 * Made by tools/gen_proto.py from messages.schema; do not edit. proto/proto.h
 * says how a proto type becomes a C member.
 */
#ifndef FIRN_PROTO_MESSAGES_H
#define FIRN_PROTO_MESSAGES_H

#include "proto/proto.h"
"""


def make_header(enums, messages):
    out = [H_HEAD]
    for name, values in enums.items():
        out += [f"/* {name} */", "enum {"]
        for number, value in values:
            text = "-2147483647 - 1" if number == -2**31 else str(number)
            out.append(f"  FIRN_PB_{c_name(name)}_{value} = {text},")
        out += ["};", f"extern const firn_pb_enum firn_pb_enum_"
                f"{c_name(name)};", ""]
    for m in messages:
        n = c_name(m.name)
        line = f"typedef struct firn_pb_{n} firn_pb_{n};"
        out.append(line if len(line) <= 80 else
                   f"typedef struct firn_pb_{n}\n    firn_pb_{n};")
    out.append("")
    for m in messages:
        n = c_name(m.name)
        lines = struct_lines(m)
        check_members(m, lines)
        out += [f"/* {m.name} */", f"struct firn_pb_{n} {{", *lines, "};",
                f"extern const firn_pb_type firn_pb_type_{n};", ""]
    out += ["#endif", ""]
    return "\n".join(out)


# ---- messages.c

C_HEAD = """\
/* proto/messages.c: the tables behind messages.h.
 *
 * Made by tools/gen_proto.py from messages.schema; do not edit.
 */
#include "proto/messages.h"

#define AT(message, member) ((uint16_t)offsetof(firn_pb_##message, member))
"""

FLAGS = {"repeated": "FIRN_PB_REPEATED",
         "packed": "FIRN_PB_REPEATED | FIRN_PB_PACKED",
         "map": "FIRN_PB_REPEATED | FIRN_PB_MAP",
         "oneof": "FIRN_PB_ONEOF", "optional": "FIRN_PB_ONEOF", "": "0"}


def fill(row):
    return textwrap.fill(row, 80, initial_indent="    ",
                         subsequent_indent="     ", break_long_words=False)


def field_row(n, f):
    kind = f.scalar[0] if f.scalar else "MESSAGE"
    extra, sub = "0", "NULL"
    if f.many:
        extra = f"AT({n}, {f.name}_count)"
    elif f.case:
        extra = f"AT({n}, {f.case})"
    if not f.scalar:
        sub = f"&firn_pb_type_{c_name(f.type)}"
    elif kind == "ENUM":
        sub = f"&firn_pb_enum_{c_name(f.type.split()[1])}"
    return fill(f'{{"{f.name}", {f.number}, FIRN_PB_{kind}, {FLAGS[f.how]}, '
                f"AT({n}, {f.member}), {extra}, {sub}}},")


def make_source(enums, messages):
    out = [C_HEAD]
    for name, values in enums.items():
        n = c_name(name)
        out.append(f"static const firn_pb_enum_value values_{n}[] = {{")
        for number, value in values:
            out.append(f'    {{"{value}", {number}}},')
        out += ["};", f"const firn_pb_enum firn_pb_enum_{n} = {{",
                f'    "{name}",', f"    values_{n}, {len(values)}}};", ""]
    for m in messages:
        n = c_name(m.name)
        table = "NULL"
        if m.fields:
            table = f"fields_{n}"
            out.append(f"static const firn_pb_field {table}[] = {{")
            out += [field_row(n, f) for f in m.fields]
            out.append("};")
        entry = "true" if m.map_entry else "false"
        out += [f"const firn_pb_type firn_pb_type_{n} = {{",
                f'    "{m.name}",', f"    {table}, {len(m.fields)},",
                f"    (uint16_t)sizeof(firn_pb_{n}), {entry}}};", ""]
    out.append("const firn_pb_type *const firn_pb_types[] = {")
    out += [f"    &firn_pb_type_{c_name(m.name)}," for m in messages
            if not m.map_entry]
    out += ["    NULL,", "};", ""]
    return "\n".join(out)


def main():
    enums, messages = read_schema((PROTO / "messages.schema").read_text())
    messages = with_entries(messages)
    for name in sorted([*enums, *(m.name for m in messages)]):
        c_name(name)
    made = {PROTO / "messages.h": make_header(enums, messages),
            PROTO / "messages.c": make_source(enums, messages)}
    stale = [p for p, text in made.items()
             if not p.exists() or p.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path} is not what messages.schema says: run "
                  "tools/gen_proto.py", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(made[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
