# A session's variables as a checkpoint, under the saver's keys.
T="$GOLDEN/train"
echo '[[0, 0], [0, 0], [1, 1]]' >w.json
firn run "$T/line.meta" --checkpoint "$T/line.ckpt-0" --set w=w.json \
  --save changed
firn checkpoint list changed
firn checkpoint get changed w=w2.json table=table.json
cat w2.json table.json
# Without a checkpoint only what was initialised is saved.
firn run "$T/line.meta" --target never_run/Assign --save some
firn checkpoint list some
try firn run "$T/line.meta" --set nothing=w.json --save changed
try firn run "$T/line.meta" --checkpoint "$T/line.ckpt-0" --set b=w.json \
  --save changed
ls
