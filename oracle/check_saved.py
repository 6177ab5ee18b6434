"""Packs, edits and strips SavedModels with firn; TensorFlow opens what comes out.

    python oracle/check_saved.py FIRN MODELS [ONLY...]

FIRN is the command, MODELS the folder of the oracle's models. Every SavedModel that
firn writes is opened by the loader of TensorFlow 1, by tf.saved_model.load and by
saved_model_cli, its signatures are run in each and in firn, and its fingerprint is
held against TensorFlow's own. Models that are not there are skipped. The last line says
"N passed, N failed, N skipped".
"""
import base64
import contextlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import fingerprint_pb2, saved_model_pb2
from tensorflow.python.saved_model.pywrap_saved_model import fingerprinting
from tensorflow.python.tools import saved_model_cli

tf1 = tf.compat.v1
tf.get_logger().setLevel("ERROR")
TOP = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = TOP / "tests/golden/saved_model"
RTOL, ATOL = 1e-4, 1e-5

FIRN = MODELS = None
passed = failed = skipped = 0


class Missing(Exception):
    """A model of the oracle's that was not made."""


def model_folder(name):
    if not (MODELS / name).is_dir():
        raise Missing(name)
    return MODELS / name


def firn(*words, fails=None):
    """Runs firn; the output, or with `fails` what it complains about."""
    done = subprocess.run([FIRN, *map(str, words)], capture_output=True, text=True)
    if fails is None and done.returncode:
        raise AssertionError(f"firn {' '.join(map(str, words))}: {done.stderr}")
    if fails is not None and (not done.returncode or fails not in done.stderr):
        raise AssertionError(f"firn {' '.join(map(str, words))} should say "
                             f"{fails!r}, says {done.stderr!r}")
    return done.stdout


# ---- Running signatures -----------------------------------------------------------


def run_firn(folder, tags, key, feeds):
    with tempfile.TemporaryDirectory() as here:
        words = ["run", folder, "--tags", ",".join(tags), "--signature", key]
        for name, value in feeds.items():
            value = np.asarray(value)
            path = f"{here}/{name.replace('/', '_')}"
            if value.dtype.kind in "OSU":
                path += ".json"
                as_json = [{"b64": base64.b64encode(v).decode()}
                           for v in value.ravel().tolist()]
                shaped = np.empty(value.shape, object)
                shaped.ravel()[:] = as_json
                pathlib.Path(path).write_text(json.dumps(shaped.tolist()))
            else:
                path += ".npy"
                np.save(path, value)
            words += ["--feed", f"{name}={path}"]
        outputs = signatures_of(folder, tags)[key].outputs
        files = {}
        for i, (name, info) in enumerate(sorted(outputs.items())):
            text = info.dtype == tf.string.as_datatype_enum
            files[name] = f"{here}/out{i}.{'json' if text else 'npy'}"
            words += ["--fetch", f"{name}={files[name]}"]
        firn(*words)
        return {k: np.load(f) if f.endswith("npy")
                else np.asarray(json.load(open(f)), object) for k, f in files.items()}


def message_of(folder):
    from google.protobuf import text_format
    binary = folder / "saved_model.pb"
    if binary.exists():
        return saved_model_pb2.SavedModel.FromString(binary.read_bytes())
    return text_format.Parse((folder / "saved_model.pbtxt").read_text(),
                             saved_model_pb2.SavedModel())


def meta_of(folder, tags):
    for meta in message_of(folder).meta_graphs:
        if set(meta.meta_info_def.tags) == set(tags):
            return meta
    raise AssertionError(f"{folder} has no meta graph {tags}")


def signatures_of(folder, tags):
    return meta_of(folder, tags).signature_def


def feed_names(key, info, feeds):
    """Names of tensors, with sparse ones by their three parts."""
    if info.WhichOneof("encoding") == "coo_sparse":
        parts = info.coo_sparse
        return {parts.indices_tensor_name: feeds[key + "/indices"],
                parts.values_tensor_name: feeds[key + "/values"],
                parts.dense_shape_tensor_name: feeds[key + "/dense_shape"]}
    return {info.name: feeds[key]}


def run_tf1(folder, tags, runs):
    """All runs in one session of the loader of TensorFlow 1."""
    results = []
    with tf1.Graph().as_default(), tf1.Session() as session:
        tf1.saved_model.loader.load(session, list(tags), str(folder))
        for key, feeds in runs:
            signature = signatures_of(folder, tags)[key]
            fed = {}
            for name, info in signature.inputs.items():
                fed.update(feed_names(name, info, feeds))
            results.append(session.run({k: i.name for k, i in
                                        signature.outputs.items()}, fed))
    return results


def run_tf2(folder, tags, runs):
    loaded = tf.saved_model.load(str(folder), tags=list(tags))
    results = []
    for key, feeds in runs:
        function = loaded.signatures[key]
        want = function.structured_input_signature[1]
        fed = {k: tf.constant(v, dtype=want[k].dtype if k in want else None)
               for k, v in feeds.items()}
        results.append({k: v.numpy() for k, v in function(**fed).items()})
    return results


def same(have, want, what):
    assert set(have) == set(want), f"{what}: {sorted(have)}, not {sorted(want)}"
    for key in want:
        a, b = np.asarray(have[key]), np.asarray(want[key])
        if b.dtype.kind in "OSU":
            a = [v.encode() if isinstance(v, str) else v for v in a.ravel().tolist()]
            b = [v.encode() if isinstance(v, str) else v for v in b.ravel().tolist()]
            assert a == b, f"{what}: {key}"
        else:
            np.testing.assert_allclose(a, b, RTOL, ATOL, err_msg=f"{what}: {key}")


# ---- What every SavedModel has to stand --------------------------------------------


def check_fingerprint(folder):
    if not (folder / "saved_model.pb").exists():
        assert not (folder / "fingerprint.pb").exists()
        return
    have = fingerprint_pb2.FingerprintDef.FromString(
        (folder / "fingerprint.pb").read_bytes())
    want = fingerprint_pb2.FingerprintDef.FromString(
        fingerprinting.CreateFingerprintDef(str(folder)))
    assert have.uuid.isdigit()
    have.uuid = want.uuid = ""
    assert have == want, f"fingerprint: {have}, not {want}"


def check_cli(folder, tags):
    """What saved_model_cli shows."""
    for key in signatures_of(folder, tags):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            saved_model_cli._show_inputs_outputs(str(folder), ",".join(tags), key)
        assert "output" in out.getvalue(), out.getvalue()


def check_model(folder, runs, tags=("serve",), want=None, eager=True):
    """`runs`: (signature, feeds); `want`: what each gave before."""
    folder = pathlib.Path(folder)
    assert not list(folder.parent.glob("*.tempstate*")), "a temporary folder is left"
    check_fingerprint(folder)
    check_cli(folder, tags)
    first = run_tf1(folder, tags, runs)
    if want:
        for have, before in zip(first, want):
            same(have, before, "TensorFlow's loader")
    for (key, feeds), result in zip(runs, first):
        same(run_firn(folder, tags, key, feeds), result, "firn")
    if eager:
        for have, result in zip(run_tf2(folder, tags, runs), first):
            same(have, result, "tf.saved_model.load")


# ---- Models ------------------------------------------------------------------------


def case_runs(model, check_id):
    """The runs of one check of case.json with tensor names, and what they give."""
    case = json.load(open(model_folder(model) / "case.json"))
    check = next(c for c in case["checks"] if c["id"] == check_id)

    def load(name):
        path = MODELS / model / name["file"]
        if path.suffix == ".npy":
            return np.load(path)
        told = json.load(open(path))
        texts = np.empty(len(told["base64"]), object)
        texts[:] = [base64.b64decode(t) for t in told["base64"]]
        return texts.reshape(told["shape"])

    return [(r.get("signature"), {k: load(v) for k, v in r["feeds"].items()},
             {k: load(v) for k, v in r["fetches"].items()}) for r in check["runs"]]


def pack_softmax(here):
    out = here / "softmax"
    firn("saved-model", "pack", model_folder("mnist_softmax") / "ckpt/model.ckpt.meta", "-o", out)
    runs = case_runs("mnist_softmax", "checkpoint")
    return out, [("serving_default", {"input": f["input:0"]}) for _, f, _ in runs], \
        [{"output": w["output:0"]} for _, _, w in runs]


def softmax(here):
    check_model(*[(o, r, ("serve",), w) for o, r, w in [pack_softmax(here)]][0])


def softmax_text(here):
    _, runs, want = pack_softmax(here)
    out = here / "text"
    firn("saved-model", "pack", model_folder("mnist_softmax") / "ckpt/model.ckpt", "-o", out,
         "--text", "--tags", "serve,cpu", "--strip-default-attrs", "--clear-devices",
         "--inputs", "images=input:0", "--outputs", "p=output:0")
    runs = [(k, {"images": f["input"]}) for k, f in runs]
    check_model(out, runs, ("serve", "cpu"), [{"p": w["output"]} for w in want])


def softmax_v1(here):
    out = here / "v1"
    firn("saved-model", "pack", next(
        (model_folder("mnist_softmax_v1ckpt") / "ckpt").glob("*.meta")), "-o", out)
    meta = meta_of(out, ["serve"])
    assert meta.saver_def.version == 2, "a saver of V1 checkpoints"
    x = np.linspace(0, 1, 2 * 784, dtype=np.float32).reshape(2, 784)
    key = next(iter(signatures_of(out, ["serve"])["serving_default"].inputs))
    check_model(out, [("serving_default", {key: x})])


def adam(here, *more):
    out = here / "adam"
    firn("saved-model", "pack",
         model_folder("mnist_cnn_train_adam_resource") / "ckpt/model.ckpt-20.meta",
         "-o", out,
         "--inputs", "x:0,keep_prob:0,is_training:0", "--outputs", "prob:0", *more)
    x = np.linspace(0, 1, 3 * 784, dtype=np.float32).reshape(3, 28, 28, 1)
    feeds = {"x": x, "keep_prob": np.float32(1), "is_training": np.bool_(False)}
    check_model(out, [("serving_default", feeds)])
    return out


def adam_stripped(here):
    out = adam(here, "--strip")
    assert not any("Adam" in n.op for n in meta_of(out, ["serve"]).graph_def.node)
    assert not any("Adam" in k for k, _ in tf.train.list_variables(
        str(out / "variables/variables")))


def mobilenet(here):
    out = here / "mobile"
    firn("saved-model", "pack", model_folder("mobilenet_v1") / "frozen.pb", "-o", out,
         "--inputs", "image=x:0", "--outputs", "scores=Identity:0")
    runs = case_runs("mobilenet_v1", "frozen")
    check_model(out, [("serving_default", {"image": f["x:0"]}) for _, f, _ in runs],
                want=[{"scores": w["Identity:0"]} for _, _, w in runs])


def oracle_model(here, model, how, folder, check):
    source, out = model_folder(model) / folder, here / "out"
    if how == "strip":
        firn("saved-model", "strip", source, "-o", out)
        assert not meta_of(out, ["serve"]).HasField("object_graph_def")
    else:
        firn("saved-model", "pack", source, "-o", out)
    runs = case_runs(model, check)
    check_model(out, [(k, f) for k, f, _ in runs], want=[w for _, _, w in runs])


# ---- The small ones of tests/golden --------------------------------------------------


def answers(name):
    """Runs by signature and their results, made by TensorFlow."""
    runs = []
    for key, signature in signatures_of(GOLDEN / name, tags_of(name)).items():
        if key.startswith("__"):
            continue
        feeds = {}
        for k, info in signature.inputs.items():
            feeds.update(sample(k, info))
        runs.append((key, feeds))
    return runs


def sample(key, info):
    dims = [2 if d.size < 0 else d.size for d in info.tensor_shape.dim]
    if info.WhichOneof("encoding") == "coo_sparse":
        return {key + "/indices": np.asarray([[0, 0], [1, 2]], np.int64),
                key + "/values": np.asarray([2, 3], np.float32),
                key + "/dense_shape": np.asarray([2, 3], np.int64)}
    if info.dtype == tf.string.as_datatype_enum:
        return {key: np.asarray([b"green", b"two"], object)[:max(1, int(np.prod(dims)))]}
    dtype = tf.dtypes.as_dtype(info.dtype).as_numpy_dtype
    return {key: (np.arange(np.prod(dims)) + 2).reshape(dims).astype(dtype)}


def tags_of(name):
    return ["train"] if name == "two" else ["serve"]


def golden(here, name, how):
    out = here / "out"
    tags = ["serve"] if name == "two" and how == "strip" else tags_of(name)
    if how == "strip":
        firn("saved-model", "strip", GOLDEN / name, "-o", out)
        assert len(message_of(out).meta_graphs) == 1
    else:
        firn("saved-model", "pack", GOLDEN / name, "--from-tags", ",".join(tags), "-o",
             out)
    # The same model has its saver, and lies in a file that Python reads whole.
    twin = "functions" if name in ("objects", "chunked") else name
    runs = answers(twin)
    before = run_tf1(GOLDEN / twin, tags, runs)
    # TensorFlow 2 cannot call a signature with a sparse input.
    check_model(out, runs, tags, before, eager=name not in ("sparse", "defaults"))


# ---- Signatures in place -------------------------------------------------------------


def edit(here):
    out, runs, want = pack_softmax(here)
    before = (out / "saved_model.pb").read_bytes()
    feeds = runs[0][1]["input"]
    firn("saved-model", "signature", "add", out, "logits", "--inputs", "x=input:0",
         "--outputs", "y=logits:0")
    check_model(out, [("logits", {"x": feeds}), runs[0]])
    firn("saved-model", "signature", "add", out, "logits", "--inputs", "x=input:0",
         "--outputs", "y=logits:0", fails="there is a signature 'logits' already")
    firn("saved-model", "signature", "rename", out, "logits", "raw")
    check_model(out, [("raw", {"x": feeds})])
    firn("saved-model", "signature", "remove", out, "raw")
    check_model(out, runs, want=want)
    assert (out / "saved_model.pb").read_bytes() == before
    firn("saved-model", "signature", "add", out, "c", "--method", "classify", "--inputs",
         "inputs=input:0", "--outputs", "scores=output:0",
         fails="input 'inputs': is float32, the method wants string")


def edit_tf2(here):
    out = here / "functions"
    shutil.copytree(GOLDEN / "functions", out)
    firn("saved-model", "signature", "rename", out, "power", "strength")
    firn("saved-model", "signature", "add", out, "only_sum", "--inputs",
         "x=serving_default_x:0", "--outputs", "s=StatefulPartitionedCall_2:1")
    x = np.asarray([[1, 2]], np.float32)
    check_model(out, [("strength", {"n": np.int32(3)}), ("only_sum", {"x": x}),
                      ("serving_default", {"x": x})], eager=False)
    tf.saved_model.load(str(out))


# ---- Savers and tables of the graph's own ----------------------------------------------


def line(here, *more):
    """Renamed keys, a partitioned variable, one that the saver does not know."""
    train, out = TOP / "tests/golden/train", here / "line"
    firn("saved-model", "pack", train / "line.meta", "--checkpoint", train / "line.ckpt-0",
         "-o", out, "--inputs", "x:0", "--outputs",
         "out:0,first=table/part_0/read:0,second=table/part_1/read:0", *more)
    x = np.load(train / "x.npy")[0]
    check_model(out, [("serving_default", {"x": x})])
    return meta_of(out, ["serve"])


def line_stripped(here):
    meta = line(here, "--strip")
    assert meta.saver_def.restore_op_name == "save/restore_all"
    assert not any("gradients" in n.name for n in meta.graph_def.node)


def partial_saver(here):
    """A saver that knows one of two variables, and a checkpoint with both."""
    with tf1.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        a = tf1.get_variable("a", initializer=[1.0, 2.0], use_resource=True)
        b = tf1.get_variable("b", initializer=[3.0, 4.0], use_resource=False)
        tf.add(x * a, b, name="y")
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(here / "both"), write_meta_graph=False)
        tf1.train.export_meta_graph(str(here / "one.meta"),
                                    saver_def=tf1.train.Saver([a]).as_saver_def())
    firn("saved-model", "pack", here / "one.meta", "--checkpoint", here / "both", "-o",
         here / "out", "--outputs", "y:0")
    check_model(here / "out", [("serving_default", {"x": np.ones([1, 2], np.float32)})],
                want=[{"y": [[4, 6]]}])
    assert meta_of(here / "out", ["serve"]).saver_def.restore_op_name.startswith("save_")


def tables(here):
    """Two tables, filled from a file and from constants, by an op that firn makes."""
    words = here / "words.txt"
    words.write_text("red\ngreen\nblue\n")
    with tf1.Graph().as_default(), tf1.Session() as session:
        word = tf1.placeholder(tf.string, [None], name="word")
        by_file = tf.lookup.StaticVocabularyTable(tf.lookup.TextFileInitializer(
            str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER), 2)
        named = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
            tf.constant([0, 1, 2], tf.int64), tf.constant(["r", "g", "b"])), "?")
        v = tf1.get_variable("v", initializer=tf.constant(7, tf.int64), use_resource=True)
        tf.identity(named.lookup(by_file.lookup(word)), name="letter")
        tf.add(by_file.lookup(word), v, name="number")
        session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
        tf1.train.Saver().save(session, str(here / "m"))
    firn("saved-model", "pack", here / "m.meta", "-o", here / "out", "--outputs",
         "letter:0,number:0")
    words.unlink()
    feeds = {"word": np.asarray([b"blue", b"red"], object)}
    check_model(here / "out", [("serving_default", feeds)],
                want=[{"letter": np.asarray([b"b", b"r"], object), "number": [9, 7]}])
    firn("saved-model", "pack", here / "m.meta", "-o", here / "none", "--outputs",
         "letter:0", fails="is not there: give the file for that tensor")


# ---- Training on ---------------------------------------------------------------------

TRAINED = TOP / "tests/golden/train_saved"


def batches():
    return np.load(TOP / "tests/golden/train/x.npy"), np.load(
        TOP / "tests/golden/train/y.npy")


def firn_steps(here, source, out, first, count, *words):
    """Trains by firn on the batches from `first` on; the losses."""
    x, y = (b[[i % len(b) for i in range(first, first + count)]] for b in batches())
    np.save(here / "x.npy", x)
    np.save(here / "y.npy", y)
    firn("train", source, "--batch", f"x={here}/x.npy", "--batch", f"y={here}/y.npy",
         "--steps", count, "--fetch", f"loss={here}/loss.npy", "--save", out, *words)
    return np.load(here / "loss.npy").tolist()


def check_answers(name, losses, prefix, keys):
    want = json.load(open(TRAINED / "answers.json"))[name]
    np.testing.assert_allclose(losses, want["losses"], 1e-5)
    for key, variable in keys.items():
        np.testing.assert_allclose(tf.train.load_variable(str(prefix), key),
                                   want["after"][variable], 1e-5, 1e-6)


def train_functions(here):
    """firn, TensorFlow, firn: two steps each."""
    x, y = batches()
    losses = firn_steps(here, TRAINED / "functions", here / "a", 0, 2, "--signature",
                        "train")
    check_model(here / "a", [("serving_default", {"x": x[0]})])
    loaded = tf.saved_model.load(str(here / "a"))
    losses += [float(loaded.signatures["train"](x=tf.constant(x[i]), y=tf.constant(y[i]))
                     ["loss"]) for i in (2, 3)]
    tf.saved_model.save(loaded, str(here / "b"), signatures=loaded.signatures)
    losses += firn_steps(here, here / "b", here / "c", 4, 2, "--signature", "train")
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    check_answers("functions", losses, here / "c/variables/variables",
                  {"w" + suffix: "w", "b" + suffix: "b"})


def train_tagged(here):
    x, y = batches()
    losses = firn_steps(here, TRAINED / "tagged", here / "a", 0, 2)
    check_model(here / "a", [("serving_default", {"x": x[0]})])
    with tf1.Graph().as_default(), tf1.Session() as session:
        tf1.saved_model.loader.load(session, ["train"], str(here / "a"))
        op = tf1.get_collection("saved_model_train_op")[0]
        losses += [float(session.run(["loss:0", op], {"x:0": x[i], "y:0": y[i]})[0])
                   for i in (2, 3)]
        builder = tf1.saved_model.Builder(str(here / "b"))
        builder.add_meta_graph_and_variables(session, ["train"])
        builder.save()
    losses += firn_steps(here, here / "b", here / "c", 4, 2, "--target", "train")
    answers = json.load(open(TRAINED / "answers.json"))["tagged"]["after"]
    check_answers("tagged", losses, here / "c/variables/variables",
                  {k: k for k in answers})


# ---- What programs build -------------------------------------------------------------


def example(here):
    out = here / "softmax"
    program = pathlib.Path(FIRN).parent / "examples/export_saved_model"
    subprocess.run([program, out], check=True)
    x = np.random.RandomState(1).rand(5, 784).astype(np.float32)
    check_model(out, [("serving_default", {"images": x})])
    assert sorted(k for k, _ in tf.train.list_variables(
        str(out / "variables/variables"))) == ["biases", "weights"]
    with tf1.Graph().as_default(), tf1.Session() as session:
        tf1.saved_model.loader.load(session, ["serve"], str(out))
        assert [v.name for v in tf1.trainable_variables()] == ["weights:0", "biases:0"]


# ---- All of it ---------------------------------------------------------------------


CASES = {
    "softmax": softmax,
    "softmax_text": softmax_text,
    "softmax_v1": softmax_v1,
    "adam": adam,
    "adam_stripped": adam_stripped,
    "mobilenet": mobilenet,
    "edit": edit,
    "edit_tf2": edit_tf2,
    "example": example,
    "line": line,
    "line_stripped": line_stripped,
    "partial_saver": partial_saver,
    "tables": tables,
    "train_functions": train_functions,
    "train_tagged": train_tagged,
}
for _model, _part, _check in (
        ("mnist_softmax", "saved_model/1", "saved_model"),
        ("lstm_v2", "saved_model/1", "saved_model"),
        ("wide_deep", "saved_model/1", "saved_model_main_op"),
        ("wide_deep", "saved_model/2", "saved_model_legacy_init_op")):
    for _how in ("copy", "strip"):
        CASES[f"{_model}_{_part[-1]}_{_how}"] = (
            lambda here, m=_model, p=_part, c=_check, h=_how:
            oracle_model(here, m, h, p, c))
for _name in ("words", "functions", "restored", "objects", "defaults", "sparse", "two",
              "text", "chunked"):
    for _how in ("copy", "strip"):
        CASES[f"golden_{_name}_{_how}"] = (
            lambda here, n=_name, h=_how: golden(here, n, h))


def main():
    global FIRN, MODELS, passed, failed, skipped
    FIRN = str(pathlib.Path(sys.argv[1]).resolve())
    MODELS = pathlib.Path(sys.argv[2]).resolve()
    for name, case in CASES.items():
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        with tempfile.TemporaryDirectory(prefix="firn-saved-") as here:
            try:
                case(pathlib.Path(here))
                passed += 1
                print("ok", name, flush=True)
            except Missing as missing:
                skipped += 1
                print("skipped", name, "for want of", missing, flush=True)
            except Exception:  # every case is to be judged
                failed += 1
                print("FAILED", name, flush=True)
                print("\n".join("  " + l for l in
                                traceback.format_exc().splitlines()[-5:]))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
