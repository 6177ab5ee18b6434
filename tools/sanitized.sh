#!/usr/bin/env bash
# Builds firn with sanitizers in a folder of its own and runs the whole suite.
#
#   tools/sanitized.sh FOLDER SANITIZERS [ARGUMENT OF meson test]...
#   tools/sanitized.sh build-asan address,undefined
set -eu
cd "$(dirname "$0")/.."
folder=$1 sanitizers=$2
shift 2

tools/install_packages.sh build
[ -e "$folder/build.ninja" ] ||
  meson setup "$folder" --buildtype=debugoptimized -Db_ndebug=false \
    -Db_sanitize="$sanitizers" -Db_lundef=false \
    -Dc_args='-fno-sanitize-recover=all -fno-omit-frame-pointer'
ninja -C "$folder"

# A leak, an undefined value or a race is an error like any other.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/tools/tsan.supp

# ThreadSanitizer cannot live with the address randomisation of new kernels.
fixed=()
case $sanitizers in *thread*) fixed=(setarch -R) ;; esac
"${fixed[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs -t 8 "$@"
