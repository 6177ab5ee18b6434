"""Small graphs whose freezing is full of traps, for goldens and for checks.

Each model is a function that builds a graph with V1 control flow and returns its
outputs and the feeds of some runs. All numbers are small and whole, so that every
value is exact. Used by make_freeze_golden.py and check_frozen.py.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tensorflow_2

tf = tensorflow_2.compat.v1


def variable(name, value, resource, **more):
    return tf.get_variable(name, initializer=np.array(value, "float32"),
                           use_resource=resource, **more)


def floats(*values):
    return np.array(values, "float32")


def norm_under_cond():
    """Batch norm in training form: the moving average of a reference variable is
    updated in one branch of a cond and read in the other."""
    x = tf.placeholder(tf.float32, [None, 2], "x")
    training = tf.placeholder(tf.bool, [], "training")
    mean = variable("mean", [1, 2], False, trainable=False)
    scale = variable("scale", [2, -1], False)

    def update():
        batch = tf.reduce_mean(x, 0)
        return tf.assign_sub(mean, (mean - batch) * 0.5), batch

    def keep():
        return tf.identity(mean), tf.identity(mean)

    moving, used = tf.cond(training, update, keep)
    y = tf.multiply(x - used, scale, name="y")
    return [y, tf.identity(moving, "moving")], [
        {"x": floats([3, 4], [5, 8]), "training": np.array(False)},
        {"x": floats([3, 4], [5, 8]), "training": np.array(True)}]


def assignments():
    """What is assigned to reference variables is used as a value."""
    x = tf.placeholder(tf.float32, [2], "x")
    v = variable("v", [1, 2], False)
    w = variable("w", [5, 6], False)
    u = variable("u", [0, 0], False)
    added = tf.assign_add(v, x)
    less = tf.assign_sub(w, x * 2.0)
    return [tf.add(added, 1.0, "added"), tf.identity(less, "less"),
            tf.multiply(tf.assign(u, x), 3.0, name="assigned")], [{"x": floats(3, 4)}]


def gathers():
    """Rows of resource variables, picked without reading the whole of them."""
    ids = tf.placeholder(tf.int32, [None], "ids")
    places = tf.placeholder(tf.int64, [None, 2], "places")
    table = variable("table", np.arange(12).reshape(4, 3), True)
    rows = tf.gather(table, ids, name="rows")
    return [rows, tf.gather_nd(table, places, name="cells"),
            tf.add(tf.gather(table, ids), 0.5, name="again")], [
        {"ids": np.array([3, 0, 3], "int32"),
         "places": np.array([[0, 2], [3, 1]], "int64")}]


def counted(shape, dtype, partition_info):
    first = partition_info.var_offset[0] * 2
    return tf.cast(tf.reshape(tf.range(first, first + shape[0] * 2), shape), dtype)


def partitions(resource):
    """A variable in three slices, which the checkpoint holds as one."""
    x = tf.placeholder(tf.float32, [None, 4], "x")
    w = tf.get_variable(
        "w", [4, 2], tf.float32, use_resource=resource,
        initializer=counted,
        partitioner=tf.fixed_size_partitioner(3))
    return [tf.matmul(x, w, name="y")], [{"x": floats([1, 2, 3, 4], [0, 0, 0, 1])}]


def loop(resource):
    """A variable that the body of a loop reads."""
    n = tf.placeholder(tf.int32, [], "n")
    v = variable("v", [1, 3], resource)
    _, total = tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + v),
                             [0, tf.zeros([2])])
    return [tf.identity(total, "y")], [{"n": np.array(3, "int32")},
                                       {"n": np.array(0, "int32")}]


def asks():
    """Whether they have a value, and of what shape it is."""
    v = variable("v", [1, 2, 3], True)
    w = variable("w", [4, 5], False)
    known = tf.logical_and(tf.raw_ops.VarIsInitializedOp(resource=v.handle),
                           tf.is_variable_initialized(w), name="known")
    shape = tf.raw_ops.VariableShape(input=v.handle, name="shape")
    y = tf.cond(tf.is_variable_initialized(w), lambda: w * 2.0, lambda: -w)
    return [known, shape, tf.identity(y, "y"), tf.identity(v, "v_value")], [{}]


def devices():
    """Placed by hand, beside what is placed by itself."""
    x = tf.placeholder(tf.float32, [2], "x")
    with tf.device("/device:CPU:0"):
        v = variable("v", [1, 2], False)
        y = tf.add(x, v, name="y")
    return [tf.negative(y, "z")], [{"x": floats(1, 1)}]


def pair():
    """Two variables, one of which may be left alone; and one under a shared name
    that is not its node's."""
    x = tf.placeholder(tf.float32, [2], "x")
    a = variable("a", [1, 2], True)
    b = variable("b", [10, 20], False)
    with tf.name_scope("inner"):
        c = tf.Variable(floats(100, 200), use_resource=True, name="c")
    return [tf.add_n([x, a, b, c], "y")], [{"x": floats(0, 1)}]


MODELS = {
    "norm_under_cond": norm_under_cond,
    "assignments": assignments,
    "gathers": gathers,
    "partitions_ref": lambda: partitions(False),
    "partitions": lambda: partitions(True),
    "loop_ref": lambda: loop(False),
    "loop": lambda: loop(True),
    "asks": asks,
    "devices": devices,
    "pair": pair,
}

# Those that TensorFlow's own tool freezes into a graph that TensorFlow refuses.
BEYOND = {"norm_under_cond", "assignments", "asks"}


class Model:
    """One of MODELS, built and saved to FOLDER/NAME.meta and beside."""

    def __init__(self, name, folder):
        self.name = name
        self.prefix = os.path.join(folder, name)
        self.outputs, self.runs, self.answers, self.frozen = [], [], [], None
        tf.disable_control_flow_v2()
        with tf.Graph().as_default(), tf.Session() as session:
            outputs, self.runs = MODELS[name]()
            self.outputs = [t.name for t in outputs]
            saver = tf.train.Saver(save_relative_paths=True)
            session.run(tf.global_variables_initializer())
            saver.save(session, self.prefix, write_state=False)
            for feeds in self.runs:
                saver.restore(session, self.prefix)
                self.answers.append(session.run(
                    self.outputs, {k + ":0": v for k, v in feeds.items()}))
        if name not in BEYOND:
            self.frozen = self.freeze()

    def freeze(self):
        """What freeze_graph does with a .meta."""
        with tf.Graph().as_default() as graph, tf.Session() as session:
            saver = tf.train.import_meta_graph(self.prefix + ".meta", clear_devices=True)
            saver.restore(session, self.prefix)
            return tf.graph_util.convert_variables_to_constants(
                session, graph.as_graph_def(), [t.split(":")[0] for t in self.outputs])
