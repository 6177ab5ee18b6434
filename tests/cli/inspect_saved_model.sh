# Signatures, parameters, assets, and the ops of functions.
cd "$GOLDEN/saved_model"
firn inspect functions
firn inspect words | grep -v ^op
firn inspect functions --json | grep -e asset -e parameters -e signature
