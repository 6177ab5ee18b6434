write_graph g.pbtxt
echo '[[1, 2, 3]]' >shape.json
echo '["a", "b"]' >text.json
echo '[[1, 2], [3]]' >ragged.json
echo '{' >broken.json
: >empty.npy
echo '[[1, 2]]' >x.json
try firn run g.pbtxt --feed x=shape.json --fetch y
try firn run g.pbtxt --feed x=text.json --fetch y
try firn run g.pbtxt --feed x=ragged.json --fetch y
try firn run g.pbtxt --feed x=broken.json --fetch y
try firn run g.pbtxt --feed x=empty.npy --fetch y
try firn run g.pbtxt --feed x=missing.npy --fetch y
try firn run g.pbtxt --feed X=x.json --fetch y
try firn run g.pbtxt --feed x=x.json --fetch yy
try firn run g.pbtxt --feed x=x.json --fetch y:1
try firn run g.pbtxt --fetch y
try firn run g.pbtxt --feed x=x.json --fetch y=/dev/full
firn checkpoint get "$GOLDEN/tiny/tiny" step=step.npy
try firn run g.pbtxt --feed x=step.npy --fetch y
