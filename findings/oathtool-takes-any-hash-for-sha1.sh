#!/bin/sh
# oathtool 2.6.7 (Debian 12, package oathtool 2.6.7-3.1+deb12u1), option --totp=MODE.
#
# Only "sha1", "sha256" and "sha512" are known. Any other word is SHA-1, with no message
# and exit code 0: also "sha-256" and "hmac-sha256", which is how PSKC files and RFC 6238
# write the same hash. A script that checks tokens with the name from a PSKC file finds
# every SHA-256 token wrong, or passes one that computes SHA-1.
#
# Output seen (2026-11-29), RFC 6238's 20-byte secret at 59 s, 8 digits:
#   oathtool (OATH Toolkit) 2.6.7
#   sha1        94287082
#   sha256      32247374
#   sha-256     94287082
#   hmac-sha256 94287082
#   sha384      94287082
# The script ends with 1 when this is no longer so. It needs Debian 12's apt-get.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -q=2 oathtool=2.6.7-3.1+deb12u1 liboath0=2.6.7-3.1+deb12u1 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" tree; done
LD_LIBRARY_PATH=$(dirname "$(find tree -name 'liboath.so.0' | head -n 1)")
export LD_LIBRARY_PATH

code() {
    echo GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ | tree/usr/bin/oathtool --totp="$1" -b -d 8 -N @59 -
}

tree/usr/bin/oathtool --version | head -n 1
sha1=$(code sha1)
sha256=$(code sha256)
printf '%-11s %s\n' sha1 "$sha1" sha256 "$sha256"
same=0
for name in sha-256 hmac-sha256 sha384; do
    given=$(code "$name")
    printf '%-11s %s\n' "$name" "$given"
    [ "$given" = "$sha1" ] && [ "$given" != "$sha256" ] || same=1
done
exit $same
