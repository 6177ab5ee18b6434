"""Writes cases of more than one node into a .cases file: see case_writer.py.

    from chain_writer import Chains
    from case_writer import tf

    def build(x, i):
        handle, flow = tf.raw_ops.TensorArrayV3(size=3, dtype=tf.float32)
        flow = tf.raw_ops.TensorArrayWriteV3(handle=handle, index=i, value=x,
                                             flow_in=flow)
        return tf.raw_ops.TensorArrayReadV3(handle=handle, index=i,
                                            flow_in=flow, dtype=tf.float32)

    cases = Chains("tensor_array")
    cases.chain("write and read", [x, 1], build)
    cases.write()

The arguments of build are placeholders of unknown shape, or what `value` makes
of them, a list of shapes, says. What it returns becomes the inputs of an
IdentityN called x. Nodes run in the order in which build makes them, so it
takes control_dependencies only where TensorFlow needs them.
"""
import os
import struct

from case_writer import (Cases, TOL, as_array, proto, put_attr, tensor_type,
                         text, tf)
import numpy as np
from tensorflow.core.framework import graph_pb2
from tensorflow.python.framework import op_def_registry


class Chains(Cases):
    def graph_of(self, flat, build, shapes, rename, version):
        with tf.Graph().as_default() as graph:
            places = [tf.compat.v1.placeholder(
                tensor_type(v), shape=shapes and shapes[i], name=f"i{i}")
                for i, v in enumerate(flat)]
            out = build(*places)
            out = list(out) if isinstance(out, (list, tuple)) else [out]
            tf.raw_ops.IdentityN(input=out, name="x")
            def_ = graph.as_graph_def()
            def_.versions.producer = version or def_.versions.producer
            for node in def_.node:
                node.op = (rename or {}).get(node.op, node.op)
            return def_

    def chain(self, name, inputs, build, tol=None, skip=(), shapes=None,
              rename=None, version=None, optional=False,
              expect=None):
        """`rename` puts ops that Python has no word for in the place of others,
        `version` is the graph's producer; what is `optional` is no case when
        TensorFlow refuses it. `expect` gives the outputs where TensorFlow has
        no kernel."""
        flat = [as_array(v) for v in inputs]
        return self.graph_case(name, flat, lambda: self.graph_of(
            flat, build, shapes, rename, version), tol, skip, optional, expect)

    def old(self, name, inputs, nodes, outputs, version, tol=None, expect=None):
        """A case of nodes that TensorFlow's Python no longer makes: each an op,
        a name, inputs and attrs; `outputs` are names and types."""
        flat = [as_array(v) for v in inputs]

        def make():
            graph = graph_pb2.GraphDef()
            graph.versions.producer = version
            for i, value in enumerate(flat):
                place = graph.node.add(name=f"i{i}", op="Placeholder")
                put_attr(place.attr["dtype"], "type", tensor_type(value))
            for op, node_name, sources, attrs in nodes:
                node = graph.node.add(name=node_name, op=op, input=sources)
                kinds = {a.name: a.type for a in op_def_registry.get(op).attr}
                for key, value in attrs.items():
                    put_attr(node.attr[key], kinds[key], value)
            x = graph.node.add(name="x", op="IdentityN", input=list(outputs))
            put_attr(x.attr["T"], "list(type)", outputs.values())
            return graph
        return self.graph_case(name, flat, make, tol, (), False, expect)

    def graph_case(self, name, flat, make, tol, skip, optional, expect):
        if os.environ.get("CHAIN_NAMES"):
            print(name, flush=True)
        try:
            graph = make()
        except (TypeError, ValueError) as e:  # a graph that TensorFlow does not even make
            if not optional:
                print(f"  left out: {name}: {str(e)[:150]!r}")
            return None
        code, outputs = (0, expect) if expect else self.run(graph, flat)
        if code and optional:
            return None
        outputs = [as_array(o) for o in outputs]
        types = [tensor_type(o).name for o in outputs]
        if tol is None:
            tol = max([TOL.get(t, 0) for t in types], default=0)
        if name in self.names:
            name += f" #{len(self.cases)}"
        self.names.add(name)
        self.refused += code != 0
        if code:
            print(f"  refused: {name}: {code} {self.message[:150]!r}")
        self.cases.append(b"".join([
            text(name.encode()), text(graph.SerializeToString()),
            struct.pack("<dII", tol, code, sum(1 << i for i in skip)),
            struct.pack("<I", len(flat)),
            *(text(proto(v, tensor_type(v))) for v in flat),
            struct.pack("<I", len(outputs)),
            *(text(proto(v, tensor_type(v))) for v in outputs)]))
        return outputs
