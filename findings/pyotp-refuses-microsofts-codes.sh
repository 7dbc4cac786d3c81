#!/bin/sh
# PyOTP 2.12.1 beside 2.9.0 (PyPI), parse_uri and TOTP.at.
#
# 2.12.1 refuses a secret of 80 bits, both when a URI is read and when a code is computed.
# That is what Microsoft Entra issues, and 2.9.0 took it. Either refuses an issuer parameter
# that differs from the label's prefix, as every Microsoft code has it ("Microsoft" against the
# organisation's name). So a check of a token with PyOTP ends in an exception on the most
# common enrolment there is.
#
# Output seen (2026-11-29, Python 3.11); the secret is RFC 4226's, cut to 80 bits:
#   pyotp 2.9.0
#     80-bit secret: accepted
#     issuer differs from the prefix: ValueError: If issuer is specified in both label and parameters, it should be equal.
#     code at 59 s: 263420
#   pyotp 2.12.1
#     80-bit secret: ValueError: Secrets must be at least 112 bits after decoding
#     issuer differs from the prefix: ValueError: If issuer is specified in both label and parameters, it should be equal.
#     code at 59 s: ValueError: Secrets must be at least 112 bits after decoding
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > probe.py <<'PY'
import sys
from importlib.metadata import version

import pyotp

SECRET = "GEZDGNBVGY3TQOJQ"  # 80 bits
LONG = SECRET * 2


def outcome(call):
    try:
        return call()
    except ValueError as error:
        return f"ValueError: {error}"


def accepted(uri):
    return outcome(lambda: pyotp.parse_uri(uri) and "accepted")


results = [
    accepted(f"otpauth://totp/alice?secret={SECRET}"),
    accepted(f"otpauth://totp/Contoso:alice?secret={LONG}&issuer=Microsoft"),
    outcome(lambda: pyotp.TOTP(SECRET).at(59)),
]
print("pyotp", version("pyotp"))
for name, result in zip(("80-bit secret", "issuer differs from the prefix", "code at 59 s"), results):
    print(f"  {name}: {result}")
refused = [result.startswith("ValueError") for result in results]
old = sys.argv[1] == "2.9.0"
sys.exit(0 if refused == [not old, True, not old] else 1)
PY
for release in 2.9.0 2.12.1; do
    python3 -m venv "env-$release"
    "env-$release/bin/pip" install --quiet --disable-pip-version-check "pyotp==$release" 2>/dev/null
    "env-$release/bin/python" probe.py "$release"
done
