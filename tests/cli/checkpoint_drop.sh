# needs: pcre2
G=$GOLDEN/surgery
firn checkpoint drop "$G/averages" --optimizer-slots -o lean && firn checkpoint list lean
firn checkpoint drop "$G/averages" --optimizer-slots --match Average --match '^two' -o leaner
firn checkpoint list leaner
for c in slots-1 keras-1; do
  firn checkpoint drop "$G/$c" --optimizer-slots -o "$c" && firn checkpoint list "$c"
done
try firn checkpoint drop lean --optimizer-slots -o x
try firn checkpoint drop lean --match three -o x
try firn checkpoint drop lean --match . -o x
try firn checkpoint drop lean --match 'a++' -o x
try firn checkpoint drop lean -o x
try firn checkpoint drop lean --match one
try firn checkpoint drop lean --match one -o lean
ls | grep '^x' || echo 'nothing is left of what failed'
