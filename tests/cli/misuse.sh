try firn nonsense
try firn freeze
try firn freeze "$DEMO/model"
try firn freeze "$DEMO/model" --no-such-flag -o f.pb
try firn freeze "$DEMO/model" -o
try firn run "$DEMO/model" --feed image
try firn checkpoint
try firn checkpoint list
