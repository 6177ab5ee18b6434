# The very checkpoint that TensorFlow's Saver writes after the same steps.
T="$GOLDEN/train"
go() {
  firn train "$T/line.meta" --checkpoint "$T/line.ckpt-0" --target train \
    --batch x:0="$T/x.npy" --batch y:0="$T/y.npy" "$@"
}
go --steps 4 --fetch loss:0 --fetch w:0=w.npy --step-suffix --save out/after 2>&1
mkdir out
go --steps 4 --fetch loss:0 --fetch w:0=w.npy --step-suffix --save out/after
for part in index data-00000-of-00001; do
  cmp out/after-4.$part "$T/after-4.$part" && echo same $part
done
cmp out/after-4.meta "$T/line.meta" && echo same graph
cat out/checkpoint

# Two rounds are one round: batches go on where the steps do not.
go --steps 2 --save out/half 2>/dev/null
echo ---
firn train out/half.meta --checkpoint out/half --target train --steps 3 \
  --batch x="$T/x.npy" --batch y="$T/y.npy" --save out/more --fetch global_step
