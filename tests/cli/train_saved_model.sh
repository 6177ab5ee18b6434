# SavedModels that are trained on: by a signature of TensorFlow 2, by the meta graph and
# train op of TensorFlow 1. Losses and variables are TensorFlow's own, to rounding.
T="$GOLDEN/train"
S="$GOLDEN/train_saved"
go() { # MODEL WORD...
  firn train "$1" --batch x="$T/x.npy" --batch y="$T/y.npy" "${@:2}" 2>>words
}
same() { # MODEL KEY=VARIABLE...
  for pair in "${@:2}"; do
    firn checkpoint get $1-out/variables/variables "${pair%%=*}=${pair##*=}.json"
  done
  python3 - "$S/answers.json" "$@" <<'END'
import json, sys
def flat(v):
    return [x for y in v for x in flat(y)] if isinstance(v, list) else [v]
want = json.load(open(sys.argv[1]))[sys.argv[2]]
pairs = [(json.load(open("losses.json")), want["losses"])]
for word in sys.argv[3:]:
    name = word.split("=")[1]
    pairs.append((json.load(open(name + ".json")), want["after"][name]))
print(sys.argv[2], all(len(flat(a)) == len(flat(b)) and
    all(abs(x - y) <= 1e-5 * (1 + abs(y)) for x, y in zip(flat(a), flat(b)))
    for a, b in pairs))
END
}
go "$S/functions" --signature train --steps 6 --fetch loss=losses.json --save functions-out
same functions w/.ATTRIBUTES/VARIABLE_VALUE=w b/.ATTRIBUTES/VARIABLE_VALUE=b
go "$S/tagged" --steps 6 --fetch loss=losses.json --save tagged-out
same tagged w=w b=b global_step=global_step beta1_power=beta1_power

# What is saved is served, and trained on again: two rounds are one.
firn saved-model show tagged-out | grep -v '^request\|^command'
head -1 words && tail -1 words
go "$S/functions" --signature train --steps 4 --save half
firn train half --signature train --steps 2 --save whole --batch x="$T/x.npy" \
  --batch y="$T/y.npy" --fetch step 2>/dev/null
for key in w b; do
  firn checkpoint get whole/variables/variables $key/.ATTRIBUTES/VARIABLE_VALUE=$key.json
  firn checkpoint get functions-out/variables/variables $key/.ATTRIBUTES/VARIABLE_VALUE=$key-once.json
  cmp $key.json $key-once.json && echo $key is the same
done
firn run tagged-out --feed x=<(echo '[[0, 0, 0]]') --set b=<(echo '[7, 8]')
go "$S/tagged" --target train --steps 4 --save step --save-every 2 --step-suffix
ls

try go "$S/tagged" --steps 1 --save tagged-out
try go "$S/tagged" --steps 4 --save new --save-every 2
try go "$S/tagged" --steps 4 --save new --keep 2
try go "$S/tagged" --tags serve --steps 4 --save new
try go "$S/functions" --signature trian --steps 4 --save new
cat words | grep '^firn\|^  \|^usage'
ls
