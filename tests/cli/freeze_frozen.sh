# What is frozen already passes through, with a note.
firn freeze "$DEMO/model" -o a.pb
firn freeze a.pb --outputs probability -o b.pb
cmp a.pb b.pb
