# From a graph and its checkpoint, a frozen graph, another SavedModel: what is
# packed gives what it was packed from gives.
T="$GOLDEN/train"
firn saved-model pack "$T/line.meta" --checkpoint "$T/line.ckpt-0" -o line/1 \
  --inputs x:0 --outputs prediction=out:0,out_twin=out:0 --train-op train
find line -type f | sort
firn saved-model show line/1 | grep -v '^request\|^command'
echo '[[1, 1, 1], [0, 2, 0.5]]' >x.json
firn run line/1 --feed x=x.json --fetch prediction=packed.npy
firn run "$T/line.meta" --checkpoint "$T/line.ckpt-0" --feed x:0=x.json --fetch out:0=before.npy
cmp packed.npy before.npy && echo same
echo --- frozen, guessed, as text
write_graph frozen.pbtxt
firn saved-model pack frozen.pbtxt -o frozen --text --tags a,b --strip-default-attrs
find frozen | sort
firn run frozen --feed x=<(echo '[[1, 2]]')
grep -c stripped_default_attrs frozen/saved_model.pbtxt
echo --- with an asset
firn saved-model pack "$GOLDEN/saved_model/words" -o words --clear-devices
firn run words --feed word=<(echo '["green", "red", "none"]') --fetch id
printf 'none\nred\n' >other.txt
firn saved-model pack "$GOLDEN/saved_model/words" -o other --asset other.txt=asset_path:0
ls other/assets
firn run other --feed word=<(echo '["green", "red", "none"]') --fetch id
echo --- only what is served
firn saved-model pack "$T/line.meta" --checkpoint "$T/line.ckpt-0" -o small --outputs out:0 --strip
firn checkpoint list small/variables/variables
firn run small --feed x=<(echo '[[1, 1, 1]]')
ls
