firn freeze "$DEMO/model" --check -o frozen.pb
