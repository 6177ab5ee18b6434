firn checkpoint list "$GOLDEN/tiny"
firn checkpoint list "$GOLDEN/tiny/pieces"
firn checkpoint list --json "$GOLDEN/tiny/pieces"
firn checkpoint list "$DEMO/model" | head -5
