#!/usr/bin/env bash
# Builds the fuzz targets with clang's libFuzzer and lets each run for
# FUZZ_SECONDS (10), from FUZZ_SEED (1) on: another seed finds other things. What it
# finds is left in build-fuzz/found/. Without TARGET, every op gets wrong inputs as
# well: FUZZ_SECONDS times 4 rounds.
#
#   tools/fuzz.sh [TARGET]...
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-10}
seed=${FUZZ_SEED:-1}
folder=build-fuzz

tools/install_packages.sh build fuzz
[ -e "$folder/build.ninja" ] ||
  CC=clang meson setup "$folder" ${MESON_ARGS:-} --buildtype=debugoptimized -Db_ndebug=false \
    -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false \
    -Dc_args='-fno-sanitize-recover=all -fno-omit-frame-pointer'
ninja -C "$folder" fuzzers tests/fuzz/wrong_inputs

if [ $# -eq 0 ]; then
  echo "fuzz wrong_inputs: $("$folder/tests/fuzz/wrong_inputs" -s "$seed" \
    -n $((seconds * 4)) tests/conformance/*.cases 2>&1 | tee "$folder/wrong_inputs.log" | tail -1)"
  ! grep -a ' round [0-9]* (' "$folder/wrong_inputs.log" || exit 1
  set -- $(find "$folder/tests/fuzz" -maxdepth 1 -type f -name 'fuzz_*' |
    sed 's|.*/fuzz_||' | sort)
fi
mkdir -p "$folder/found"
passed=0
for name in "$@"; do
  corpus=$folder/corpus/$name
  mkdir -p "$corpus"
  seeds=tests/fuzz/seeds/$name
  [ -d "$seeds" ] || seeds=
  log=$folder/$name.log
  # rss_limit_mb: no parser may ask for memory out of proportion to its input.
  if ! "$folder/tests/fuzz/fuzz_$name" -seed="$seed" -max_total_time="$seconds" -timeout=10 \
      -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=65536 \
      -artifact_prefix="$folder/found/$name-" \
      "$corpus" $seeds >"$log" 2>&1; then
    tail -40 "$log"
    echo "fuzz $name: FAILED; the input is in $folder/found/"
    echo "$passed passed, 1 failed"
    exit 1
  fi
  runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log" | tail -1)
  echo "fuzz $name: ${runs:-?} inputs, nothing found"
  passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
