# The tutorial that writes a frozen graph, and what is in it. The weights are random by
# seed; rows of the output are probabilities.
"$EXAMPLES/export_frozen" frozen.pb
firn inspect frozen.pb --nodes
python3 - <<'END'
import json
json.dump([[1.0] * 784, [0.0] * 783 + [9.0]], open("x.json", "w"))
END
firn run frozen.pb --feed input=x.json --fetch output=y.json >/dev/null
python3 - <<'END'
import json
for row in json.load(open("y.json")):
    print(len(row), round(sum(row), 3), row.index(max(row)))
END
"$EXAMPLES/export_frozen" nowhere/frozen.pb || echo $?
