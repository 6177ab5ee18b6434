# What the inputs were is told below: their names in the op and in the graph, and
# their elements where they are few.
cat >g.pbtxt <<'END'
node { name: "table" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "ids" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } }
node { name: "axis" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }
node { name: "pick" op: "GatherV2" input: "table" input: "ids" input: "axis"
  attr { key: "Tparams" value { type: DT_FLOAT } } attr { key: "Tindices" value { type: DT_INT32 } }
  attr { key: "Taxis" value { type: DT_INT32 } } }
node { name: "number" op: "Placeholder" attr { key: "dtype" value { type: DT_STRING } } }
node { name: "parsed" op: "StringToNumber" input: "number"
  attr { key: "out_type" value { type: DT_INT64 } } }
node { name: "sum" op: "AddV2" input: "pick" input: "table" attr { key: "T" value { type: DT_FLOAT } } }
END
echo '[[1.5, 2], [3, 4], [5, 6]]' >table.json
echo '[1, 7]' >ids.json
echo '[0, 1]' >two.json
echo '["12", "a dozen, which is rather too long to be shown"]' >number.json
try firn run g.pbtxt --feed table=table.json --feed ids=ids.json --fetch pick
try firn run g.pbtxt --feed table=table.json --feed ids=two.json --fetch sum
try firn run g.pbtxt --feed number=number.json --fetch parsed
try firn run g.pbtxt --feed number=number.json --fetch parsed --json
