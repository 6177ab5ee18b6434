# After a folder was moved its state file names what is there.
mkdir run
for n in 1 2; do
  cp "$GOLDEN/tiny/tiny.index" "run/m-$n.index"
  cp "$GOLDEN/tiny/tiny.data-00000-of-00001" "run/m-$n.data-00000-of-00001"
done
cat >run/checkpoint <<'END'
model_checkpoint_path: "/gone/run/m-2"
all_model_checkpoint_paths: "/gone/run/m-0"
all_model_checkpoint_paths: "/gone/run/m-1"
all_model_checkpoint_paths: "/gone/run/m-2"
all_model_checkpoint_timestamps: 1.5
all_model_checkpoint_timestamps: 2.5
all_model_checkpoint_timestamps: 3.5
END
firn checkpoint relocate run 2>&1
cat run/checkpoint
firn checkpoint relocate run --relative
cat run/checkpoint
mv run elsewhere
firn checkpoint list elsewhere
mv elsewhere/checkpoint elsewhere/best
firn checkpoint relocate ./elsewhere/best
cat elsewhere/best
rm elsewhere/m-2.index
try firn checkpoint relocate elsewhere/best
try firn checkpoint relocate elsewhere
try firn checkpoint relocate no-such
try firn checkpoint relocate
