# SavedModels by signature: inputs and outputs named after its keys, alone in one file.
m=$GOLDEN/saved_model
for functions in inline keep lower; do
  echo "-- $functions"
  firn freeze $m/functions --signature power --functions=$functions --check -o f.pb
  firn inspect --nodes f.pb | cut -f 2 | sort | uniq -c | sort -k 1,1nr -k 2 | head -n 5
done
echo "-- serving_default, a table from a file, one from the checkpoint"
firn freeze $m/objects -o f.pb
firn inspect --nodes f.pb
echo '[[1, 0], [2, -1]]' >x.json
firn run f.pb --feed x=x.json --fetch y --fetch sum
firn freeze $m/functions --signature look_up -o f.pb
firn inspect --nodes f.pb | cut -f 1,2
echo '["blue", "grey"]' >words.json
firn run f.pb --feed word=words.json --fetch id
firn freeze $m/restored -o f.pb
echo '["two", "one", "six"]' >words.json
firn run f.pb --feed word=words.json --fetch value
echo "-- a table that stays is filled by the init op"
firn freeze $m/words --tables=keep -o f.pb
echo '["blue", "red", "pink"]' >words.json
echo '[{"targets": ["init_all_tables"]},
       {"feeds": {"word": "words.json"}, "fetches": {"id": "id.json"}}]' >runs.json
firn run f.pb --runs runs.json
cat id.json
echo "-- an input that has a default, and one of three parts"
firn freeze $m/defaults -o f.pb
echo '[1, 2]' >x.json
firn run f.pb --feed x=x.json --fetch y
firn freeze $m/sparse -o f.pb
firn inspect --nodes f.pb | cut -f 1,2
echo "-- what is wrong"
try firn freeze $m/functions --signature predict -o g.pb
try firn freeze $m/functions --signature power --outputs y -o g.pb
try firn freeze $m/functions --functions=none -o g.pb
try firn freeze $m/functions --tables=1 -o g.pb
try firn freeze $m/functions --signature __saved_model_init_op -o g.pb
cp -r $m/functions copy
rm copy/assets/words.txt
firn freeze copy -o f.pb
try firn freeze copy --signature look_up -o g.pb
try firn freeze copy --signature look_up --tables=keep -o g.pb
rm copy/variables/*
try firn freeze copy -o g.pb
ls
