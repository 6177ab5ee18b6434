node() { printf 'node { name: "%s" op: "%s" %s attr { key: "T" value { type: DT_FLOAT } } }\n' "$@"; }
{ node a Relu 'input: "b"'; node b Relu 'input: "a"'; } >cycle.pbtxt
node a Relu 'input: "nobody"' >unknown.pbtxt
write_graph output.pbtxt; node z Relu 'input: "y:1"' >>output.pbtxt
write_graph twice.pbtxt; node y Relu 'input: "x"' >>twice.pbtxt
write_graph op.pbtxt; node z NobodyKnows 'input: "y"' >>op.pbtxt
echo 'node { name: "a"' >open.pbtxt
: >empty.pb
head -c 1000 /dev/zero >zeros.pb
echo '[[1, 2]]' >x.json
try firn run cycle.pbtxt --fetch a
try firn run unknown.pbtxt --fetch a
try firn run output.pbtxt --feed x=x.json --fetch z
try firn run twice.pbtxt --feed x=x.json --fetch y
try firn run op.pbtxt --feed x=x.json --fetch z
try firn run op.pbtxt --feed x=x.json --fetch y
try firn run open.pbtxt --fetch a
try firn run empty.pb --fetch a
try firn run zeros.pb --fetch a
try firn run nothing.pb --fetch a
mkdir folder
try firn run folder --fetch a
