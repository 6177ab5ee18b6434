# V1 and V2, shards and slices, names and objects.
G=$GOLDEN/surgery
A=$G/averages
firn checkpoint convert "$A" --to v1 -o v1 && firn checkpoint diff "$A" v1 && ls
firn checkpoint convert v1 --to v2 --shards 3 -o v2 && firn checkpoint diff "$A" v2 && ls v2*
firn checkpoint convert "$GOLDEN/tiny/pieces" --to v2 --merge-slices -o merged
firn checkpoint list --json merged
firn checkpoint diff "$GOLDEN/tiny/pieces" merged && echo equal

firn checkpoint convert "$G/keras-1" --to names -o names && firn checkpoint list names
try firn checkpoint convert "$G/slots-1" --to names -o x
firn checkpoint convert "$G/slots-1" --to names --paths -o slots && firn checkpoint list slots
firn checkpoint convert slots --to object --like "$G/slots-1" -o back
firn checkpoint diff back "$G/slots-1" && echo equal
try firn checkpoint convert names --to object --like "$GOLDEN/saved_model/objects" --partial -o y
try firn checkpoint convert slots --to object --like "$G/table-1" -o y
try firn checkpoint convert slots --to object --like "$G/averages" -o y
try firn checkpoint convert slots --to object -o y
try firn checkpoint convert "$A" --to names -o y
try firn checkpoint convert "$A" --to v3 -o y
try firn checkpoint convert "$A" -o y
try firn checkpoint convert "$A" --to v1 --shards 2 -o y
try firn checkpoint convert "$A" --to v2 --shards 0 -o y
try firn checkpoint convert v2 --to v1 -o v2
try firn checkpoint convert "$A" --to v1 -o v2
try firn checkpoint convert "$GOLDEN/checkpoint_write/v2_types" --to v1 -o y
ls | grep '^y' || echo 'nothing is left of what failed'
