"""Which types and attr values TensorFlow's CPU kernels take, found by trying.

    python oracle/ask_types.py [--renew] [OP...]

For every op of tests/conformance/wanted_ops.txt it takes cases that are there
already, puts another type, or another value of an enumerated or Boolean attr, into
them, and lets TensorFlow run what comes out: each type that some kernel is
registered for, each value that the op's definition allows. It writes

    tests/conformance/tensorflow_types.txt   what TensorFlow takes, a line an op
    tests/conformance/types_<n>.cases        its answers, cases like all others,
    tests/conformance/graphs/types.graphs    and those that take a session

Of some ops it only says what it finds; with --renew it puts that into the files, in
the place of what they say of these ops. An op that no kernel for a CPU can take, and
no case shows in another way, has a minus in its line.

Every op is asked in a process of its own, since TensorFlow ends some by aborting.
"""
import itertools
import multiprocessing
import pathlib
import signal
import struct
import sys
import time
import traceback
import zlib

from case_writer import (Cases, FOLDER, TOL, Typed, as_array, proto, tensor_type,
                         text, tf, typed)
import numpy as np
from case_reader import MAGIC, fields, ops_of, read_cases
from tensorflow.core.framework import (attr_value_pb2, graph_pb2, tensor_pb2,
                                       types_pb2)
from tensorflow.python.framework import kernels, op_def_registry

TABLE = FOLDER / "tensorflow_types.txt"
PER_FILE = 2000
BASES = 4  # cases that are tried before an answer counts as refused
COMBINATIONS = 300
LARGE = 3000  # elements: larger cases are no bases

# The types asked for. Left out: references, float8, float4, int4 and int2, which
# TensorFlow only carries around.
NAMES = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32",
         "int64", "uint8", "uint16", "uint32", "uint64", "bool", "complex64",
         "complex128", "string", "qint8", "quint8", "qint16", "quint16", "qint32",
         "resource", "variant"]
TYPES = [tf.as_dtype(n).as_datatype_enum for n in NAMES]
NAME = dict(zip(TYPES, NAMES))
HANDLES = {types_pb2.DT_RESOURCE, types_pb2.DT_VARIANT}
STRING = types_pb2.DT_STRING


# ---- What the registry says ----


def cpu_kernels(op):
    """The constraints, attr → types, of each kernel that a CPU may take."""
    found = kernels.get_registered_kernels_for_op(op).kernel
    return [{c.name: set(c.allowed_values.list.type) for c in k.constraint}
            for k in found if k.device_type in ("CPU", "DEFAULT")]


def has_kernel(op):
    """Whether a node can meet what some kernel wants: TileGrad's want an attr that
    TileGrad does not have."""
    names = {a.name for a in op_def_registry.get(op).attr}
    return any(k.keys() <= names for k in cpu_kernels(op))


def allowed(attr):
    """The types that the op's definition allows."""
    return set(attr.allowed_values.list.type) or set(TYPES)


def registered(op, attr):
    """The types of an attr for which there is a kernel."""
    have = set()
    for kernel in cpu_kernels(op):
        have |= kernel.get(attr.name, set(TYPES))
    return [t for t in TYPES if t in have & allowed(attr)]


# ---- Cases as things to change ----


class Base:
    """A case whose graph is parsed and whose inputs are arrays."""
    targets = False  # node x is run, not fetched

    def __init__(self, case, session):
        self.name, self.session = case.name, session
        self.tol = case.tol
        self.open = case.open
        self.graph = graph_pb2.GraphDef.FromString(case.graph)
        self.protos = [tensor_pb2.TensorProto.FromString(t) for t in case.inputs]
        self.size = sum(len(t) for t in case.inputs)

    def copy(self):
        other = Base.__new__(Base)
        other.name, other.tol, other.open = self.name, self.tol, self.open
        other.session = self.session
        other.graph = graph_pb2.GraphDef.FromString(self.graph.SerializeToString())
        other.protos, other.size = list(self.protos), self.size
        return other

    def nodes(self, op):
        functions = self.graph.library.function
        for node in itertools.chain(self.graph.node,
                                    *(f.node_def for f in functions)):
            if node.op == op:
                yield node


def array_of(message):
    array = tf.make_ndarray(message)
    if tf.as_dtype(message.dtype).is_quantized:
        return typed(message.dtype, array)
    return array


def cast(array, to, imaginary):
    """Numbers of another type, about the same; strings that say them."""
    kind = tf.as_dtype(to)
    if isinstance(array, Typed):
        array = array.view(np.ndarray)
    if array.dtype.names:  # TensorFlow's quantised types are records
        array = array[array.dtype.names[0]]
    if array.dtype == object or array.dtype.kind in "SU":
        array = np.arange(array.size, dtype=np.float64).reshape(array.shape)
    if to == STRING:
        return np.vectorize(lambda v: str(v).encode(), otypes=[object])(
            array) if array.size else array.astype(object)
    if kind.is_bool:
        return array.astype(np.float64) != 0 if not np.iscomplexobj(
            array) else array != 0
    if kind.is_complex:
        with np.errstate(all="ignore"):
            wide = array.astype(np.complex128)
        if imaginary and not np.iscomplexobj(array):
            wide = wide + 0.5j * np.flip(wide)
        return wide.astype(kind.as_numpy_dtype)
    if np.iscomplexobj(array):
        array = array.real
    if kind.is_floating:
        return array.astype(kind.as_numpy_dtype)
    storage = np.dtype({"qint8": "i1", "quint8": "u1", "qint16": "i2",
                        "quint16": "u2", "qint32": "i4"}.get(kind.name) or
                       kind.as_numpy_dtype)
    info = np.iinfo(storage)
    if array.dtype.kind not in "iub":
        array = np.rint(np.nan_to_num(array.astype(np.float64)))
        array = np.clip(array, -2.0 ** 62, 2.0 ** 62).astype(np.int64)
    if info.min == 0 and array.dtype.kind == "i":
        array = np.abs(array)
    array = np.minimum(array, info.max) if info.max < 2 ** 62 else array
    if array.dtype.kind == "i" and info.min > -2 ** 62 and info.min:
        array = np.maximum(array, info.min)
    array = array.astype(storage)
    return typed(to, array) if kind.is_quantized else array


def cast_proto(message, to, imaginary):
    array = cast(array_of(message), to, imaginary)
    return tensor_pb2.TensorProto.FromString(proto(as_array(array),
                                                   tf.as_dtype(to)))


class Slots:
    """Which types in a graph go together: those that an edge connects."""

    def __init__(self, graph):
        self.parent, self.types = {}, {}
        self.outputs = {}
        for node in graph.node:
            definition = op_def_registry.get(node.op)
            for key, value in node.attr.items():
                for i, t in self.values(value):
                    self.add((node.name, key, i), t)
            self.outputs[node.name] = self.arguments(
                node, definition.output_arg)
        for node in graph.node:
            wants = self.arguments(node,
                                   op_def_registry.get(node.op).input_arg)
            for source, want in zip(node.input, wants):
                if source.startswith("^"):
                    continue
                name, _, port = source.partition(":")
                self.join(self.outputs[name][int(port or 0)], want)

    @staticmethod
    def values(value):
        if value.WhichOneof("value") == "type":
            yield None, value.type
        elif value.WhichOneof("value") == "list":
            yield from enumerate(value.list.type)

    def add(self, slot, dtype):
        self.parent.setdefault(slot, slot)
        self.types[slot] = dtype

    def arguments(self, node, args):
        """The slot of each input or output, flattened."""
        flat = []
        for arg in args:
            if arg.type_list_attr:
                n = len(node.attr[arg.type_list_attr].list.type)
                flat += [(node.name, arg.type_list_attr, i) for i in range(n)]
                continue
            n = node.attr[arg.number_attr].i if arg.number_attr else 1
            slot = (node.name, arg.type_attr, None) if arg.type_attr else \
                ("fixed", arg.type, None)
            self.add(slot, node.attr[arg.type_attr].type if arg.type_attr else
                     arg.type)
            flat += [slot] * n
        return flat

    def root(self, slot):
        while self.parent.setdefault(slot, slot) != slot:
            slot = self.parent[slot]
        return slot

    def join(self, a, b):
        a, b = self.root(a), self.root(b)
        if a != b:
            if a[0] == "fixed":
                a, b = b, a
            self.parent[a] = b

    def with_(self, slot, widely):
        """The slots of one type with this one; None when it cannot change."""
        root = self.root(slot)
        if root[0] == "fixed":
            return None
        dtype = self.types[slot]
        return {s for s in self.parent
                if self.types.get(s) == dtype and self.root(s)[0] != "fixed" and
                (widely or self.root(s) == root)}


def set_slot(node, key, i, to):
    if i is None:
        node.attr[key].type = to
    else:
        node.attr[key].list.type[i] = to


def with_types(base, op, wanted, imaginary, widely):
    """The case with attr → type of `wanted` in the nodes of that op, or None."""
    case = base.copy()
    slots = Slots(case.graph)
    change = {}
    for node in case.graph.node:
        for key, to in wanted.items() if node.op == op else ():
            if key not in node.attr:
                definition = op_def_registry.get(op)
                for a in definition.attr:
                    if a.name == key and a.HasField("default_value"):
                        node.attr[key].CopyFrom(a.default_value)
                slots = Slots(case.graph)
            for i, now in Slots.values(node.attr[key]):
                if now == to:
                    continue
                group = slots.with_((node.name, key, i), widely)
                if group is None:
                    return None
                change.update(dict.fromkeys(group, to))
    for node in case.graph.node:
        for key in list(node.attr):
            for i, _ in list(Slots.values(node.attr[key])):
                to = change.get((node.name, key, i))
                if to is None:
                    continue
                set_slot(node, key, i, to)
                if node.op == "Const":
                    value = node.attr["value"].tensor
                    value.CopyFrom(cast_proto(value, to, imaginary))
                if node.op in ("Placeholder", "PlaceholderV2"):
                    at = int(node.name[1:])
                    case.protos[at] = cast_proto(case.protos[at], to, imaginary)
    return case


def with_value(base, op, key, value):
    case = base.copy()
    for node in case.nodes(op):
        if isinstance(value, bool):
            node.attr[key].b = value
        else:
            node.attr[key].s = value
    return case


def with_handles(base, key, to):
    """A single node with resources or variants for the attr's inputs."""
    case = base.copy()
    node = next((n for n in case.graph.node if n.name == "x"), None)
    if node is None or base.session or node.op == "IdentityN" or \
            key not in node.attr:
        return None
    slots = Slots(case.graph)
    group = {s for s in slots.parent
             if slots.root(s) == slots.root((node.name, key, None))}
    case.targets = True
    node.attr[key].type = to
    for place in list(case.graph.node):
        if place.op == "Placeholder" and (place.name, "dtype", None) in group:
            shape = array_of(case.protos[int(place.name[1:])]).shape
            if not 0 < np.prod(shape) <= 24:
                return None
            case.graph.node.remove(place)
            with tf.Graph().as_default() as made:
                hand_over(to, shape, place.name)
            case.graph.node.extend(made.as_graph_def().node)
    return case


def hand_over(to, shape, name):
    """A tensor of handles called `name`."""
    raw = tf.raw_ops
    handles = [raw.VarHandleOp(dtype=tf.float32, shape=[], shared_name=f"v{i}",
                               name=f"{name}_h{i}") if
               to == types_pb2.DT_RESOURCE else raw.EmptyTensorList(
                   element_shape=tf.constant(-1, name=f"{name}_s{i}"),
                   max_num_elements=tf.constant(-1, name=f"{name}_n{i}"),
                   element_dtype=tf.float32, name=f"{name}_h{i}")
               for i in range(int(np.prod(shape)))]
    raw.Reshape(tensor=raw.Pack(values=handles, name=f"{name}_p"), name=name,
                shape=tf.constant(shape, tf.int32, name=f"{name}_e"))


# ---- Asking ----


class Asker(Cases):
    """Runs cases; keeps those that TensorFlow answered."""

    def __init__(self, loose):
        super().__init__("unused")
        self.message, self.session, self.loose = "", False, loose

    def runs(self, graph, flat):
        """Whether node x runs, whose outputs nobody can fetch."""
        with tf.Graph().as_default() as g:
            tf.import_graph_def(graph, name="")
            with tf.compat.v1.Session() as session:
                fed = {n.name for n in graph.node if n.op == "Placeholder"}
                feeds = {f"i{i}:0": v for i, v in enumerate(flat)
                         if f"i{i}" in fed}
                session.run(g.get_operation_by_name("x"), feeds)
        return True

    def answer(self, case, name):
        """The packed case, or None when TensorFlow refuses. Of 16-bit floats it
        tolerates what the op's own cases of them do."""
        flat = [array_of(t) for t in case.protos]
        if case.targets:
            return b"" if self.runs(case.graph, flat) else None
        code, outputs = self.run(case.graph, flat)
        if code:
            return None
        outputs = [as_array(o) for o in outputs]
        types = [tensor_type(o) for o in outputs]
        if any(t in (tf.resource, tf.variant) for t in types):
            return b""
        if any(o.dtype == bool and o.view(np.uint8).max(initial=0) > 1
               for o in outputs):  # DecodeRaw hands bytes on that are no bool
            return b""
        tol = max([max(TOL.get(t.name, 0), self.loose.get(t.name, 0))
                   for t in types], default=0)
        tol = max(tol, case.tol)
        return b"".join([
            text(name.encode()), text(case.graph.SerializeToString()),
            struct.pack("<dII", tol, 0, case.open),
            struct.pack("<I", len(case.protos)),
            *(text(t.SerializeToString()) for t in case.protos),
            struct.pack("<I", len(outputs)),
            *(text(proto(v, t)) for v, t in zip(outputs, types))])

    def try_all(self, tries, name):
        """The first answer to some variants of a question."""
        said = []
        for make in tries:
            try:
                case = make()
                packed = self.answer(case, name) if case else None
                if packed is not None:
                    self.session = case.session
                    return packed
                said.append(self.message if case else "cannot be changed")
            except Exception as e:  # values that cannot be cast, and the like
                said.append(f"{type(e).__name__} {e}")
        self.said = said
        return None


def questions(op, bases):
    """(attr, value, variants of a case) for all that is to be asked of an op."""
    definition = op_def_registry.get(op)

    def typed_tries(wanted):
        for base in bases:
            if any(base.nodes(op)):
                for imaginary, widely in ((True, False), (False, False),
                                          (True, True), (False, True)):
                    yield lambda b=base, i=imaginary, w=widely: with_types(
                        b, op, wanted, i, w)

    for attr in definition.attr:
        if attr.type in ("type", "list(type)"):
            for t in registered(op, attr):
                if t in HANDLES:
                    yield attr.name, NAME[t], (
                        lambda b=b, t=t, k=attr.name: with_handles(b, k, t)
                        for b in bases)
                    continue
                yield attr.name, NAME[t], typed_tries({attr.name: t})
        elif attr.type == "string" and attr.allowed_values.list.s:
            for v in attr.allowed_values.list.s:
                yield attr.name, v.decode(), (
                    lambda b=b, v=v, k=attr.name: with_value(b, op, k, v)
                    for b in bases)
        elif attr.type == "bool":
            for v in (False, True):
                yield attr.name, str(v).lower(), (
                    lambda b=b, v=v, k=attr.name: with_value(b, op, k, v)
                    for b in bases)
    for wanted in combinations(op, definition):
        yield None, " ".join(f"{k}={NAME[t]}" for k, t in wanted.items()), \
            typed_tries(wanted)


def combinations(op, definition):
    """The pairs and triples of types that kernels are registered for."""
    attrs = [a for a in definition.attr if a.type == "type"]
    if len(attrs) < 2:
        return []
    found = {}
    for kernel in cpu_kernels(op):
        if not kernel:
            continue
        lists = [[t for t in TYPES if t in kernel.get(a.name, set(TYPES)) &
                  allowed(a)] for a in attrs]
        for types in itertools.product(*lists):
            if HANDLES.intersection(types):
                continue
            found[types] = dict(zip((a.name for a in attrs), types))
            if len(found) > COMBINATIONS:
                return []
    return found.values()


def ask(op, bases, loose, skip, pipe):
    """Asks everything of one op; sends (attr, value, case, message)."""
    asker = Asker(loose)
    pipe.send("ready")
    for n, (attr, value, tries) in enumerate(questions(op, bases)):
        if n < skip:
            continue
        pipe.send(n)
        name = f"{op} {attr}={value}" if attr else f"{op} {value}"
        packed = asker.try_all(tries, name)
        pipe.send((attr, value, packed, asker.session
                   if packed is not None else asker.said[:2]))
    pipe.send("end")


def ask_in_process(task):
    op, bases, loose = task
    answers, skip = [], 0
    while True:
        here, there = multiprocessing.Pipe()
        child = multiprocessing.Process(target=ask, args=(op, bases, loose, skip, there))
        child.start()
        there.close()
        at = "start"
        try:
            while True:
                if not here.poll(120):
                    child.kill()
                    raise EOFError
                got = here.recv()
                if got == "end":
                    child.join()
                    return op, answers
                if isinstance(got, tuple):
                    answers.append(got)
                else:
                    at = got
        except EOFError:
            child.join()
            if at in ("start", "ready"):
                return op, answers + [(None, "", None, ["does not start"])]
            definition = list(questions(op, bases))[at]
            answers.append((*definition[:2], None, ["aborts"]))
            skip = at + 1


# ---- All ops ----


def wanted_ops():
    path = FOLDER / "wanted_ops.txt"
    return [line.split()[0] for line in path.read_text().splitlines()
            if line and not line.startswith("#")]


def bases_by_op(ops):
    """The simplest cases of each op that TensorFlow answers."""
    found = {op: [] for op in ops}
    for path in case_files():
        for case in read_cases(path):
            if case.code or sum(map(len, case.inputs)) > 8 * LARGE:
                continue
            for op in ops_of(case) & found.keys():
                found[op].append((case, path.suffix == ".graphs"))
    return {op: [Base(*c) for c in simplest(cases)]
            for op, cases in found.items()}


def tolerances(ops):
    """op → 16-bit float → the largest difference that one of its cases allows."""
    found = {op: {} for op in ops}
    for path in case_files():
        for case in read_cases(path):
            for op in ops_of(case) & found.keys():
                for tensor in case.inputs:
                    kind = NAME.get(dict(fields(tensor)).get(1))
                    if kind in ("float16", "bfloat16"):
                        found[op][kind] = max(case.tol, found[op].get(kind, 0))
    return found


def case_files():
    """Those that are not written here."""
    return [path for path in sorted(FOLDER.glob("*.cases")) +
            sorted(FOLDER.glob("graphs/*.graphs"))
            if not path.name.startswith("types")]


def simplest(cases):
    """Alone before together, floats before others, in the order of the file."""
    def cost(entry):
        case, session = entry
        graph = graph_pb2.GraphDef.FromString(case.graph)
        nodes = sum(n.op != "Placeholder" for n in graph.node)
        empty = any(not n for t in case.outputs
                    for n in [tensor_pb2.TensorProto.FromString(t)
                              .ByteSize() > 14])
        kinds = [n.attr["dtype"].type for n in graph.node
                 if n.op == "Placeholder"]
        plain = types_pb2.DT_FLOAT in kinds or not kinds
        return (session, nodes > 1, empty, not plain, nodes)
    return sorted(cases, key=cost)[:BASES]


def values_seen(ops):
    """op → attr → values in the cases that TensorFlow answered."""
    seen = {op: {} for op in ops}
    for path in case_files():
        for case in read_cases(path):
            if case.code:
                continue
            graph = graph_pb2.GraphDef.FromString(case.graph)
            for node in itertools.chain(
                    graph.node, *(f.node_def for f in graph.library.function)):
                if node.op not in seen:
                    continue
                for key, value in node.attr.items():
                    kind = value.WhichOneof("value")
                    if kind == "type":
                        v = NAME.get(value.type)
                    elif kind == "list" and value.list.type:
                        seen[node.op].setdefault(key, set()).update(
                            NAME.get(t) for t in value.list.type)
                        continue
                    elif kind == "s":
                        v = value.s.decode(errors="replace")
                    elif kind == "b":
                        v = str(value.b).lower()
                    else:
                        continue
                    seen[node.op].setdefault(key, set()).add(v)
    return seen


def table_line(op, taken, seen):
    """`Op attr=a,b attr=...`: the types and values that are taken."""
    definition = op_def_registry.get(op)
    if not has_kernel(op) and not any(seen.values()):
        return op + " -"
    parts = [op]
    for attr in definition.attr:
        values = taken.get(attr.name, set()) | seen.get(attr.name, set())
        if attr.type in ("type", "list(type)"):
            order = NAMES
        elif attr.type == "string" and attr.allowed_values.list.s:
            order = [v.decode() for v in attr.allowed_values.list.s]
        elif attr.type == "bool":
            order = ["false", "true"]
        else:
            continue
        parts.append(f"{attr.name}=" + ",".join(v for v in order if v in values))
    return " ".join(parts)


def kept(ops, paths):
    """(op, packed case) of the files' cases, without those of `ops`."""
    for path in paths:
        for case in read_cases(path):
            op = case.name.split()[0]
            if op not in ops:
                yield op, b"".join([
                    text(case.name.encode()), text(case.graph),
                    struct.pack("<dII", case.tol, case.code, case.open),
                    struct.pack("<I", len(case.inputs)), *map(text, case.inputs),
                    struct.pack("<I", len(case.outputs)), *map(text, case.outputs)])


def renew(ops, lines, packed, graphs):
    """Puts what was found of some ops in the place of what the files say of them."""
    order = {op: n for n, op in enumerate(wanted_ops())}
    numbered = sorted(FOLDER.glob("types_*.cases"),
                      key=lambda p: int(p.stem.split("_")[1]))
    types = FOLDER / "graphs" / "types.graphs"
    merged = []
    for new, paths in ((packed, numbered), (graphs, [types])):
        all_ = [*kept(ops, paths), *new]
        merged.append([c for _, c in sorted(all_, key=lambda e: order[e[0]])])
    old = [line for line in TABLE.read_text().splitlines()
           if not line.startswith("#") and line.split()[0] not in ops]
    TABLE.write_text(HEAD + "\n".join(sorted(old + lines)) + "\n")
    write(*merged)


def write(packed, graphs):
    for old in FOLDER.glob("types_*.cases"):
        old.unlink()
    data = MAGIC + b"".join(graphs)
    path = FOLDER / "graphs" / "types.graphs"
    path.write_bytes(struct.pack("<I", len(data)) + zlib.compress(data, 9))
    for n, at in enumerate(range(0, len(packed), PER_FILE), 1):
        data = MAGIC + b"".join(packed[at:at + PER_FILE])
        path = FOLDER / f"types_{n}.cases"
        path.write_bytes(struct.pack("<I", len(data)) + zlib.compress(data, 9))
        print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    only = [a for a in sys.argv[1:] if a != "--renew"]
    ops = [o for o in only or wanted_ops() if op_def_registry.get(o)]
    bases, seen, loose = bases_by_op(ops), values_seen(ops), tolerances(ops)
    lines, packed, graphs, refused = [], [], [], []
    with multiprocessing.pool.ThreadPool(2) as pool:
        tasks = [(op, bases[op], loose[op]) for op in ops]
        for op, answers in pool.imap(ask_in_process, tasks):
            taken = {}
            for attr, value, case, said in answers:
                if case is None:
                    if value not in seen[op].get(attr, ()):
                        refused.append(f"{op} {attr or ''}={value}: "
                                       f"{[s[:160] for s in said]}")
                    continue
                if case:
                    (graphs if said else packed).append((op, case))
                if attr:
                    taken.setdefault(attr, set()).add(value)
            lines.append(table_line(op, taken, seen[op]))
    print("\n".join(refused))
    if "--renew" in sys.argv:
        renew(ops, lines, packed, graphs)
    if only:
        print("\n".join(lines))
        print(len(packed), "cases", len(graphs), "graphs")
        return
    TABLE.write_text(HEAD + "\n".join(sorted(lines)) + "\n")
    write(*([c for _, c in cases] for cases in (packed, graphs)))


HEAD = f"""# Written by oracle/ask_types.py with TensorFlow {tf.__version__}: for each op the types,
# enumerated strings and Booleans that its CPU kernels take.
"""

if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
