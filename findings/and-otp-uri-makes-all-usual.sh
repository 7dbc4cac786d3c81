#!/bin/sh
# and-otp-uri 0.0.2 (PyPI), the command and-otp-uri.
#
# It makes otpauth URIs of andOTP's plain backup, to move to another app, and writes secret
# and issuer only. Algorithm, digits, period, counter and type stay behind, and each URI begins
# with otpauth://totp/. By the URI's own rules what is missing is SHA-1, six digits, 30 s: so a
# 60 s, an 8-digit, a SHA-256, a counter-based and a Steam account are enrolled without a
# warning, by whatever reads the list, and give codes that no server takes. Padding stays
# raw in the value.
#
# Output seen (2026-11-29, Python 3.11):
#   and-otp-uri 0.0.2
#   otpauth://totp/usual?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example
#   otpauth://totp/bank?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example
#   otpauth://totp/door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example
#   otpauth://totp/game?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check and-otp-uri==0.0.2 2>/dev/null
cat > backup.py <<'PY'
import json

SHARED = {
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "issuer": "Example",
    "algorithm": "SHA1",
    "digits": 6,
    "thumbnail": "Default",
    "last_used": 1608146844162,
    "used_frequency": 0,
    "tags": [],
}
ENTRIES = (
    {"label": "usual", "type": "TOTP", "period": 30},
    {"label": "bank", "type": "TOTP", "period": 60, "digits": 8, "algorithm": "SHA256"},
    {"label": "door", "type": "HOTP", "counter": 5},
    {"label": "game", "type": "STEAM", "digits": 5},
)
print(json.dumps([SHARED | entry for entry in ENTRIES]))
PY
env/bin/python backup.py > backup.json
env/bin/python -c 'from importlib.metadata import version; print("and-otp-uri", version("and-otp-uri"))'
env/bin/and-otp-uri backup.json | tee uris
test "$(grep -c '^otpauth://totp/' uris)" = 4
! grep -qiE 'algorithm=|digits=|period=|counter=' uris
