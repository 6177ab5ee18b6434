#!/usr/bin/env bash
# Fails when clang-format would change a file, and names it; --fix lets it.
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" = --fix ]; then
  python3 tools/sources.py | xargs -r clang-format -i
  exit 0
fi
bad=$(python3 tools/sources.py | xargs -r clang-format --dry-run 2>&1 |
  sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: warning.*/\1/p' | sort | uniq -c | sort -rn)
[ -n "$bad" ] || exit 0
printf '%s\nThese files are not in shape (places, name): make format\n' "$bad"
exit 1
