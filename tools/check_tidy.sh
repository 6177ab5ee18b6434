#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) over the library and the command.
#
#   tools/check_tidy.sh BUILD-FOLDER [FILE]...
set -eu
cd "$(dirname "$0")/.."
build=$1
shift
[ $# -gt 0 ] || set -- $(python3 tools/sources.py | grep '^src/.*\.c$')

tidy() {
  xargs -r -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" \
    --extra-arg=-Wno-unknown-warning-option "$@" 2>&1 || true
}

# What tools/analyzer.h redefines cannot be defined behind it.
definers='^src/base/(status|alloc)\.c$'
found=$({
  printf '%s\n' "$@" | grep -E "$definers" | tidy
  printf '%s\n' "$@" | grep -vE "$definers" | tidy --extra-arg="-I$PWD/src" \
    --extra-arg="-I$PWD/include" --extra-arg=-include --extra-arg="$PWD/tools/analyzer.h"
} | grep -E '(warning|error):' -A 4 || true)
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
