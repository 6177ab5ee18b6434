try firn freeze "$DEMO/model" --outputs probabilty -o f.pb
try firn freeze "$DEMO/model" --outputs probability:1 -o f.pb
try firn freeze "$DEMO/model" --outputs probability,nothing/like/it -o f.pb
try firn freeze "$DEMO/model" --outputs "" -o f.pb
ls
