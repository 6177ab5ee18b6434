# Five rows and one row of the same graph; all twelve digits are read.
firn freeze "$DEMO/model" -o frozen.pb >/dev/null
firn run frozen.pb --feed image="$DEMO/images/all.npy" --fetch probability:0=all.json
firn run "$DEMO/model" --feed image:0="$DEMO/images/all.npy" --fetch probability=meta.json
python3 - <<'END'
import json
for name in ("all.json", "meta.json"):
    print([row.index(max(row)) for row in json.load(open(name))])
END
