#!/bin/sh
# pass-import 3.5 (PyPI), the command pimport: an export of Aegis or FreeOTP+ in, otpauth URIs out.
#
# Each URI's label is "totp-secret", whatever the account's name. From Aegis, issuer and name are
# glued together and stand as the issuer; from FreeOTP+ the name stays behind. Nothing is
# percent-encoded, so that an issuer ends at its first "&". Enrolled from such a list, two accounts
# at one site cannot be told apart, and a device that keeps one account a name has room for one.
#
# Output seen (2026-11-30, Python 3.11):
#   pass-import 3.5
#   aegis: label totp-secret, issuer Examplealice
#   aegis: label totp-secret, issuer R
#   freeotp+: label totp-secret, issuer Example
#   freeotp+: label totp-secret, issuer Example
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pass-import==3.5 2>/dev/null
cat > exports.py <<'PY'
import json

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
INFO = {"secret": SECRET, "algo": "SHA1", "digits": 6, "period": 30}
USUAL = {"type": "totp", "note": "", "icon": None, "info": INFO}
ENTRIES = [
    USUAL | {"uuid": "1", "issuer": "Example", "name": "alice"},
    USUAL | {"uuid": "2", "issuer": "R&D", "name": "root"},
]
AEGIS = {"version": 1, "header": {"slots": None, "params": None}}
AEGIS["db"] = {"version": 2, "entries": ENTRIES}
TOKENS = [
    {
        "algo": "SHA1",
        "counter": 0,
        "digits": 6,
        "issuerExt": "Example",
        "issuerInt": "Example",
        "label": name,
        "period": 30,
        "secret": list(secret),
        "type": "TOTP",
    }
    for name, secret in (("alice", b"12345678901234567890"), ("bob", b"09876543210987654321"))
]
FREEOTP = {"tokenOrder": ["Example:alice", "Example:bob"], "tokens": TOKENS}
for name, export in (("aegis", AEGIS), ("freeotp+", FREEOTP)):
    with open(f"{name}.json", "w") as file:
        json.dump(export, file)
PY
cat > uris.py <<'PY'
import csv
import sys
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

print("pass-import", version("pass-import"))
for app in sys.argv[1:]:
    with open(f"{app}.csv") as file:
        for row in csv.DictReader(file):
            uri = urlsplit(row["otpauth"])
            issuer = parse_qs(uri.query)["issuer"][0]
            print(f"{app}: label {uri.path[1:]}, issuer {issuer}")
PY
env/bin/python exports.py
for app in aegis freeotp+; do
  env/bin/pimport --quiet csv $app $app.json --out $app.csv
done
env/bin/python uris.py aegis freeotp+ | tee output
grep -q 'aegis: label totp-secret, issuer Examplealice$' output
grep -q 'aegis: label totp-secret, issuer R$' output
test "$(grep -c 'freeotp+: label totp-secret, issuer Example$' output)" = 2
