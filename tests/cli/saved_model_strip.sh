# What serving does not need goes; what is served stays as it was.
for name in functions objects two words restored; do
  firn saved-model strip "$GOLDEN/saved_model/$name" -o $name | sed "s/^/$name\t/"
done
firn run functions --feed x=<(echo '[[1, 2]]')
firn run "$GOLDEN/saved_model/functions" --feed x=<(echo '[[1, 2]]')
firn run functions --signature look_up --feed word=<(echo '["green"]')
firn run objects --signature power --feed n=<(echo 3)
firn run restored --feed word=<(echo '["two", "one"]')
firn run words --feed word=<(echo '["blue"]') --fetch row
firn run two --feed x=<(echo '[[1, 2]]')
firn saved-model show two | head -2
firn checkpoint list functions/variables/variables
mkdir -p extra && cp -r "$GOLDEN/saved_model/two" extra && mkdir extra/two/assets.extra
echo 1 >extra/two/assets.extra/warm
firn saved-model strip extra/two -o warm >/dev/null && cat warm/assets.extra/warm
try firn saved-model strip extra/two -o warm
try firn saved-model strip "$GOLDEN/tiny/graph.pb" -o other
try firn saved-model strip extra/two
ls
