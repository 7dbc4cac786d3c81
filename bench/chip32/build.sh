#!/bin/sh
# Builds a 32-bit MicroPython with a chip's heap, from Debian's source package: build.sh FOLDER
#
# It needs Debian or a derivative on x86_64, and two packages for 32-bit programs:
#   dpkg --add-architecture i386 && apt-get update
#   apt-get install gcc-multilib libmbedtls-dev:i386 dpkg-dev
# Everything else stays in FOLDER, where the result is `micropython`.
set -eu

PACKAGE=micropython
VERSION=1.25.0+ds-1
SUITE=trixie
HERE=$(cd "$(dirname "$0")" && pwd)
NAMES=$HERE/../../host/tokenctl/release/stock-names-v1.24.0.json

fail() {
    echo "$1" >&2
    exit 1
}

mkdir -p "$1" && cd "$1"
command -v apt-get >/dev/null && command -v dpkg-source >/dev/null ||
    fail "A 32-bit MicroPython is built from Debian's sources: this needs apt-get and dpkg-dev."
printf '#include <mbedtls/aes.h>\nint main(void) { return 0; }\n' >probe.c
cc -m32 probe.c -lmbedcrypto -o probe 2>/dev/null ||
    fail "There is no 32-bit compiler or mbedtls: install gcc-multilib and libmbedtls-dev:i386."

# The same mirror as for this computer's own packages, with lists of its own.
site=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' | grep '/debian$' | head -n 1)
[ -n "$site" ] || fail "apt has no mirror of Debian here."
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src [signed-by=$key] $site $SUITE main" >sources.list
mkdir -p lists/partial cache/archives/partial
apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}
apt update
apt source --download-only "$PACKAGE=$VERSION" 2>/dev/null ||
    fail "$SUITE has no $PACKAGE $VERSION any more: change both in bench/chip32/build.sh."
rm -rf source
dpkg-source --extract "${PACKAGE}_$VERSION.dsc" source >unpacked.log 2>&1

port=source/ports/unix
cp -r "$HERE/variant" "$port/variants/chip32"
# What is built in: asyncio, as in the stock image.
echo 'include("$(MPY_DIR)/extmod/asyncio")' >"$port/variants/chip32/manifest.py"
# The names of the stock image cost nothing on a chip.
python3 - "$NAMES" >>"$port/qstrdefsport.h" <<'END'
import json, re, sys

for name in json.load(open(sys.argv[1])):
    if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        print(f"Q({name})")
END
make -C source/mpy-cross >built.log 2>&1
make -C "$port" VARIANT=chip32 MICROPY_FORCE_32BIT=1 MICROPY_SSL_AXTLS=0 MICROPY_SSL_MBEDTLS=1 \
    MICROPY_PY_BTREE=0 MICROPY_PY_FFI=0 STRIP=true \
    CFLAGS_EXTRA="-Wno-error -Wno-double-promotion -Wno-float-conversion" >>built.log 2>&1 ||
    fail "MicroPython could not be built: see $PWD/built.log."
cp "$port/build-chip32/micropython" micropython
rm -rf source lists cache probe probe.c
