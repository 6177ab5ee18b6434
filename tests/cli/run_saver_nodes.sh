# A graph's own save and restore nodes run: the same bytes as the Saver's.
T="$GOLDEN/train"
echo "\"$PWD/saved\"" >name.json
firn run "$T/line.meta" --checkpoint "$T/line.ckpt-0" \
  --feed save/Const=name.json --target save/control_dependency
cmp saved.index "$T/line.ckpt-0.index" && echo same index
echo "\"$T/after-4\"" >name.json
firn run "$T/line.meta" --feed save/Const=name.json \
  --target save/restore_all --save restored
cmp restored.data-00000-of-00001 "$T/after-4.data-00000-of-00001" && echo same data
