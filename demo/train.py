"""Trains the demo's model with TensorFlow's TF1 API and writes what `make demo`
uses: the checkpoint in model/, a dozen test images in images/, and the whole set,
which examples/train_digits.c learns from, in digits/.

Needs TensorFlow 2 with tf_keras, and scikit-learn for the images. The result is
committed, so neither is needed to run the demo.

    TF_USE_LEGACY_KERAS=1 python demo/train.py
"""
import os
import pathlib
import shutil
import struct
import zlib

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tensorflow_2
from sklearn.datasets import load_digits

tf = tensorflow_2.compat.v1
HERE = pathlib.Path(__file__).resolve().parent
TEST = 360  # the last images of the set
STEPS, BATCH = 1500, 64
SEED = 20


def digits():
    """8x8 images as grey bytes [N,8,8,1] (the set has 0 to 16), and labels."""
    data = load_digits()
    images = np.rint(data.images * (255 / 16)).astype(np.uint8)
    return images[..., None], data.target.astype(np.int64)


def build():
    """The graph as people wrote it in 2017: layers, a `training` switch, Adam,
    summaries, all in the default graph."""
    image = tf.placeholder(tf.uint8, [None, 8, 8, 1], name="image")
    label = tf.placeholder(tf.int64, [None], name="label")
    training = tf.placeholder_with_default(False, [], name="training")

    x = tf.cast(image, tf.float32) * (1 / 255)
    for i, width in enumerate((16, 32), 1):
        with tf.variable_scope(f"conv{i}"):
            x = tf.layers.conv2d(x, width, 3, padding="same", use_bias=False)
            x = tf.layers.batch_normalization(x, training=training,
                                              momentum=0.95)
            x = tf.nn.relu(x)
    x = tf.layers.max_pooling2d(x, 2, 2, name="pool")
    x = tf.layers.flatten(x, name="flat")
    x = tf.layers.dense(x, 32, activation=tf.nn.relu, name="hidden")
    x = tf.layers.dropout(x, 0.4, training=training, name="dropout")
    logits = tf.layers.dense(x, 10, name="logits")
    tf.nn.softmax(logits, name="probability")

    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=label, logits=logits), name="loss")
    right = tf.equal(tf.argmax(logits, 1), label)
    accuracy = tf.reduce_mean(tf.cast(right, tf.float32), name="accuracy")
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.003, step, 300, 0.6)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.AdamOptimizer(rate).minimize(loss, step, name="train")
    tf.summary.scalar("loss", loss)
    tf.summary.scalar("accuracy", accuracy)
    tf.summary.merge_all(name="summary")
    return train


def fit(session, train, images, labels):
    rng = np.random.default_rng(SEED)
    for _ in range(STEPS):
        rows = rng.integers(0, len(images), BATCH)
        session.run(train, {"image:0": images[rows], "label:0": labels[rows],
                            "training:0": True})


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(
        ">I", zlib.crc32(body))


def write_png(path, image):
    """Grey, 8 bits, every row unfiltered: the bytes are the pixels."""
    height, width = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                     chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def write_images(images, labels):
    """The first twelve test images that show all ten digits."""
    folder = HERE / "images"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rows = [int(np.flatnonzero(labels == d)[0]) for d in range(10)]
    rows += [i for i in range(len(labels)) if i not in rows][:2]
    lines = []
    for n, i in enumerate(rows):
        write_png(folder / f"{n:02}.png", images[i, :, :, 0])
        lines.append(f"{n:02}.png\t{labels[i]}\n")
    (folder / "labels.tsv").write_text("".join(lines))
    np.save(folder / "all.npy", images[rows])


def main():
    images, labels = digits()
    tf.disable_v2_behavior()
    tf.disable_control_flow_v2()
    tf.set_random_seed(SEED)
    train = build()
    saver = tf.train.Saver(save_relative_paths=True, max_to_keep=1)
    folder = HERE / "model"
    shutil.rmtree(folder, ignore_errors=True)
    with tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1,
                                          inter_op_parallelism_threads=1)) as s:
        s.run(tf.global_variables_initializer())
        fit(s, train, images[:-TEST], labels[:-TEST])
        test = {"image:0": images[-TEST:], "label:0": labels[-TEST:]}
        print(f"test accuracy {s.run('accuracy:0', test):.4f} of {TEST} images")
        saver.save(s, str(folder / "digits"), "global_step:0")
    write_images(images[-TEST:], labels[-TEST:])
    (HERE / "digits").mkdir(exist_ok=True)
    np.save(HERE / "digits/images.npy", images)
    np.save(HERE / "digits/labels.npy", labels)


if __name__ == "__main__":
    main()
