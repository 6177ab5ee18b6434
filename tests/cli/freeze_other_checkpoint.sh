# A checkpoint of another model: all keys that are missing, in one error.
try firn freeze "$DEMO/model/digits-1500.meta" --checkpoint "$GOLDEN/tiny/tiny" -o f.pb
