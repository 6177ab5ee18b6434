# An interrupt ends training after the step that is under way, and saves.
T="$GOLDEN/train"
firn train "$T/line.meta" --checkpoint "$T/line.ckpt-0" --target train \
  --batch x:0="$T/x.npy" --batch y:0="$T/y.npy" --steps 2000000000 \
  --save out --save-every 1 2>words &
while [ ! -e checkpoint ]; do sleep 0.01; done
kill -INT $!
wait $!
echo exit $?
sed 's/after [0-9]* of/after some of/' words
firn checkpoint list out | head -2
