#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) over the library and the command.
#
#   tools/check_tidy.sh BUILD-FOLDER [FILE]...
#
# A file in which nothing was found leaves a stamp in BUILD-FOLDER/tidy and is
# not read again until it, any header, the flags or the rules have changed.
set -eu
cd "$(dirname "$0")/.."
export build=$1
shift
[ $# -gt 0 ] || set -- $(python3 tools/sources.py | grep '^src/.*\.c$')

mkdir -p "$build/tidy"
around=$(find include src -name '*.h' | sort | xargs cat .clang-tidy meson.build \
  meson_options.txt tools/analyzer.h tools/check_tidy.sh | sha256sum)
export around

# Prints what is found in one file; says nothing of a file without a finding.
tidy() { # FILE
  local stamp log known
  stamp=$build/tidy/${1//\//-}
  known=$(echo "$around" | cat - "$1" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$known" ] || return 0
  # An assert tells the analyzer what holds.
  set -- "$1" --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-UNDEBUG
  case $1 in
  # What tools/analyzer.h redefines cannot be defined behind it.
  src/base/status.c | src/base/alloc.c) ;;
  *) set -- "$@" --extra-arg="-I$PWD/src" --extra-arg="-I$PWD/include" \
    --extra-arg=-include --extra-arg="$PWD/tools/analyzer.h" ;;
  esac
  if log=$(clang-tidy "$@" 2>&1); then
    echo "$known" >"$stamp"
  else
    grep -E '(warning|error):' -A 4 <<<"$log" || printf '%s: %s\n' "$1" "$log"
    return 1
  fi
}
export -f tidy

printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'tidy {}'
