firn inspect "$DEMO/model"
