# needs: pcre2
G=$GOLDEN/surgery
firn checkpoint drop "$G/averages" --match '^two' -o one
firn checkpoint drop "$G/averages" --match '^one|^g|^b' -o two
firn checkpoint merge one two -o both && firn checkpoint diff both "$G/averages" && echo equal
try firn checkpoint merge both two -o x
firn checkpoint rename "$G/averages" --swap-averages -o swapped
firn checkpoint merge "$G/averages" swapped --prefer-first -o first
firn checkpoint diff first "$G/averages" && echo first
firn checkpoint merge "$G/averages" swapped --prefer-last -o last
firn checkpoint diff last swapped && echo last

# Several shards become one; slices of one tensor find together.
firn checkpoint merge "$GOLDEN/checkpoint_write/v2_shards" -o whole
firn checkpoint diff "$GOLDEN/checkpoint_write/v2_shards" whole && ls whole*
firn checkpoint merge "$GOLDEN/checkpoint/v1_shards" -o v1 && ls v1*
firn checkpoint diff "$GOLDEN/checkpoint/v1_shards" v1 && echo equal

# Object graphs are joined by paths.
firn checkpoint drop "$G/slots-1" --match '^net/b/|^save' -o part
try firn checkpoint merge part "$G/table-1" -o x
firn checkpoint merge part "$G/table-1" --prefer-first -o objects
firn checkpoint list objects

try firn checkpoint merge one two --prefer-first --prefer-last -o x
try firn checkpoint merge one two
try firn checkpoint merge one no-such -o x
try firn checkpoint merge one two -o two
ls | grep '^x' || echo 'nothing is left of what failed'
