#!/bin/sh
# lib2fas 1.0.0 (PyPI; what the command 2fas 1.2.1 shows codes with), TwoFactorAuthDetails.totp.
#
# It opens 2FAS's export, reads `otp` with its algorithm, digits, period, counter and token
# type, and then makes PyOTP's TOTP of the secret alone. So an account of 8 digits, of SHA-256 or
# of 60 s, a counter-based and a Steam one all show six digits of SHA-1 and 30 s: codes that
# look right and that no server takes. There is no warning. Whoever checks a move from 2FAS to
# a token with this command finds the token wrong where the command is.
#
# Output seen (2026-11-29, Python 3.11), at 59 s, with the secrets of RFC 6238 and RFC 4226:
#   lib2fas 1.0.0
#   8 digits              lib2fas 287082  RFC 6238 94287082
#   SHA256, 8 digits      lib2fas 599872  RFC 6238 46119246
#   60 s                  lib2fas 287082  RFC 6238 755224
#   HOTP, counter 5       lib2fas 287082  RFC 4226 254676
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check lib2fas==1.0.0 2>/dev/null
cat > probe.py <<'PY'
import json
import sys
from base64 import b32encode
from importlib.metadata import version

import lib2fas

SHORT, LONG = b"12345678901234567890", b"12345678901234567890123456789012"
USUAL = {"digits": 6, "period": 30, "algorithm": "SHA1", "tokenType": "TOTP", "source": "Link"}
CASES = (
    ("8 digits", SHORT, {"digits": 8}, "RFC 6238", "94287082"),
    ("SHA256, 8 digits", LONG, {"digits": 8, "algorithm": "SHA256"}, "RFC 6238", "46119246"),
    ("60 s", SHORT, {"period": 60}, "RFC 6238", "755224"),  # step 0
    ("HOTP, counter 5", SHORT, {"tokenType": "HOTP", "counter": 5}, "RFC 4226", "254676"),
)


def service(place, name, secret, otp):
    label = {"label": name, "account": name, "issuer": name}
    return {
        "name": name,
        "secret": b32encode(secret).decode().rstrip("="),
        "updatedAt": 1702934567518,
        "otp": label | USUAL | otp,
        "order": {"position": place},
    }


services = [service(place, *case[:3]) for place, case in enumerate(CASES)]
with open("export.2fas", "w") as file:
    json.dump({"services": services, "groups": [], "schemaVersion": 4}, file)
print("lib2fas", version("lib2fas"))
wrong = []
for read, (name, _, _, source, right) in zip(lib2fas.load_services("export.2fas"), CASES):
    code = read.totp.at(59)
    print(f"{name:20}  lib2fas {code}  {source} {right}")
    wrong.append(code != right)
sys.exit(0 if all(wrong) else 1)
PY
env/bin/python probe.py
