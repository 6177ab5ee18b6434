# Several saves in one run: how many stay, and what the state file says.
T="$GOLDEN/train"
mkdir out
firn train "$T/line.meta" --checkpoint "$T/line.ckpt-0" --target train \
  --batch x:0="$T/x.npy" --batch y:0="$T/y.npy" --steps 9 --save out/m \
  --step-suffix --save-every 2 --keep 3
ls out
cat out/checkpoint
# By one name the newest takes the place of the one before.
firn train out --target train --batch x:0="$T/x.npy" --batch y:0="$T/y.npy" \
  --steps 2 --save out2 --save-every 1 2>/dev/null
ls
cat checkpoint
