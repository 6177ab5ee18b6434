#!/usr/bin/env bash
# Runs every check and says how each ended.
#
#   tools/check.sh BUILD-FOLDER [quick]
set -u
cd "$(dirname "$0")/.."
build=$1 passed=0 failed=0

check() { # NAME COMMAND...
  local name=$1 log
  shift
  if log=$("$@" 2>&1); then
    echo "ok    $name"
    passed=$((passed + 1))
  else
    echo "FAIL  $name"
    printf '%s\n' "$log" | sed 's/^/      /'
    failed=$((failed + 1))
  fi
}

check layers python3 tools/check_layers.py
check sizes python3 tools/check_size.py
check generated python3 tools/check_generated.py
check symbols python3 tools/check_symbols.py "$build"
check format tools/check_format.sh
check ops-page python3 tools/ops_page.py "$build/firn" --check
check documents python3 tools/check_docs.py "$build/firn"
# The slowest by far, and so not a part of CI.
[ "${2:-}" = quick ] || check tidy python3 tools/check_tidy.py "$build"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
