# The programs of the header pages, each as a reader would call it.
"$EXAMPLES/list" "$GOLDEN/tiny/tiny"
"$EXAMPLES/freeze" "$DEMO/model" probability frozen.pb
"$EXAMPLES/run" frozen.pb image "$DEMO/images/all.npy" probability
