# Signatures come and go in place; the rest of the file stays as it is.
cp -r "$GOLDEN/saved_model/functions" model
list() {
  firn saved-model show model | sed -n 's/^signature\t//p'
}
sign() {
  try firn saved-model signature "$@"
}
sign add model sum --inputs x=serving_default_x:0 --outputs total=StatefulPartitionedCall_2:0
list
firn run model --signature sum --feed x=<(echo '[[1, 2]]')
sign rename model sum total
sign rename model total power
sign rename model nothing something
sign remove model sum
sign add model total --inputs x=serving_default_x:0 --outputs StatefulPartitionedCall_2:0
sign add model total --inputs x=serving_default_x:0 --outputs StatefulPartitionedCall_2:0 --replace
sign add model bad --inputs x=nowhere:0 --outputs StatefulPartitionedCall_2:7 --method regress
sign add model bad --inputs x=serving_default_x:0
sign remove model total
list
cmp model/saved_model.pb "$GOLDEN/saved_model/functions/saved_model.pb" && echo the same
ls model
sign remove "$GOLDEN/tiny/graph.pb" x
sign forget model total
sign rename model total
cp -r "$GOLDEN/saved_model/text" text
sign remove text power
firn saved-model show text | sed -n 's/^signature\t//p'
ls text
