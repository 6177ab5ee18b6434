copy_model
p=model/digits-1500
cut_to $p.meta 5000
try firn freeze model -o f.pb
: >$p.meta
try firn freeze model -o f.pb
cp $p.index $p.meta
try firn freeze model -o f.pb
rm $p.meta
try firn freeze model -o f.pb
