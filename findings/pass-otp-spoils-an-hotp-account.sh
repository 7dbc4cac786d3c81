#!/bin/sh
# pass-otp 1.2.0 on bash 5.2 (Debian 12, packages pass-otp 1.2.0-7 and bash 5.2.15), pass otp.
#
# An HOTP account gives one code, and not the one that the site waits for: the program adds one to
# the counter of the key URI before it computes, where the format and RFC 4226 begin at the counter
# itself. Then it writes the URI back, with an unquoted "&" in a substitution, which bash has taken
# for the matched text since 5.2: "&counter=0counter=1" is stored. From then on every call
# ends with "missing counter", "pass otp uri" too, with which one would move the account to a
# token. The first call said nothing, and its exit code was 0.
#
# Output seen (2026-11-29), RFC 4226's secret, whose codes are 755224, 287082, ...:
#   pass 1.7.4, pass-otp 1.2.0, oathtool 2.6.7, bash 5.2.15
#   stored with counter=0, and asked: 287082 (that of counter 1), exit code 0
#   the URI afterwards: ...&counter=0counter=1&issuer=Site
#   asked again: exit code 1, Invalid key URI (missing counter)
# The script ends with 1 when this is no longer so. It needs Debian 12's apt-get, gpg and bash;
# nothing is installed.
set -eu
folder=$(mktemp -d)
trap 'GNUPGHOME="$folder/keys" gpgconf --kill gpg-agent 2>/dev/null || true; rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -q=2 pass=1.7.4-6 pass-otp=1.2.0-7 oathtool=2.6.7-3.1+deb12u1 \
    liboath0=2.6.7-3.1+deb12u1 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder/root" -name 'liboath.so*' | head -n 1)")
export LD_LIBRARY_PATH PATH="$folder/root/usr/bin:$PATH" HOME="$folder" GNUPGHOME="$folder/keys"
export PASSWORD_STORE_ENABLE_EXTENSIONS=true PASSWORD_STORE_DIR="$folder/store"
export PASSWORD_STORE_EXTENSIONS_DIR="$folder/root/usr/lib/password-store/extensions"
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key probe@example.com rsa2048 encrypt never \
    2>/dev/null
pass init probe@example.com > log
secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ  # RFC 4226, appendix D
uri="otpauth://hotp/Site:ann?secret=$secret&counter=0&issuer=Site"
printf '%s\n' "$uri" | pass otp insert ann >> log

version() { dpkg-deb -f "$1"_*.deb Version | sed 's/-.*//'; }
echo "pass $(version pass), pass-otp $(version pass-otp)," \
    "oathtool $(version oathtool)," "bash $(bash -c 'echo "${BASH_VERSION%%(*}"')"
of() { oathtool --hotp --base32 --counter="$1" "$secret"; }
first=$(pass otp ann)
echo "stored with counter=0, and asked: $first (that of counter 1), exit code 0"
left=$(pass show ann)
echo "the URI afterwards: ...${left#*"$secret"}"
again=0
said=$(pass otp ann 2>&1) || again=$?
echo "asked again: exit code $again, ${said%%:*}"
[ "$(of 0)" = 755224 ] && [ "$first" = "$(of 1)" ] && [ "$again" != 0 ] &&
    [ "${left#*"$secret"}" = "&counter=0counter=1&issuer=Site" ]
