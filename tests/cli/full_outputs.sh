# Whatever cannot be written whole is not written at all, and is said.
T="$GOLDEN/train"
write_graph g.pbtxt
echo '[[1, 2]]' >x.json
echo '-- standard output'
for words in "inspect g.pbtxt" "run g.pbtxt --feed x=x.json --fetch y" \
  "checkpoint list $T/line.ckpt-0" "freeze g.pbtxt --outputs y -o -" "ops" \
  "help" "run --help" "version"; do
  firn $words 2>&1 >/dev/full
  echo "exit $?"
done
echo '-- files'
# Room for nothing: of one block, or none at all.
small() {
  (ulimit -f 0; trap '' XFSZ; try firn "$@") | cat
}
echo old >y.npy
small run g.pbtxt --feed x=x.json --fetch y=y.npy
small checkpoint get "$T/line.ckpt-0" w=y.npy
try firn checkpoint get "$T/line.ckpt-0" w=no/such/w.npy
cat y.npy
small freeze g.pbtxt --outputs y -o y.npy
cat y.npy
echo '-- checkpoints'
try firn run "$T/line.meta" --checkpoint "$T/line.ckpt-0" --save no/such/folder/c
firn run "$T/line.meta" --checkpoint "$T/line.ckpt-0" --save c
cp c.index kept.index
small run "$T/line.meta" --checkpoint "$T/line.ckpt-0" --save c
small train "$T/line.meta" --checkpoint "$T/line.ckpt-0" --batch x="$T/x.npy" \
  --batch y="$T/y.npy" --steps 1 --target train --save c
cmp c.index kept.index
firn checkpoint list c | wc -l
ls -A
