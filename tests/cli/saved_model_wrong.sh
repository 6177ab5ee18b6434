# What is missing or wrong is named.
cp -r "$GOLDEN/saved_model" models && cd models
try firn run functions
try firn run functions --signature predict --feed x=<(echo 1)
try firn run functions --signature power --feed n=<(echo 1) --feed m=<(echo 1)
try firn run functions --signature power --feed n=<(echo 1) --fetch z
try firn run functions --feed x=<(echo '[[1, 2, 3]]')
try firn run two --tags gpu
rm -r words/assets functions/variables
try firn run words --feed word=<(echo '["red"]')
try firn run functions --feed x=<(echo '[[0, 0]]')
rm two/variables/*.data*
try firn run two --feed x=<(echo '[[0, 0]]')
change_byte restored/saved_model.pb 2
try firn inspect restored
cut_to objects/saved_model.pb 9000
try firn inspect objects
cut_to chunked/saved_model.cpb 3000
try firn inspect chunked
rm text/saved_model.pbtxt
try firn inspect text
