# By signature; by the default signature; by tensor names.
model="$GOLDEN/saved_model/functions"
firn run "$model" --signature power --feed n=<(echo 2)
firn run "$model" --feed x=<(echo '[[0, 0]]') --fetch sum
firn run "$model" --feed serving_default_x:0=<(echo '[[0, 0]]') --fetch StatefulPartitionedCall_2:1
firn run "$model" --feed x=<(echo '[[0, 0]]') --json
firn run "$GOLDEN/saved_model/defaults" --feed x=<(echo '[1.5]')
firn run "$GOLDEN/saved_model/sparse" --feed sp/indices=<(echo '[[0, 0], [1, 2]]') \
  --feed sp/values=<(echo '[2, 3]') --feed sp/dense_shape=<(echo '[2, 3]')
# The command that show gives can be pasted.
cd "$model"
eval "$(firn saved-model show . --signature look_up | sed -n 's/^command\tlook_up\t//p')"
