#!/bin/sh
# pyserial 3.5 (PyPI), serial_for_url("socket://HOST:PORT").
#
# Two habits that a port by its device path has not, or that nobody would guess of a socket:
# the opening reads the socket until nothing more is there, and throws that away, so that
# what a server says at once (a greeting, a prompt) is lost when it is quick, and kept when
# it is slow; and in_waiting is 1 where a thousand bytes are waiting, so that the usual
# read(in_waiting) gets one byte a call.
#
# Output seen (2026-11-29, Python 3.11):
#   pyserial 3.5
#     sent before the opening ended: 1000, read afterwards: 0
#     sent afterwards: 1000, in_waiting: 1, read(in_waiting): 1
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > probe.py <<'PY'
import socket
import sys
import threading
import time

import serial
from serial.urlhandler import protocol_socket

server = socket.create_server(("127.0.0.1", 0))
go, greeted = threading.Event(), threading.Event()


def serve():
    connection, _ = server.accept()
    connection.sendall(b"g" * 1000)
    greeted.set()
    go.wait(20)
    connection.sendall(b"x" * 1000)
    go.clear()
    go.wait(20)
    connection.close()


connect = socket.create_connection


def connected(*arguments, **options):
    """Connect, and let a quick server's greeting arrive, as it does over a fast network."""
    opened = connect(*arguments, **options)
    greeted.wait(20)
    time.sleep(0.5)
    return opened


protocol_socket.socket.create_connection = connected
threading.Thread(target=serve, daemon=True).start()
port = serial.serial_for_url(f"socket://127.0.0.1:{server.getsockname()[1]}", timeout=0.5)
greeting = len(port.read(1000))
go.set()
time.sleep(0.5)
waiting = port.in_waiting
first = len(port.read(waiting))
rest = len(port.read(1000 - first))
go.set()
print("pyserial", serial.__version__)
print(f"  sent before the opening ended: 1000, read afterwards: {greeting}")
print(f"  sent afterwards: 1000, in_waiting: {waiting}, read(in_waiting): {first}")
sys.exit(0 if (greeting, waiting, first, rest) == (0, 1, 1, 999) else 1)
PY
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyserial==3.5 2>/dev/null
env/bin/python probe.py
