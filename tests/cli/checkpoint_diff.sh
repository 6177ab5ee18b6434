# needs: pcre2
# Exit 0 for equal ones, 1 for different ones, 2 for a wrong use.
G=$GOLDEN/surgery
try firn checkpoint diff "$G/averages" "$G/averages"
try firn checkpoint diff "$DEMO/model" "$DEMO/model"
firn checkpoint rename "$G/averages" --rename '^one/=three/' -o renamed
try firn checkpoint diff "$G/averages" renamed
try firn checkpoint diff --json "$G/averages" renamed | head -2

firn checkpoint rename "$G/averages" --swap-averages -o swapped
try firn checkpoint diff "$G/averages" swapped
try firn checkpoint diff "$G/averages" swapped --rtol 0.38
try firn checkpoint diff --json "$G/averages" swapped | tail -3
try firn checkpoint diff "$G/averages" swapped --atol 0.06
try firn checkpoint diff "$G/averages" swapped --rtol 0.375

# Other types and shapes; strings.
firn checkpoint drop "$G/averages" --match '^one/b$|global_step' -o some
firn checkpoint rename some --rename '^one/w$=one/b' --rename '^two/b$=global_step' -o other
firn checkpoint diff "$G/averages" other | grep -v only
firn checkpoint diff "$G/slots-1" "$G/keras-1" | grep -v only

try firn checkpoint diff "$G/averages"
try firn checkpoint diff "$G/averages" renamed --rtol much
try firn checkpoint diff "$G/averages" renamed --atol -1
try firn checkpoint diff "$G/averages" no-such
try firn checkpoint diff "$GOLDEN/checkpoint/data_checksum" "$GOLDEN/checkpoint/data_checksum"
