# Several runs in one session; and what is no such file.
model="$GOLDEN/saved_model/functions"
echo '[[1, 0]]' >x.json
echo 2 >n.json
cat >runs.json <<'END'
[{"signature": "power", "feeds": {"n": "n.json"}},
 {"feeds": {"serving_default_x:0": "x.json"},
  "fetches": {"StatefulPartitionedCall_2:0": "sum.json"}},
 {"signature": "serving_default", "feeds": {"x": "x.json"},
  "fetches": {"y": "y.npy", "sum": null}}]
END
firn run "$model" --runs runs.json
cat sum.json; echo
firn run "$model" --runs runs.json --json | tail -n 1
ls
try firn run "$model" --runs runs.json --feed x=x.json
echo '[{}, {"signature": "none"}]' >bad.json
try firn run "$model" --runs bad.json
echo '[{"feeds": {"x": 3}}]' >bad.json
try firn run "$model" --runs bad.json
echo '{' >bad.json
try firn run "$model" --runs bad.json
try firn run "$model" --runs missing.json
