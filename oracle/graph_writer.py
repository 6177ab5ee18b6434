"""Writes graphs that run in a session into tests/conformance/graphs: see case_writer.py.

    from graph_writer import Graphs, np, tf

    graphs = Graphs("control")
    graphs.chain("one branch", [True, x], lambda p, x: raw.If(...))
    graphs.write()

Like chain_writer.py, but for what the runtime does itself: functions, branches,
loops, references. The file has the format of a .cases file; run_graphs.c runs it.
`order` makes steps follow one another.
"""
from chain_writer import Chains, np, tf  # noqa: F401


class Graphs(Chains):
    def __init__(self, family):
        super().__init__(family)
        self.path = self.path.parent / "graphs" / f"{family}.graphs"


def order(*steps):
    """Calls the steps one after the other, each behind what the last one made;
    gives the tensors they return."""
    out, last = [], []
    for step in steps:
        with tf.control_dependencies(last):
            got = step()
        ops = tf.nest.flatten(got)
        last = [t if isinstance(t, tf.Operation) else t.op
                for t in ops if t is not None] or last
        out += [t for t in ops if isinstance(t, tf.Tensor) and not
                (t.dtype._is_ref_dtype or
                 t.dtype.base_dtype in (tf.resource, tf.variant))]
    return out
