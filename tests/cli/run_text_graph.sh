write_graph g.pbtxt
echo '[[1, 2], [3, 4]]' >x.json
firn run g.pbtxt --feed x=x.json --fetch y
firn run g.pbtxt --feed x:0=x.json --fetch y:0 --fetch w --json
firn run g.pbtxt --feed x=x.json --fetch y=y.json
cat y.json
