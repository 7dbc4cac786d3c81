#!/bin/sh
# yubikey-manager 5.9.2 (PyPI, the library yubikit.oath behind ykman and Yubico Authenticator).
#
# A YubiKey stores no period. The library writes a period other than 30 s in front of the
# account's name ("60/Site:ann") and reads it back from there; it does not write "30/", and
# does not escape a name that begins like that itself. An issuer such as "24/7 Help" is
# therefore stored as it is and read back as a period of 24 s and the issuer "7 Help": the
# account was added without a word, and every code of it is computed for the wrong time.
# HOTP accounts have no period and keep their names.
#
# The card is played by a few lines below that follow Yubico's OATH protocol: it stores names
# and keys, and computes HMACs; what is named and which challenge is sent is the library's.
#
# Output seen (2026-11-29, Python 3.11), RFC 6238's SHA-1 secret at 1111111109 s:
#   yubikey-manager 5.9.2
#   put   issuer '24/7 Help' name 'ann' period 30
#   list  issuer '7 Help' name 'ann' period 24
#   code  081804 expected, 796931 given
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cryptography==46.0.3
# Without what only a real reader of cards needs.
env/bin/pip install --quiet --disable-pip-version-check --no-deps \
    yubikey-manager==5.9.2 fido2==2.2.1
cat > probe.py <<'PY'
import hmac
import importlib.metadata
import sys

from yubikit.core import TRANSPORT, Tlv
from yubikit.core.smartcard import SmartCardConnection
from yubikit.oath import CredentialData, OathSession

RFC_6238 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
TIME, CODE = 1111111109, "081804"  # RFC 6238, appendix B, the last six digits


class Card(SmartCardConnection):
    """The OATH application of a card: SELECT, PUT, LIST and CALCULATE."""

    transport = TRANSPORT.NFC

    def __init__(self):
        self.keys = {}

    def close(self):
        pass

    def send_and_receive(self, apdu):
        body = apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
        if apdu[1] == 0xA4 and apdu[2] == 0x04:  # SELECT: version and salt
            return Tlv(0x79, b"\x05\x04\x03") + Tlv(0x71, b"saltsalt"), 0x9000
        if apdu[1] == 0x01:  # PUT: a name and a key with its type and digits
            name, key = Tlv.parse_list(body)[:2]
            self.keys[name.value] = key.value
            return b"", 0x9000
        if apdu[1] == 0xA1:  # LIST
            rows = (Tlv(0x72, key[:1] + name) for name, key in self.keys.items())
            return b"".join(rows), 0x9000
        assert apdu[1] == 0xA2, "CALCULATE is all that is left"
        name, challenge = Tlv.parse_list(body)[:2]
        key = self.keys[name.value]
        mac = hmac.digest(key[2:], challenge.value, "sha1")
        place = mac[-1] & 15
        cut = bytes([mac[place] & 0x7F]) + mac[place + 1 : place + 4]
        return Tlv(0x76, key[1:2] + cut), 0x9000


print("yubikey-manager", importlib.metadata.version("yubikey-manager"))
session = OathSession(Card())
uri = f"otpauth://totp/24%2F7%20Help:ann?secret={RFC_6238}&issuer=24%2F7%20Help"
data = CredentialData.parse_uri(uri)
print(f"put   issuer {data.issuer!r} name {data.name!r} period {data.period}")
session.put_credential(data)
(listed,) = session.list_credentials()
print(f"list  issuer {listed.issuer!r} name {listed.name!r} period {listed.period}")
code = session.calculate_code(listed, TIME).value
print(f"code  {CODE} expected, {code} given")
control = CredentialData.parse_uri(uri.replace("24%2F7%20Help", "Help"))
session.put_credential(control)
right = [session.calculate_code(each, TIME).value for each in session.list_credentials()]
assert CODE in right, "an account with a common name has the right code"
as_said = (data.period, listed.period, listed.issuer) == (30, 24, "7 Help") and code != CODE
sys.exit(0 if as_said else 1)
PY
env/bin/python probe.py
