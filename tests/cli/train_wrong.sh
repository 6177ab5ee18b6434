# What can be wrong is said before the first step.
T="$GOLDEN/train"
go() {
  firn train "$T/line.meta" --batch x="$T/x.npy" --batch y="$T/y.npy" "$@"
}
try go --steps 4 --target train
try go --target train --save out
try go --steps 4 --save out
try go --steps 0 --target train --save out
try go --steps 4 --target trian --save out --checkpoint "$T/line.ckpt-0"
try go --steps 4 --target train --save no/such/out --checkpoint "$T/line.ckpt-0"
try go --steps 4 --target train --save out --checkpoint "$GOLDEN/tiny/tiny"
try go --steps 1 --target train --save out | sed "s/node '.*: variable/a node: variable/"
try go --steps 1 --target train --save out --init init
echo '[[1, 2], [3, 4]]' >z.json
try go --steps 1 --target train --save out --checkpoint "$T/line.ckpt-0" \
  --batch keep=z.json
try firn train "$T/line.meta" --batch x=z.json --batch y="$T/y.npy" --steps 1 \
  --target train --save out --checkpoint "$T/line.ckpt-0"
echo 1e30 >huge.json
echo '[[1e30, 2], [0, -1], [2, 1]]' >w.json
try go --steps 4 --target train --save out --checkpoint "$T/line.ckpt-0" \
  --fetch loss --set w=w.json --stop-on-nan
try go --steps 4 --target train --save out --checkpoint "$T/line.ckpt-0" \
  --set w=z.json
ls
