# Tag sets and signatures, and requests that can be sent as they are.
cd "$GOLDEN/saved_model"
for model in functions two words sparse defaults; do
  firn saved-model show $model
done
firn saved-model show text --signature power
firn saved-model show two --tags train --json
firn saved-model show sparse --request serving_default
cd functions
firn saved-model show . --signature look_up
try firn saved-model show "$DEMO/model"
try firn saved-model show . --tags gpu
try firn saved-model show . --signature predict
try firn saved-model show
try firn saved-model
