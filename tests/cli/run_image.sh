# needs: png
firn freeze "$DEMO/model" -o frozen.pb >/dev/null
firn run frozen.pb --feed image="$DEMO/images/03.png" --fetch probability=p.json
python3 - <<'END'
import json
p = json.load(open("p.json"))
print(len(p), len(p[0]), p[0].index(max(p[0])))
END
