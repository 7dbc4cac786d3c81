#!/bin/sh
# Numberstation 1.3.0 (Debian 12, package numberstation 1.3.0-1, an authenticator for phones that
# run Linux), the class OTPUrl, with which it reads each URI and computes each code.
#
# The key URI format names the hash algorithm=SHA256. The program looks for digest=sha256 instead,
# so that a SHA-256 or SHA-512 account out of a QR code is added without a word and shows SHA-1
# codes, which the site refuses. What it writes when it saves has no hash at all: also an account
# that came with digest= and was right is a SHA-1 account after the next start, and in any
# export of it that is moved to a token.
#
# Output seen (2026-11-29), RFC 6238's secret for SHA-256, 8 digits:
#   numberstation 1.3.0, pyotp 2.6.0
#   algorithm=SHA256: the code of sha1
#   digest=sha256:    the code of sha256; once saved and read again, of sha1
# The script ends with 1 when this is no longer so. It needs Debian 12's apt-get; nothing is
# installed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -q=2 numberstation=1.3.0-1 2>/dev/null
dpkg -x numberstation_*.deb root
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyotp==2.6.0
cat > probe.py <<'PY'
import hmac
import importlib.metadata
import struct
import sys
import time

sys.path.insert(0, "root/usr/share/numberstation")
from numberstation.otpurl import OTPUrl

KEY = b"12345678901234567890123456789012"
URI = "otpauth://totp/Site:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&digits=8&"


def code(hash, at):
    """RFC 6238's code of its own secret."""
    mac = hmac.digest(KEY, struct.pack(">Q", int(at // 30)), hash)
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place : place + 4])[0] & 0x7FFFFFFF) % 10**8:08}"


def hash_of(url):
    """The hash whose code of now is shown."""
    first = time.time()
    shown = url.get_token()[0]
    times = (first, time.time())
    return next((each for each in ("sha1", "sha256") for at in times if shown == code(each, at)), "?")


print(f"numberstation 1.3.0, pyotp {importlib.metadata.version('pyotp')}")
standard, own = OTPUrl(URI + "algorithm=SHA256"), OTPUrl(URI + "digest=sha256")
seen = [hash_of(standard), hash_of(own), hash_of(OTPUrl(own.get_url()))]
print(f"algorithm=SHA256: the code of {seen[0]}")
print(f"digest=sha256:    the code of {seen[1]}; once saved and read again, of {seen[2]}")
sys.exit(0 if seen == ["sha1", "sha256", "sha1"] else 1)
PY
env/bin/python probe.py
