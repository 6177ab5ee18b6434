#!/usr/bin/env bash
# What `make demo` shows: a checkpoint as TensorFlow left it is inspected, frozen
# and asked what it sees in a dozen images of handwritten digits.
#
#   demo/run.sh [PATH-OF-FIRN]
set -eu
cd "$(dirname "$0")/.."
firn=${1:-build/firn}
out=build/demo
mkdir -p "$out"

# Says the command as a person would type it, then does it.
step() {
  printf '\n$ firn'
  printf ' %s' "$@"
  printf '\n'
  "$firn" "$@"
}

printf 'demo/model is a checkpoint that TensorFlow saved in the middle of training.\n'
step inspect demo/model
step freeze demo/model -o "$out/frozen.pb"
step run "$out/frozen.pb" --feed image=demo/images/00.png --fetch probability

right=0 all=0
while IFS=$'\t' read -r image label; do
  "$firn" run "$out/frozen.pb" --feed "image=demo/images/$image" \
    --fetch "probability=$out/answer.json"
  all=$((all + 1))
  if python3 demo/show.py "demo/images/$image" "$out/answer.json" "$label"; then
    right=$((right + 1))
  fi
done < demo/images/labels.tsv

printf '\n%d of %d digits read.\n' "$right" "$all"
[ "$right" -eq "$all" ]
