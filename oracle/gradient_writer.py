"""Writes tests/conformance/gradients/<family>.gradients: what TensorFlow's gradients are.

    from gradient_writer import Gradients, np, tf

    g = Gradients("math")
    g.grad("Tanh", [x], lambda x: tf.raw_ops.Tanh(x=x))
    g.write()

build makes the ys of the xs it is given, placeholders of their values' shapes; what
it needs beside them are constants. Derivatives dy arrive at each y, and TensorFlow's
symbolic gradients by each x are the outputs of the case. The file has the format of
a .cases file (see case_writer.py): the graph holds the placeholders i0.. of the xs,
the placeholders that follow them of the dys, and an IdentityN x of the ys;
run_gradients.c builds the gradients and runs them.
"""
import struct

from case_writer import TOL, as_array, proto, tensor_type, text
from chain_writer import Chains, np, tf

v1 = tf.compat.v1
random = np.random.default_rng(42)


def real(*shape, low=-2.0, high=2.0, dtype=np.float64):
    return random.uniform(low, high, shape).astype(dtype)


def complex_(*shape):
    return real(*shape) + 1j * real(*shape)


def dy_like(y):
    value = random.normal(size=y.shape)
    if np.iscomplexobj(y):
        value = value + 1j * random.normal(size=y.shape)
    return np.asarray(value, y.dtype)


class Gradients(Chains):
    def __init__(self, family):
        super().__init__(family)
        self.path = self.path.parent / "gradients" / f"{family}.gradients"

    def grad(self, name, xs, build, tol=None):
        try:
            self.ask_gradient(name, xs, build, tol)
        except (LookupError, tf.errors.OpError) as e:  # TensorFlow has none
            print(f"  left out: {name}: {str(e)[:80]}")

    def ask_gradient(self, name, xs, build, tol):
        xs = [as_array(x) for x in xs]
        with tf.Graph().as_default() as graph:
            places = [v1.placeholder(tensor_type(x), x.shape, f"i{i}")
                      for i, x in enumerate(xs)]
            ys = build(*places)
            ys = list(ys) if isinstance(ys, (list, tuple)) else [ys]
            feeds = dict(zip(places, xs))
            with v1.Session() as session:
                dys = [dy_like(y) for y in session.run(ys, feeds)]
            arriving = [v1.placeholder(tensor_type(dy), dy.shape, f"i{len(xs) + k}")
                        for k, dy in enumerate(dys)]
            tf.raw_ops.IdentityN(input=ys, name="x")
            forward = graph.as_graph_def().SerializeToString()
            dxs = v1.gradients(ys, places, arriving,
                               unconnected_gradients=tf.UnconnectedGradients.NONE)
            assert all(d is not None for d in dxs), name
            dxs = [tf.convert_to_tensor(d) for d in dxs]
            with v1.Session() as session:  # gradients of calls change the calls
                outputs = session.run(dxs, {**feeds, **dict(zip(arriving, dys))})
        outputs = [as_array(o) for o in outputs]
        if tol is None:
            tol = max(TOL.get(tensor_type(o).name, 0) for o in outputs)
        if name in self.names:
            name += f" #{len(self.cases)}"
        self.names.add(name)
        flat = xs + dys
        self.cases.append(b"".join([
            text(name.encode()), text(forward), struct.pack("<dII", tol, 0, 0),
            struct.pack("<I", len(flat)),
            *(text(proto(v, tensor_type(v))) for v in flat),
            struct.pack("<I", len(outputs)),
            *(text(proto(v, tensor_type(v))) for v in outputs)]))
