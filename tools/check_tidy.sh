#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) over the library and the command.
#
#   tools/check_tidy.sh BUILD-FOLDER [FILE]...
set -eu
cd "$(dirname "$0")/.."
build=$1
shift
[ $# -gt 0 ] || set -- $(python3 tools/sources.py | grep '^src/.*\.c$')
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" \
  --extra-arg=-Wno-unknown-warning-option 2>&1 |
  { ! grep -E '(warning|error):' -A 4; }
