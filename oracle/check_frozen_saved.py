#!/usr/bin/env python3
"""Freezes SavedModels by signature with firn and runs the result in TensorFlow.

    oracle/check_frozen_saved.py FIRN MODELS [CASE]...

MODELS is searched for case.json files with checks of kind saved_model. Each
signature that such a check runs is frozen in every mode (functions inlined, kept,
lowered; tables inlined, and kept where there are any); TensorFlow imports the file
and runs it twice in one session, firn runs it once, and both must give the outputs
that TensorFlow gave for the SavedModel. A model whose state changes from run to run
must be refused. tests/golden/saved_model with its answers.json is checked, too.
A signature that no run has is run when it is like one that has. Prints what differs
and "N passed, N failed".
"""
import argparse
import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2

tf1 = tf.compat.v1
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/saved_model"
FUNCTIONS = ("inline", "keep", "lower")


# ---- Names ------------------------------------------------------------------------


def legal(key):
    name = re.sub(r"[^A-Za-z0-9._/\\>-]", "_", key)
    return name if re.match(r"[A-Za-z0-9.]", key) else "x" + name


def node_names(inputs, outputs):
    """The nodes that stand for the keys of a signature, by the rule of the manual."""
    taken, names = set(), ({}, {})
    for keys, to in ((inputs, names[0]), (outputs, names[1])):
        for key in sorted(keys):
            name, i = legal(key), 0
            while name in taken:
                i += 1
                name = f"{legal(key)}_{i}"
            taken.add(name)
            to[key] = name
    return names


def spread(infos):
    """key → tensor; a sparse tensor is three."""
    tensors = {}
    for key, info in infos.items():
        if info.WhichOneof("encoding") == "coo_sparse":
            sparse = info.coo_sparse
            tensors[key + "/indices"] = sparse.indices_tensor_name
            tensors[key + "/values"] = sparse.values_tensor_name
            tensors[key + "/dense_shape"] = sparse.dense_shape_tensor_name
        else:
            tensors[key] = info.name
    return tensors


def read_meta(folder, tags):
    saved = saved_model_pb2.SavedModel()
    if (folder / "saved_model.pb").exists():
        saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    else:
        text_format.Parse((folder / "saved_model.pbtxt").read_text(), saved)
    return next(m for m in saved.meta_graphs
                if set(m.meta_info_def.tags) == set(tags))


# ---- Values -----------------------------------------------------------------------


def read_value(path, dtype):
    if path.suffix == ".npy":
        value = np.load(path)
        return value.view(tf.bfloat16.as_numpy_dtype) if dtype == "bfloat16" else value
    data = json.loads(path.read_text())
    flat = np.array([base64.b64decode(b) for b in data["base64"]], object)
    return flat.reshape(data["shape"])


def nested(array):
    """Strings as firn reads and writes them."""
    if array.ndim == 0:
        return {"b64": base64.b64encode(array.item()).decode()}
    return [nested(a if isinstance(a, np.ndarray) else np.array(a, object))
            for a in array]


def write_value(path, array):
    if array.dtype == object:
        path = path.with_suffix(".json")
        path.write_text(json.dumps(nested(array)))
    else:
        path = path.with_suffix(".npy")
        if array.dtype == tf.bfloat16.as_numpy_dtype:
            array = array.view("|V2")
        np.save(path, array, allow_pickle=False)
    return path


def as_bytes(value):
    if isinstance(value, list):
        return [as_bytes(v) for v in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()


def differs(have, want, run):
    have = np.asarray(have)
    if want.dtype == object:
        return None if have.tolist() == want.tolist() else f"{have} is not {want}"
    if have.dtype != want.dtype or have.shape != want.shape:
        return f"{have.dtype}{have.shape} is not {want.dtype}{want.shape}"
    if want.dtype == tf.bfloat16.as_numpy_dtype:
        have, want = have.astype(np.float32), want.astype(np.float32)
    ok = np.allclose(have, want, rtol=run["rtol"], atol=run["atol"], equal_nan=True)
    return None if ok else f"off by {np.max(np.abs(have - want))}"


# ---- Runs -------------------------------------------------------------------------


def call(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          timeout=300)
    return done.returncode, done.stdout + done.stderr


def run_tensorflow(path, feeds, fetches, init):
    graph_def = tf1.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    with tf1.Graph().as_default() as graph:
        tf1.import_graph_def(graph_def, name="")
        with tf1.Session(graph=graph) as session:
            if init:
                session.run(init)
            feeds = {name + ":0": value for name, value in feeds.items()}
            for _ in range(2):
                values = session.run([name + ":0" for name in fetches], feeds)
    return graph_def, values


def run_firn(firn, path, feeds, fetches, init, here):
    command = [firn, "run", path]
    for i, (name, value) in enumerate(feeds.items()):
        command += ["--feed", f"{name}={write_value(here / f'in_{i}', value)}"]
    files = []
    for i, (name, value) in enumerate(fetches.items()):
        files.append(here / f"out_{i}{'.json' if value.dtype == object else '.npy'}")
        command += ["--fetch", f"{name}={files[-1]}"]
    if init:
        runs = here / "runs.json"
        runs.write_text(json.dumps([{"targets": [init]}, {
            "feeds": {w.split("=")[0]: w.split("=", 1)[1]
                      for f, w in zip(command, command[1:]) if f == "--feed"},
            "fetches": {w.split("=")[0]: w.split("=", 1)[1]
                        for f, w in zip(command, command[1:]) if f == "--fetch"}}]))
        command = [firn, "run", path, "--runs", runs]
    status, text = call(command)
    if status:
        raise RuntimeError(text)
    values = []
    for file, want in zip(files, fetches.values()):
        if file.suffix == ".json":
            data = json.loads(file.read_text())
            flat = as_bytes(data if isinstance(data, list) else [data])
            values.append(np.array(flat, object).reshape(want.shape))
        else:
            value = np.load(file)
            values.append(value.view(want.dtype) if value.dtype.kind == "V" else value)
    return values


FUNCTIONAL = {"PartitionedCall", "StatefulPartitionedCall"}
CONTROL = {"If", "StatelessIf", "While", "StatelessWhile", "Case", "StatelessCase"}


def wrong_nodes(graph_def, functions, init):
    """What the mode promises: which ops are gone. An init op may have variables of
    its own."""
    ops = {n.op for n in graph_def.node}
    left = set() if init else ops & {"VarHandleOp", "VariableV2"}
    if functions != "keep":
        left |= ops & FUNCTIONAL
    if functions == "lower":
        left |= ops & CONTROL
        if graph_def.library.function:
            left.add("a function library")
    reached, todo = set(), [n for n in graph_def.node]
    known = {f.signature.name: f for f in graph_def.library.function}
    while todo:
        node = todo.pop()
        names = {node.op} | {a.func.name for a in node.attr.values()}
        names |= {f.name for a in node.attr.values() for f in a.list.func}
        for name in names & set(known) - reached:
            reached.add(name)
            todo += known[name].node_def
    left |= {"unused " + n for n in set(known) - reached}
    return f"left in the graph: {', '.join(sorted(left))}" if left else None


def check_run(firn, path, run, functions, init, here):
    """A list of what is wrong with a frozen file."""
    graph_def, values = run_tensorflow(path, run["feeds"], run["fetches"], init)
    wrong = [wrong_nodes(graph_def, functions, init)]
    for name, value in zip(run["fetches"], values):
        wrong.append(differs(value, run["fetches"][name], run))
    values = run_firn(firn, path, run["feeds"], run["fetches"], init, here)
    for name, value in zip(run["fetches"], values):
        bad = differs(value, run["fetches"][name], run)
        wrong.append(bad and "firn: " + bad)
    return [w for w in wrong if w]


# ---- Cases ------------------------------------------------------------------------


def named_run(meta, run, signature, folder):
    """The run with node names and values instead of keys (or tensors) and files."""
    inputs = spread(meta.signature_def[signature].inputs)
    outputs = spread(meta.signature_def[signature].outputs)
    in_names, out_names = node_names(inputs, outputs)
    keys = [{**{t: k for k, t in side.items()}, **{k: k for k in side}}
            for side in (inputs, outputs)]

    def value(spec):
        if isinstance(spec, np.ndarray):
            return spec
        return read_value(folder / spec["file"], spec["dtype"])

    return {"rtol": run["rtol"], "atol": run["atol"],
            "feeds": {in_names[keys[0][k]]: value(s) for k, s in run["feeds"].items()},
            "fetches": {out_names[keys[1][k]]: value(s)
                        for k, s in run["fetches"].items()}}


def others(meta, runs):
    """Signatures that no run has, when they take and give what one that has does."""
    known = {run["signature"] for run in runs}
    first = next((r for r in runs if r["signature"]), None)
    keys = [set(first["feeds"]), set(first["fetches"])] if first else None
    return [dict(first, signature=key) for key, d in sorted(meta.signature_def.items())
            if keys and key not in known and keys == [set(d.inputs), set(d.outputs)]]


def model_cases(models, wanted):
    for path in sorted(models.rglob("case.json")):
        case = json.loads(path.read_text())
        for check in case["checks"]:
            title = f"{case['name']}/{check['id']}"
            if check["kind"] != "saved_model" or not wanted(title):
                continue
            meta = read_meta(path.parent / check["dir"], check["tags"])
            for run in check["runs"] + others(meta, check["runs"]):
                signature = run["signature"] or "serving_default"
                yield {"title": title, "folder": path.parent / check["dir"],
                       "tags": ",".join(check["tags"]), "signature": signature,
                       "tables": bool(check.get("assets")),
                       "restored": check["id"] == "saved_model_table",
                       "stateful": check.get("state_across_runs", False),
                       "meta": meta,
                       "run": named_run(meta, run, signature, path.parent)}


def as_array(value, info):
    dtype = tf.dtypes.as_dtype(info.dtype)
    if dtype == tf.string:
        flat = np.array(value, object)
        return np.array([s.encode() for s in flat.ravel()], object).reshape(flat.shape)
    return np.array(value, dtype.as_numpy_dtype)


def golden_cases(wanted):
    for row in json.loads((GOLDEN / "answers.json").read_text()):
        title = "golden/" + row["model"]
        if row["model"] == "chunked" or not wanted(title):
            continue
        tags = row["tags"].split(",")
        meta = read_meta(GOLDEN / row["model"], tags)
        infos = meta.signature_def[row["signature"]]
        run = {"rtol": 1e-5, "atol": 1e-6,
               "feeds": {k: as_array(v, infos.inputs[k])
                         for k, v in row["feeds"].items()},
               "fetches": {k: as_array(v, infos.outputs[k])
                           for k, v in row["outputs"].items()}}
        yield {"title": title, "folder": GOLDEN / row["model"],
               "tags": row["tags"], "signature": row["signature"], "meta": meta,
               "tables": row["signature"] == "look_up" or row["model"] == "words",
               "restored": False, "stateful": False,
               "run": named_run(meta, run, row["signature"], GOLDEN)}


def init_op(meta, path):
    """What the user of kept tables runs, when the frozen file has it."""
    if "__saved_model_init_op" in meta.signature_def:
        infos = meta.signature_def["__saved_model_init_op"].outputs
        name = infos["__saved_model_init_op"].name
    else:
        for key in ("saved_model_main_op", "legacy_init_op"):
            if key in meta.collection_def:
                name = meta.collection_def[key].node_list.value[0]
    graph_def = tf1.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    return name.split(":")[0] if any(n.name == name.split(":")[0]
                                     for n in graph_def.node) else None


def check(firn, case, functions, tables, here):
    path = here / "frozen.pb"
    path.unlink(missing_ok=True)
    status, text = call([firn, "freeze", case["folder"], "--tags", case["tags"],
                         "--signature", case["signature"],
                         f"--functions={functions}", f"--tables={tables}",
                         "-o", path])
    if case["stateful"]:
        refused = status == 1 and "written to cannot become constants" in text
        return [] if refused else ["not refused: " + text]
    if status:
        return [text]
    init = init_op(case["meta"], path) if tables == "keep" else None
    if tables == "keep" and case["restored"]:
        return []  # a table of the checkpoint has no init op: that it freezes is all
    return check_run(firn, path, case["run"], functions, init, here)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("firn", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    args = parser.parse_args()
    firn = args.firn.resolve()
    passed = failed = 0

    def wanted(title):
        return not args.cases or any(c in title for c in args.cases)

    cases = list(golden_cases(wanted)) + list(model_cases(args.models, wanted))
    with tempfile.TemporaryDirectory() as here:
        for case in cases:
            modes = [(f, "inline") for f in FUNCTIONS]
            modes += [(f, "keep") for f in FUNCTIONS if case["tables"]]
            for functions, tables in modes:
                try:
                    wrong = check(firn, case, functions, tables, pathlib.Path(here))
                except Exception as error:  # whatever TensorFlow throws is a finding
                    wrong = [" | ".join(str(error).splitlines()[:5])]
                passed += not wrong
                failed += bool(wrong)
                for line in wrong:
                    print(f"{case['title']} {case['signature']} functions={functions} "
                          f"tables={tables}: {line}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0 or not passed)


if __name__ == "__main__":
    main()
