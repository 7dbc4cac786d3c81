#!/bin/sh
# mpremote 1.29.0 (PyPI), mpremote rtc --set.
#
# MicroPython's clock has no time zone, and what computes a one-time password takes it for UTC
# (RFC 6238, section 4.2: seconds since 1970 in UTC). mpremote sets it to the computer's local time
# instead, without saying so: every code of a token whose clock was set by it is wrong, except
# where local time is UTC.
#
# The board is a stand-in that answers the raw REPL and notes what is to be run on it.
#
# Output seen (2026-11-30, Python 3.11, TZ=Asia/Kolkata):
#   mpremote 1.29.0
#   the clock is set ahead of UTC by 5.5 h
#   the code is right: no
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check mpremote==1.29.0 pyotp==2.9.0 2>/dev/null
cat > board.py <<'PY'
import calendar
import os
import re
import subprocess
import sys
import threading
import time
import tty
from importlib.metadata import version

import pyotp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ours, theirs = os.openpty()
tty.setraw(ours)
tty.setraw(theirs)
run = []


def answer():
    """Answer as the raw REPL does: Ctrl-A enters, Ctrl-D runs or, with nothing to run, resets."""
    text = b""
    while byte := os.read(ours, 1):
        if byte == b"\x01" and text.startswith(b"\x05"):  # raw paste mode, which is not there
            os.write(ours, b"R\x00")
            text = b""
        elif byte == b"\x01":
            os.write(ours, b"raw REPL; CTRL-B to exit\r\n>")
            text = b""
        elif byte == b"\x04" and text:
            run.append(text.decode())
            os.write(ours, b"OK\x04\x04>")
            text = b""
        elif byte == b"\x04":
            os.write(ours, b"OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>")
        elif byte not in b"\r\x02\x03" or text:
            text += byte


threading.Thread(target=answer, daemon=True).start()
command = [sys.executable, "-m", "mpremote", "connect", os.ttyname(theirs), "rtc", "--set"]
subprocess.run(command, check=True, timeout=30)
(fields,) = re.findall(r"datetime\(\((.*)\)\)", "\n".join(run))
year, month, day, _, *clock = (int(field) for field in fields.split(","))
seconds = calendar.timegm((year, month, day, *clock[:3]))
codes = pyotp.TOTP(SECRET)
print("mpremote", version("mpremote"))
print(f"the clock is set ahead of UTC by {round((seconds - time.time()) / 360) / 10} h")
right = codes.at(seconds) in {codes.at(time.time() + late) for late in (-30, 0, 30)}
print("the code is right:", "yes" if right else "no")
PY
TZ=Asia/Kolkata env/bin/python board.py | tee output
grep -q 'ahead of UTC by 5.5 h' output
grep -q 'the code is right: no' output
