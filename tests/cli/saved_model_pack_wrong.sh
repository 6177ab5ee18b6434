# What cannot be packed, and that nothing is left of it.
T="$GOLDEN/train"
pack() {
  try firn saved-model pack "$@"
}
pack "$T/line.meta"
pack nowhere -o out
pack "$T/line.meta" -o out --outputs no_such:0
pack "$T/line.meta" -o out --outputs out:0 --inputs ''
pack "$T/line.meta" -o out --inputs x:0 --outputs out:0
pack "$T/line.meta" --checkpoint "$T/line.ckpt-0" -o out --inputs x:0 --outputs out:0 --method classify
pack "$T/line.meta" --checkpoint "$T/line.ckpt-0" -o out --inputs x:0 --outputs out:0 --init-op nothing
pack "$T/line.meta" --checkpoint "$T/line.ckpt-0" -o out --inputs x:0 --outputs out:0 --asset words.txt
pack "$T/line.meta" --checkpoint "$T/line.ckpt-0" -o out --inputs x:0 --outputs out:0 --asset "$T/x.npy=out:0"
pack "$T/line.ckpt-0" -o out --inputs x:0 --outputs out:0
mkdir full && touch full/it
pack "$GOLDEN/saved_model/two" --from-tags '*' -o full
pack "$GOLDEN/saved_model/two" --from-tags gpu -o out
rm full/it
pack "$GOLDEN/saved_model/two" --from-tags serve -o full
pack "$GOLDEN/saved_model/two" --from-tags serve -o full
ls
