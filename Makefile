# The door: every target is a line into Meson or a script in tools/.
.PHONY: all demo test test-slow check asan tsan fuzz bench install docs format bless clean

all: build/build.ninja
	@ninja -C build

build/build.ninja:
	@tools/install_packages.sh build
	@meson setup build $(MESON_ARGS)

# A real checkpoint of a net that reads digits, inspected, frozen and run.
demo: all
	@demo/run.sh build/firn

test: all
	@meson test -C build --no-rebuild --print-errorlogs

# Kills, full disks, a variable of 2.6 GB: minutes, 6 GB of disk, 3 GB of memory.
test-slow: all
	@ninja -C build tests/slow/big_variable
	@tests/slow/run.py build/firn

# Every rule of CONTRIBUTING.md that a program can check.
check: all
	@tools/install_packages.sh check
	@tools/check.sh build

asan:
	@tools/sanitized.sh build-asan address,undefined

tsan:
	@tools/sanitized.sh build-tsan thread

# FUZZ_SECONDS=60 make fuzz
fuzz:
	@tools/fuzz.sh

# FIRN_MODELS=DIR of the oracle's models; without it, the demo's model only.
bench: all
	@ninja -C build bench/warm bench/checkpoint
	@bench/run.py build/firn

# make install DESTDIR=/tmp/stage; the prefix is Meson's (MESON_ARGS=--prefix=/usr).
install: all
	@meson install -C build --no-rebuild

# The headers as one page, and the README with what the command prints today.
docs: all
	@python3 tools/api_docs.py build/docs/api.md
	@python3 tools/ops_page.py build/firn
	@python3 tools/check_docs.py --bless build/firn

format:
	@tools/check_format.sh --fix

# Takes what the command prints today as what the tests want; read the diff.
bless: all
	@python3 tests/cli/run.py --bless build/firn
	@python3 tools/ops_page.py build/firn
	@python3 tools/check_docs.py --bless build/firn

clean:
	rm -rf build build-*
