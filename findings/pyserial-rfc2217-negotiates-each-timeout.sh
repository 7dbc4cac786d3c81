#!/bin/sh
# pyserial 3.5 (PyPI), a port rfc2217://.
#
# A timeout is the reader's own business: the other end has nothing to do with it. Yet setting
# `timeout` on such a port sends all settings (speed, size, parity, stop bits, flow control) to the
# server again, and waits until it has confirmed them, in steps of 0.05 s. A program that sets the
# timeout before each command, as esptool does, spends its time on that: of a board behind a
# network every command costs a tenth of a second more.
#
# Output seen (2026-11-30, Python 3.11):
#   pyserial 3.5
#   subnegotiations for 20 timeouts: 100
#   over a second: yes
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyserial==3.5 2>/dev/null
cat > timeouts.py <<'PY'
import socket
import threading
import time

import serial
import serial.rfc2217

SE = bytes([255, 240])  # what ends a subnegotiation
server = socket.create_server(("127.0.0.1", 0))
seen = bytearray()


class Connection:
    def __init__(self, connected):
        self.write = connected.sendall


def serve():
    connected, _ = server.accept()
    port = serial.serial_for_url("loop://")
    manager = serial.rfc2217.PortManager(port, Connection(connected))
    while data := connected.recv(1024):
        seen.extend(data)
        list(manager.filter(data))


threading.Thread(target=serve, daemon=True).start()
with serial.serial_for_url(f"rfc2217://127.0.0.1:{server.getsockname()[1]}") as port:
    before, begun = seen.count(SE), time.monotonic()
    for each in range(20):
        port.timeout = 1 + each
    took = time.monotonic() - begun
    print("pyserial", serial.__version__)
    print("subnegotiations for 20 timeouts:", seen.count(SE) - before)
    print("over a second:", "yes" if took > 1 else "no")
PY
env/bin/python -W ignore timeouts.py | tee output
grep -q 'for 20 timeouts: 100' output
grep -q 'over a second: yes' output
