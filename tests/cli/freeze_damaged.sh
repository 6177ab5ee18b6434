# Every kind of damage to a checkpoint has one sentence.
copy_model
p=model/digits-1500
rm $p.data-00000-of-00001
try firn freeze model -o f.pb
cp "$DEMO/$p.data-00000-of-00001" model; change_byte $p.data-00000-of-00001 4000
try firn freeze model -o f.pb
cp "$DEMO/$p.data-00000-of-00001" model; cut_to $p.data-00000-of-00001 5000
try firn freeze model -o f.pb
cp "$DEMO/$p.data-00000-of-00001" model; change_byte $p.index 100
try firn freeze model -o f.pb
cp "$DEMO/$p.index" model; cut_to $p.index 700
try firn freeze model -o f.pb
: >$p.index
try firn freeze model -o f.pb
cp $p.meta $p.index
try firn freeze model -o f.pb
rm $p.index
try firn freeze model -o f.pb
ls model
