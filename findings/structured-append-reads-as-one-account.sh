#!/bin/sh
# segno 1.6.6 writes, zxing-cpp 3.1.1 reads: a QR code in several parts.
#
# A long otpauth URI may be spread over several symbols (structured append, ISO/IEC 18004;
# segno's make_sequence). zxing-cpp hands out each part as a complete text, valid and
# without an error, and no attribute of its Python result names index, count or parity.
# The first part is a URI of its own: its secret is cut short, the hash and the
# number of digits that stand in the second part are gone, and a program that takes it gives
# wrong codes for ever.
#
# Output seen (2026-11-29, Python 3.11):
#   segno 1.6.6, zxing-cpp 3.1.1
#   whole : secret of 52 characters, algorithm SHA512, digits 8
#   part 1: 'otpauth://totp/ACME:alice@example.com?issuer=ACME&secret=GEZDGNBVGY3', valid
#   part 1: secret of 11 characters, algorithm None, digits None
#   attributes that name the sequence: none
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check segno==1.6.6 zxing-cpp==3.1.1 pillow==12.0.0 2>/dev/null
cat > probe.py <<'PY'
import io
import sys
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import segno
import zxingcpp
from PIL import Image

URI = ("otpauth://totp/ACME:alice@example.com?issuer=ACME"
       "&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&algorithm=SHA512&digits=8")


def told(text):
    query = {key: values[0] for key, values in parse_qs(urlsplit(text).query).items()}
    return len(query.get("secret", "")), query.get("algorithm"), query.get("digits")


print(f"segno {version('segno')}, zxing-cpp {version('zxing-cpp')}")
print("whole : secret of %d characters, algorithm %s, digits %s" % told(URI))
first = segno.make_sequence(URI, symbol_count=2)[0]
png = io.BytesIO()
first.save(png, kind="png", scale=6)
found = zxingcpp.read_barcodes(Image.open(png).convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
part = found[0]
print(f"part 1: {part.text!r}, {'valid' if part.valid else 'invalid'}")
print("part 1: secret of %d characters, algorithm %s, digits %s" % told(part.text))
named = [name for name in dir(part) if "sequence" in name.lower() or "append" in name.lower()]
print("attributes that name the sequence:", ", ".join(named) or "none")
length, algorithm, digits = told(part.text)
cut = 0 < length < told(URI)[0] and algorithm is None and digits is None
sys.exit(0 if len(found) == 1 and part.valid and cut and not named else 1)
PY
env/bin/python probe.py
