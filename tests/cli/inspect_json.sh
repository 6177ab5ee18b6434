write_graph g.pbtxt
firn inspect --json g.pbtxt
firn inspect --nodes --json g.pbtxt
