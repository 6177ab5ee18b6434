# A graph that TensorFlow would not take is refused, not written.
node() { printf 'node { name: "%s" op: "%s" %s attr { key: "T" value { type: DT_FLOAT } } }\n' "$@"; }
{ node a Relu 'input: "b"'; node b Relu 'input: "a"'; node c Relu 'input: "a"'; } >cycle.pbtxt
node a Relu 'input: "nobody"' >unknown.pbtxt
write_graph output.pbtxt; node z Relu 'input: "y:1"' >>output.pbtxt
write_graph control.pbtxt; node z Relu 'input: "y" input: "^gone"' >>control.pbtxt
write_graph empty_name.pbtxt; node z Relu 'input: ""' >>empty_name.pbtxt
for graph in cycle:c unknown:a output:z control:z empty_name:z; do
  try firn freeze ${graph%:*}.pbtxt --outputs ${graph#*:} -o f.pb
done
# What is not needed does not matter.
try firn freeze control.pbtxt --outputs y -o f.pb
