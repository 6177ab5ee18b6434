# The same file however the model and the output are named.
firn freeze "$DEMO/model" -o a.pb
firn freeze "$DEMO/model/digits-1500" --outputs probability -o b.pb
firn freeze "$DEMO/model/digits-1500.meta" --outputs probability:0 -o c.pb
firn freeze "$DEMO/model/digits-1500.meta" --checkpoint "$DEMO/model/digits-1500" \
  --outputs=probability -o d.pb
firn freeze --input_meta_graph="$DEMO/model/digits-1500.meta" \
  --input_checkpoint="$DEMO/model/digits-1500" --output_node_names=probability \
  --output_graph=e.pb
firn freeze "$DEMO/model" -o - >f.pb
for f in b c d e f; do cmp a.pb $f.pb; done
