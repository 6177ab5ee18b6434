# Name, op and outputs of every node, as a walk over get_operations() would.
write_graph g.pbtxt
firn inspect --nodes g.pbtxt
firn inspect --nodes "$GOLDEN/tiny/graph.pb"
firn inspect --nodes "$DEMO/model" | sed -n '1,12p;$p'
