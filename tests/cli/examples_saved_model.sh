# The tutorial's softmax classifier, built and saved by a program of under 100 lines.
"$EXAMPLES/export_saved_model" softmax
firn saved-model show softmax | grep -v '^request\|^command'
firn checkpoint list softmax/variables/variables
python3 - <<'END'
import json
json.dump([[i / 784 for i in range(784)], [1] * 784, [0] * 784], open("images.json", "w"))
END
firn run softmax --feed images=images.json --fetch scores=scores.json
python3 - <<'END'
import json
for row in json.load(open("scores.json")):
    print(len(row), round(sum(row), 5), min(row) < max(row))
END
try "$EXAMPLES/export_saved_model" softmax
try "$EXAMPLES/export_saved_model"
ls
