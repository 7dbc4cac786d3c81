#!/bin/sh
# KeePassXC 2.7.4 (Debian 12, package keepassxc 2.7.4+dfsg.1-2), attribute "otp" of an entry.
#
# An otpauth:// URI is read for its parameters only; whether it says totp or hotp is not looked
# at. An HOTP account with its counter is therefore shown as a TOTP code that changes every 30
# seconds, in the usual form, with no message and exit code 0. Every server that counts
# refuses it. A program that fills the attribute from a QR code (by a plug-in, an import or a
# library such as pykeepass) has stored a valid URI.
#
# Output seen (2026-11-29), RFC 4226's secret and counter 0, the usual TOTP URI beside it:
#   keepassxc-cli 2.7.4, pykeepass 4.1.1
#   totp: the TOTP code of now
#   hotp: the TOTP code of now (RFC 4226 says 755224), exit code 0
# The script ends with 1 when this is no longer so. It needs Debian 12's apt-get, and downloads
# some 20 MB; nothing is installed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
needed=$(apt-get install --simulate --no-install-recommends keepassxc=2.7.4+dfsg.1-2 |
    awk '/^Inst/ {print $2}')
# shellcheck disable=SC2086  # a list of names
apt-get download -q=2 ${needed:-keepassxc} 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" tree; done
LD_LIBRARY_PATH=$(dirname "$(find tree -name 'libbotan-2.so*' | head -n 1)")
export LD_LIBRARY_PATH QT_QPA_PLATFORM=offscreen HOME="$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pykeepass==4.1.1
cat > probe.py <<'PY'
import hmac
import importlib.metadata
import struct
import subprocess
import sys
import time

from pykeepass import create_database

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CLI = "tree/usr/bin/keepassxc-cli"


def code(counter):
    """RFC 4226's code of its own secret."""
    mac = hmac.digest(b"12345678901234567890", struct.pack(">Q", counter), "sha1")
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def shown(title):
    """What the program shows for an entry, and the TOTP codes of that time."""
    first = time.time()
    run = subprocess.run(
        [CLI, "show", "--quiet", "--totp", "accounts.kdbx", title],
        input="password\n", capture_output=True, text=True, check=True, timeout=60,
    )
    return run.stdout.strip(), {code(int(at // 30)) for at in (first, time.time())}


version = subprocess.run([CLI, "--version"], capture_output=True, text=True, check=True)
print(f"keepassxc-cli {version.stdout.strip()}, pykeepass {importlib.metadata.version('pykeepass')}")
database = create_database("accounts.kdbx", password="password")
for title, kind in (("totp", "totp/Site:ann?"), ("hotp", "hotp/Site:ann?counter=0&")):
    entry = database.add_entry(database.root_group, title, "ann", "")
    entry.otp = f"otpauth://{kind}secret={SECRET}&issuer=Site"
database.save()
said = {}
for title in ("totp", "hotp"):
    given, now = shown(title)
    said[title] = given in now and given != code(0)
    print(f"{title}: {'the TOTP code of now' if said[title] else given}"
          + (f" (RFC 4226 says {code(0)}), exit code 0" if title == "hotp" else ""))
sys.exit(0 if all(said.values()) else 1)
PY
env/bin/python probe.py
