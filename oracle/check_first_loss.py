"""Asks TensorFlow for the loss of the first training step of a big net, and firn too.

    check_first_loss.py FIRN MODEL     MODEL: the oracle's folder inception_v3_train

Later steps are chaotic in TensorFlow itself; of firn's second one only a finite
number is asked. The last line is 'N passed, N failed'.
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tensorflow_2

tf = tensorflow_2.compat.v1
TOLERANCE = 1e-3


def ask_tensorflow(prefix, fetches, feeds):
    with tf.Graph().as_default():
        saver = tf.train.import_meta_graph(prefix + ".meta")
        with tf.Session() as session:
            saver.restore(session, prefix)
            return session.run(fetches, feeds)[0]


def ask_firn(firn, prefix, loss, train_op, feeds, here):
    command = [firn, "train", prefix, "--steps", "2", "--target", train_op,
               "--fetch", f"{loss}={here}/losses.npy", "--save", f"{here}/after"]
    for i, (name, value) in enumerate(feeds.items()):
        np.save(f"{here}/{i}.npy", value)
        command += ["--feed", f"{name}={here}/{i}.npy"]
    subprocess.run(command, check=True, capture_output=True)
    return np.load(f"{here}/losses.npy")


def main():
    firn, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    check = next(c for c in json.loads((folder / "case.json").read_text())["checks"]
                 if c["kind"] == "checkpoint")
    prefix = str(folder / check["checkpoint"])
    (name, spec), = check["runs"][0]["feeds"].items()
    image = np.load(folder / spec["file"])
    feeds = {name: image, "labels:0": np.arange(len(image), dtype=np.int64)}
    want = ask_tensorflow(prefix, [check["loss"], check["train_op"]], feeds)
    with tempfile.TemporaryDirectory() as here:
        have = ask_firn(firn, prefix, check["loss"], check["train_op"], feeds, here)
    results = {f"first loss {have[0]:.6f}, TensorFlow {want:.6f}":
               math.isclose(have[0], want, rel_tol=TOLERANCE),
               f"second loss {have[1]:.6f}": bool(np.isfinite(have[1]))}
    for text, good in results.items():
        print("ok  " if good else "FAIL", text)
    failed = sum(not good for good in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
