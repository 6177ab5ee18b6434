firn checkpoint get "$GOLDEN/tiny/pieces" p=p.json s=s.json p=p.npy
cat p.json s.json
od -An -tx1 p.npy | tail -1
try firn checkpoint get "$GOLDEN/tiny/pieces" q=q.json
try firn checkpoint get "$GOLDEN/tiny/tiny" dense/v=v.json
try firn checkpoint get "$GOLDEN/tiny/nothing" p=p.json
ls
