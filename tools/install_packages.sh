#!/usr/bin/env bash
# Installs the Debian packages that firn's build and checks need and that are
# missing: as root, or by `sudo -n`; otherwise it prints the line to type.
#
#   tools/install_packages.sh GROUP...      build check fuzz oracle
set -eu

# package  how to see that it is there: a command, or a pkg-config module
table() {
  case $1 in
    build) cat <<'END'
make             command make
gcc              command cc
libc6-dev        file /usr/include/stdio.h
meson            command meson
ninja-build      command ninja
pkg-config       command pkg-config
python3          command python3
libcmocka-dev    module cmocka
zlib1g-dev       module zlib
libpng-dev       module libpng
libjpeg62-turbo-dev module libjpeg
libsnappy-dev    file /usr/include/snappy-c.h
libbrotli-dev    module libbrotlidec
libpcre2-dev     module libpcre2-8
libutf8proc-dev  module libutf8proc
END
      ;;
    check) cat <<'END'
binutils         command nm
clang-format     command clang-format
clang-tidy       command clang-tidy
END
      ;;
    fuzz) cat <<'END'
clang            command clang
libclang-rt-14-dev package
END
      ;;
    oracle) cat <<'END'
python3          file /usr/bin/python3
python3-venv     package
END
      ;;
    *) echo "install_packages.sh: no group '$1'" >&2; exit 2 ;;
  esac
}

installed() {
  dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

is_there() { # PACKAGE KIND [WHAT]
  case $2 in
    command) command -v "$3" >/dev/null ;;
    module) pkg-config --exists "$3" 2>/dev/null ;;
    file) [ -e "$3" ] ;;
    package) installed "$1" ;;
  esac
}

missing=()
for group in "$@"; do
  rows=$(table "$group")
  while read -r package kind what; do
    is_there "$package" "$kind" "$what" || missing+=("$package")
  done <<<"$rows"
done
[ ${#missing[@]} -gt 0 ] || exit 0

line="apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "Not a Debian machine. These are missing (Debian's names): ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root=(env DEBIAN_FRONTEND=noninteractive)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
else
  echo "These packages are missing, and only root can install them. Type:" >&2
  echo "    sudo $line" >&2
  exit 1
fi

echo "Installing: ${missing[*]}"
apt-cache show "${missing[@]}" >/dev/null 2>&1 || "${as_root[@]}" apt-get update -q
# Lists that are there may be old: once more with new ones.
"${as_root[@]}" $line -q ||
  { "${as_root[@]}" apt-get update -q && "${as_root[@]}" $line -q; }
