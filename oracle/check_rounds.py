#!/usr/bin/env python3
"""TensorFlow and firn take turns: train, save, and let the other one go on.

    python oracle/check_rounds.py FIRN MODEL     MODEL: mnist_cnn_train_adam of the oracle's

In each of three rounds TensorFlow restores the checkpoint, trains two steps and saves;
then firn does. TensorFlow alone takes the same steps in one session. Losses of every
step, and in the end all variables, must be alike within the case's tolerance. The last
line says "N passed, N failed".
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow.compat.v1 as tf

tf.get_logger().setLevel("ERROR")
ROUNDS, STEPS = 3, 2


class Case:
    def __init__(self, folder):
        checks = json.loads((folder / "case.json").read_text())["checks"]
        self.check = check = next(c for c in checks if c["kind"] == "train")
        self.meta, self.start = str(folder / check["meta"]), str(folder / check["checkpoint"])
        self.batches = {name: np.load(folder / b["file"]) for name, b in check["batches"].items()}
        self.constants = {name: np.load(folder / b["file"])
                          for name, b in check.get("constant_feeds", {}).items()}
        self.tolerance = {k: check.get(k, d) for k, d in (("rtol", 1e-3), ("atol", 1e-5))}

    def rows(self, first, count):
        """Batches of steps [first, first + count); they begin again when they end."""
        return {name: np.stack([b[i % len(b)] for i in range(first, first + count)])
                for name, b in self.batches.items()}


def by_tensorflow(case, start, first, count, save):
    """Losses of so many steps from a checkpoint; saves to `save`."""
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(case.meta)
        saver.restore(session, start)
        rows, losses = case.rows(first, count), []
        for i in range(count):
            feeds = {name: b[i] for name, b in rows.items()}
            loss, _ = session.run([case.check["loss"], case.check["train_op"]],
                                  {**feeds, **case.constants})
            losses.append(float(loss))
        saver.save(session, save, write_state=False)
    return losses


def by_firn(firn, case, start, first, count, save):
    here = pathlib.Path(save).parent
    command = [firn, "train", case.meta, "--checkpoint", start, "--steps", str(count), "--target",
               case.check["train_op"], "--fetch", f"{case.check['loss']}={here}/losses.npy", "--save", save]
    feeds = [("--batch", case.rows(first, count)), ("--feed", case.constants)]
    for flag, tensors in feeds:
        for name, value in tensors.items():
            path = here / f"{flag[2:]}_{name.replace('/', '_').replace(':', '_')}.npy"
            np.save(path, value)
            command += [flag, f"{name}={path}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [float(x) for x in np.load(here / "losses.npy")]


def take_turns(firn, case, here):
    losses, at, start = [], 0, case.start
    for turn in range(2 * ROUNDS):
        save = f"{here}/turn-{turn}"
        args = (case, start, at, STEPS, save)
        losses += by_firn(firn, *args) if turn % 2 else by_tensorflow(*args)
        at, start = at + STEPS, save
    return losses, start


def alike(have, want, case):
    return np.allclose(np.asarray(have, "float64"), np.asarray(want, "float64"), **case.tolerance)


def main():
    firn, case = str(pathlib.Path(sys.argv[1]).resolve()), Case(pathlib.Path(sys.argv[2]))
    results = {}
    with tempfile.TemporaryDirectory() as here:
        have, last = take_turns(firn, case, here)
        want = by_tensorflow(case, case.start, 0, len(have), f"{here}/alone")
        for i, (a, b) in enumerate(zip(have, want)):
            who = "firn" if i // STEPS % 2 else "TensorFlow"
            results[f"step {i + 1}, by {who}: loss {a:.7f}, TensorFlow alone {b:.7f}"] = alike(a, b, case)
        ours, theirs = tf.train.load_checkpoint(last), tf.train.load_checkpoint(f"{here}/alone")
        keys = ours.get_variable_to_shape_map()
        results["the same variables are saved"] = keys == theirs.get_variable_to_shape_map()
        for key in sorted(keys):
            results[f"variable {key}"] = alike(ours.get_tensor(key), theirs.get_tensor(key), case)
    for text, good in results.items():
        print("ok  " if good else "FAIL", text)
    failed = sum(not good for good in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
