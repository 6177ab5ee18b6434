# The file appears whole or not at all, and what was there stays.
echo old >kept.pb
mkdir folder
try firn freeze "$DEMO/model" -o /dev/full
try firn freeze "$DEMO/model" -o no/such/folder/f.pb
try firn freeze "$DEMO/model" -o folder
(ulimit -f 8; trap '' XFSZ; try firn freeze "$DEMO/model" -o kept.pb)
cat kept.pb
ls
