#!/usr/bin/env python3
"""Has firn operate on checkpoints; TensorFlow reads what comes out.

    python oracle/check_surgery.py FIRN MODELS [ONLY...]

FIRN is the command, MODELS the folder of the oracle's models, of which ckpt_zoo and
mnist_cnn_train_adam are used. Every result is read by tf.train.load_checkpoint and
compared value by value; objects are restored by tf.train.Checkpoint, and nothing of
the checkpoint may be left over. The last line says "N passed, N failed".
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf.get_logger().setLevel("ERROR")
TOP = pathlib.Path(__file__).resolve().parent.parent
GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"

FIRN = MODELS = None
passed = failed = 0


def firn(*words, status=0):
    done = subprocess.run([FIRN, "checkpoint", *map(str, words)], capture_output=True, text=True)
    if done.returncode != status:
        raise AssertionError(f"firn checkpoint {' '.join(map(str, words))}: {done.returncode}, "
                             f"{done.stderr or done.stdout}")
    return done.stdout + done.stderr


def as_named(prefix):
    """The prefix as TensorFlow wants it: shards of version 1 are a pattern."""
    shards = sorted(glob.glob(f"{prefix}-00000-of-*"))
    if shards and not os.path.exists(f"{prefix}.index"):
        return shards[0].replace("-00000-of-", "-?????-of-")
    return str(prefix)


def values(prefix):
    """What TensorFlow reads, but for the object graph: all keys, and of very many a sample of values."""
    prefix = as_named(prefix)
    reader = tf.train.load_checkpoint(prefix)
    types = reader.get_variable_to_dtype_map()
    keys = sorted(key for key in types if key != GRAPH)
    some = set(keys[::1 + len(keys) // 500])  # reading thousands one by one takes minutes
    return {key: value(reader, prefix, key, types[key]) if key in some else None for key in keys}


def value(reader, prefix, key, dtype):
    try:
        return reader.get_tensor(key)
    except (NotImplementedError, tf.errors.UnimplementedError):  # of some types in version 1, though the op reads them
        return tf.raw_ops.RestoreV2(prefix=prefix, tensor_names=[key], shape_and_slices=[""],
                                    dtypes=[dtype])[0].numpy()


def same(have, want):
    """Both are {key: value}; of numbers every bit counts."""
    assert set(have) == set(want), f"keys differ: {sorted(set(have) ^ set(want))[:6]}"
    for key in want:
        if have[key] is None or want[key] is None:
            continue
        a, b = np.asarray(have[key]), np.asarray(want[key])
        assert a.dtype == b.dtype and a.shape == b.shape, f"{key}: {a.dtype}{a.shape}, not {b.dtype}{b.shape}"
        equal = (a == b).all() if a.dtype == object else a.tobytes() == b.tobytes()
        assert equal, f"{key}: other values"


# ---- Checkpoints as they come -------------------------------------------------------


def all_checkpoints():
    """Name and prefix of each checkpoint of the zoo and of the golden files."""
    zoo = sorted((MODELS / "ckpt_zoo").glob("*/*"))
    golden = sorted((TOP / "tests/golden/checkpoint_write").glob("v*")) + \
        sorted((TOP / "tests/golden/surgery").glob("*"))
    found = {}
    for path in zoo + golden:
        if path.suffix == ".index":
            found.setdefault(str(path)[:-6])
        elif re.fullmatch(r"(model\.ckpt|v1_\w+)", path.name) and path.is_file():
            found.setdefault(str(path))
        elif path.name.startswith("model.ckpt-00000-of-"):
            found.setdefault(str(path)[:-len("-00000-of-00000")])
    return list(found)


def readable(prefix):
    """Its values; None when TensorFlow itself cannot read all of it (where slices are
    missing, it says so of version 2 only)."""
    if prefix.endswith("v1_slices"):
        return None
    try:
        return values(prefix)
    except Exception:  # whatever TensorFlow raises for it
        return None


def copies(prefix, want, here):
    """The checkpoint in other shapes: V1, V2 in shards, slices merged."""
    for n, words in enumerate((["--to", "v2"], ["--to", "v2", "--shards", "3"],
                               ["--to", "v2", "--merge-slices"])):
        firn("convert", prefix, *words, "-o", here / f"copy{n}")
        same(values(here / f"copy{n}"), want)
        firn("diff", prefix, here / f"copy{n}")
    done = subprocess.run([FIRN, "checkpoint", "convert", prefix, "--to", "v1", "-o", here / "old"],
                          capture_output=True, text=True)
    if done.returncode:
        assert "version 1 have no values of type" in done.stderr, done.stderr
        return
    same(values(here / "old"), want)
    firn("convert", here / "old", "--to", "v2", "-o", here / "back")
    same(values(here / "back"), want)


def renamed(prefix, want, here):
    firn("rename", prefix, "--rename", r"^(.)=new/\1\1", "-o", here / "renamed")
    same(values(here / "renamed"), {"new/" + k[0] + k: v for k, v in want.items()})


def dropped(prefix, want, here):
    keys = sorted(want)
    if not 1 < len(keys) < 1000:
        return
    last = re.escape(keys[-1])
    firn("drop", prefix, "--match", f"^{last}$", "-o", here / "dropped")
    same(values(here / "dropped"), {k: want[k] for k in keys[:-1]})
    firn("drop", prefix, "--match", "^(" + "|".join(map(re.escape, keys[:-1])) + ")$", "-o", here / "rest")
    if GRAPH not in dict(tf.train.list_variables(as_named(prefix))):
        firn("merge", here / "dropped", here / "rest", "-o", here / "merged")
        same(values(here / "merged"), want)


# ---- TensorFlow 1 -------------------------------------------------------------------


def lean(here):
    """Without slots, a graph without an optimiser restores it."""
    model = MODELS / "mnist_cnn_train_adam"
    prefix = str(model / "ckpt/model.ckpt-20")
    firn("drop", prefix, "--optimizer-slots", "-o", here / "lean")
    want = {k: v for k, v in values(prefix).items() if not re.search(r"Adam(_1)?$|beta._power$", k)}
    same(values(here / "lean"), want)
    with tf.Graph().as_default(), tf1.Session() as session:
        variables = {k: tf1.get_variable(k, initializer=np.zeros_like(v)) for k, v in want.items()}
        tf1.train.Saver(variables).restore(session, str(here / "lean"))
        same(session.run(variables), want)


def averages(here):
    """What ExponentialMovingAverage.variables_to_restore would load."""
    prefix = str(TOP / "tests/golden/surgery/averages")
    firn("rename", prefix, "--swap-averages", "-o", here / "swapped")
    with tf.Graph().as_default(), tf1.Session() as session:
        shapes = {k: v for k, v in values(prefix).items() if re.fullmatch(r"(one|two)/.", k)}
        variables = {k: tf1.get_variable(k, initializer=np.zeros_like(v)) for k, v in shapes.items()}
        shadows = tf.train.ExponentialMovingAverage(0.5).variables_to_restore(list(variables.values()))
        tf1.train.Saver(shadows).restore(session, prefix)
        want = session.run(variables)
        tf1.train.Saver(variables).restore(session, str(here / "swapped"))
        same(session.run(variables), want)


def moved(here):
    """TensorFlow finds the newest checkpoint in a folder that was moved."""
    (here / "old").mkdir()
    v = tf.Variable(1.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), str(here / "old"), 3)
    for _ in range(2):
        manager.save()
    tf1.train.update_checkpoint_state(str(here / "old"), str(here / "old/ckpt-2"),
                                      [str(here / "old/ckpt-1"), str(here / "old/ckpt-2")],
                                      all_model_checkpoint_timestamps=[1.0, 2.0])
    shutil.move(here / "old", here / "new")
    assert tf.train.latest_checkpoint(str(here / "new")) is None
    for words in ([], ["--relative"], []):
        firn("relocate", here / "new", *words)
        assert tf.train.latest_checkpoint(str(here / "new")) == str(here / "new/ckpt-2")
        state = tf.train.get_checkpoint_state(str(here / "new"))
        assert list(state.all_model_checkpoint_timestamps) == [1, 2]
        assert state.all_model_checkpoint_paths[0] == str(here / "new/ckpt-1")
    firn("relocate", here / "new", "--relative")
    shutil.move(here / "new", here / "newer")
    assert tf.train.latest_checkpoint(str(here / "newer")) == str(here / "newer/ckpt-2")


# ---- Objects ------------------------------------------------------------------------


def keras_of(kind):
    if kind == "keras3":
        return tf.keras, tf.keras.optimizers.Adam
    import tf_keras
    return tf_keras, tf_keras.optimizers.legacy.Adam if kind == "slots" else tf_keras.optimizers.Adam


def make(kind, seed, train=True):
    """A net, with an optimiser that has been used (or only has its variables)."""
    keras, adam = keras_of(kind)
    keras.utils.set_random_seed(seed)
    net = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization(),
                            keras.layers.Dense(2)])
    optimizer = adam(0.01 * seed)
    for _ in range(2 if train else 0):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((net(tf.ones([5, 3]) * seed, training=True) - 1) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    return net, optimizer


def numbers(*things):
    out = []
    for thing in things:
        weights = thing.variables() if callable(thing.variables) else thing.variables
        out += [np.asarray(v) for v in weights]
    return out


def equal(have, want):
    assert len(have) == len(want), f"{len(have)} values, not {len(want)}"
    for a, b in zip(have, want):
        assert a.tobytes() == b.tobytes(), "other values"


def objects_lean(kind, here):
    net, optimizer = make(kind, 1)
    path = tf.train.Checkpoint(net=net, optimizer=optimizer).save(str(here / "c"))
    firn("drop", path, "--optimizer-slots", "-o", here / "lean")
    # A legacy optimiser that has slots already would miss them.
    other, fresh = make(kind, 2, train=kind != "slots")
    before = numbers(fresh)
    status = tf.train.Checkpoint(net=other, optimizer=fresh).restore(str(here / "lean"))
    if kind == "slots":
        fresh._create_hypers()
    assert fresh.iterations == 2
    status.assert_consumed()
    equal(numbers(other), numbers(net))
    came = sum(not np.array_equal(a, b) for a, b in zip(numbers(fresh), before))
    assert came <= 2, f"{came} of the optimiser's values came along"
    alone, _ = make(kind, 3, train=False)
    tf.train.Checkpoint(net=alone).restore(str(here / "lean")).expect_partial().assert_existing_objects_matched()
    equal(numbers(alone), numbers(net))


def objects_renamed(kind, here):
    net, optimizer = make(kind, 1)
    path = tf.train.Checkpoint(net=net, optimizer=optimizer).save(str(here / "c"))
    firn("rename", path, "--rename", "^net/=model/inner/", "--rename", "^optimizer/=opt/", "-o", here / "renamed")
    same(values(here / "renamed"), {re.sub("^optimizer/", "opt/", re.sub("^net/", "model/inner/", k)): v
                                    for k, v in values(path).items()})
    other, fresh = make(kind, 2)
    tf.train.Checkpoint(net=other, optimizer=fresh).restore(str(here / "renamed")).assert_consumed()
    equal(numbers(other, fresh), numbers(net, optimizer))


def modules_renamed(here):
    """Attributes of modules that got other names, and two that changed places."""
    def module(**variables):
        m = tf.Module()
        for name, value in variables.items():
            setattr(m, name, tf.Variable(value))
        return m
    path = tf.train.Checkpoint(a=module(w=[1.0, 2.0], b=3.0), c=module(w=[4.0], b=5.0)).save(str(here / "c"))
    firn("rename", path, "--rename", "^a/w/=deep/er/kernel/", "-o", here / "deeper")
    deep = tf.Module()
    deep.er = module(kernel=[0.0, 0.0])
    c = module(w=[0.0], b=0.0)
    tf.train.Checkpoint(deep=deep, a=module(b=0.0), c=c).restore(str(here / "deeper")).assert_consumed()
    equal([deep.er.kernel.numpy(), c.w.numpy()], [np.float32([1, 2]), np.float32([4])])
    firn("rename", path, "--rename", "^a/b/=x/", "--rename", "^c/b/=a/b/", "--rename", "^x/=c/b/", "-o", here / "swapped")
    a, c = module(w=[0.0, 0.0], b=0.0), module(w=[0.0], b=0.0)
    tf.train.Checkpoint(a=a, c=c).restore(str(here / "swapped")).assert_consumed()
    equal([a.b.numpy(), c.b.numpy(), a.w.numpy()], [np.float32(5), np.float32(3), np.float32([1, 2])])


def objects_merged(kind, here):
    net, _ = make(kind, 1)
    second, optimizer = make(kind, 2)
    one = tf.train.Checkpoint(first=net).save(str(here / "one"))
    two = tf.train.Checkpoint(second=second, optimizer=optimizer).save(str(here / "two"))
    firn("merge", one, two, "-o", here / "x", status=1)
    for flag in ("--prefer-first", "--prefer-last"):
        firn("merge", one, two, flag, "-o", here / "both")
        a, _ = make(kind, 3, train=False)
        b, fresh = make(kind, 4)
        tf.train.Checkpoint(first=a, second=b, optimizer=fresh).restore(str(here / "both")).assert_consumed()
        equal(numbers(a, b, fresh), numbers(net, second, optimizer))


def objects_named(kind, here):
    """To names and back, into a template with other values."""
    net, optimizer = make(kind, 1)
    path = tf.train.Checkpoint(net=net, optimizer=optimizer).save(str(here / "c"))
    firn("convert", path, "--to", "names", "--paths", "-o", here / "names")
    named = values(here / "names")
    assert GRAPH not in named and len(named) == len(values(path))
    other, fresh = make(kind, 2)
    template = tf.train.Checkpoint(net=other, optimizer=fresh).save(str(here / "like"))
    # Names are counted on: those of the second net are not those of the first.
    firn("convert", path, "--to", "object", "--like", template, "-o", here / "back")
    same(values(here / "back"), values(path))
    firn("convert", here / "names", "--to", "object", "--like", path, "-o", here / "back")
    same(values(here / "back"), values(path))
    tf.train.Checkpoint(net=other, optimizer=fresh).restore(str(here / "back")).assert_consumed()
    equal(numbers(other, fresh), numbers(net, optimizer))


def saved_model(here):
    """Names become the variables of a SavedModel."""
    source = TOP / "tests/golden/saved_model/objects"
    shutil.copytree(source, here / "model")
    variables = str(source / "variables/variables")
    firn("convert", variables, "--to", "names", "--paths", "-o", here / "names")
    firn("convert", here / "names", "--to", "object", "--like", source, "-o", here / "made")
    same(values(here / "made"), values(variables))
    shutil.rmtree(here / "model/variables")
    (here / "model/variables").mkdir()
    for suffix in (".index", ".data-00000-of-00001"):
        shutil.copy(str(here / "made") + suffix, str(here / "model/variables/variables") + suffix)

    def variables_of(path):
        model = tf.saved_model.load(str(path))
        return [v.numpy() for f in model.signatures.values() for v in f.variables]

    want = variables_of(source)
    assert want
    equal(variables_of(here / "model"), want)


def tables(here):
    def objects():
        return tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    path = str(TOP / "tests/golden/surgery/table-1")
    firn("rename", path, "--rename", "^table/=words/", "-o", here / "renamed")
    table = objects()
    tf.train.Checkpoint(words=table).restore(str(here / "renamed")).expect_partial()
    assert table.lookup(tf.constant(["b"])).numpy() == [2]
    firn("drop", path, "--match", "^net/", "-o", here / "alone")
    table = objects()
    tf.train.Checkpoint(table=table).restore(str(here / "alone")).assert_consumed()
    assert table.lookup(tf.constant(["a"])).numpy() == [1]


def refused(here):
    """Two that differ, and what exit statuses say of it."""
    v = tf.Variable([1.0, np.nan])
    one = tf.train.Checkpoint(v=v).save(str(here / "one"))
    two = tf.train.Checkpoint(v=v).save(str(here / "two"))
    firn("diff", one, two)
    v.assign([1.0 + 1e-6, np.nan])
    three = tf.train.Checkpoint(v=v).save(str(here / "three"))
    assert "value\tv" + VALUE in firn("diff", one, three, status=1)
    firn("diff", one, three, "--rtol", "1e-5")
    firn("diff", one, status=2)


# ---- All of it ----------------------------------------------------------------------


def cases():
    for prefix in all_checkpoints():
        want = readable(prefix)
        name = "/".join(pathlib.Path(prefix).parts[-2:])
        if want is None:
            print(f"skip   {name}: TensorFlow cannot read all of it")
            continue
        for check in (copies, renamed, dropped):
            yield f"{check.__name__} {name}", lambda here, c=check, p=prefix, w=want: c(p, w, here)
    for check in (lean, averages, moved, modules_renamed, saved_model, tables, refused):
        yield check.__name__, check
    for check in (objects_lean, objects_renamed, objects_merged, objects_named):
        for kind in ("slots", "keras2", "keras3"):
            yield f"{check.__name__} {kind}", lambda here, c=check, k=kind: c(k, here)


def main():
    global FIRN, MODELS, passed, failed
    FIRN, MODELS = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    only = sys.argv[3:]
    for name, check in cases():
        if only and not any(word in name for word in only):
            continue
        with tempfile.TemporaryDirectory() as here:
            try:
                check(pathlib.Path(here))
                passed += 1
                print(f"ok     {name}")
            except Exception:  # a case that fails must not end the others
                failed += 1
                print(f"not ok {name}")
                traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
