"""The simulated serial port over RFC 2217, with pyserial as the program at the other end."""

import os
import select
import socket
import threading
import time
from typing import Any

import pytest
import serial
from serial import rfc2217

from tokenctl.flashing import loader_port
from tokensim.link.rfc2217 import Rfc2217Link

EVERY_BYTE = bytes(range(256))
# pyserial names its thread in a deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")


class Echo:
    """A link that sends back what arrives; `lines` are all that DTR and RTS have been."""

    def __init__(self):
        self.link = Rfc2217Link()
        self.lines = []
        self.link.on_lines = lambda *lines: self.lines.append(lines)
        self._stop = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while True:
            others = self.link.descriptors()
            if self._stop[0] in select.select([self._stop[0], *others], [], [])[0]:
                return
            data = self.link.receive()
            if data:
                self.link.send(data)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        os.write(self._stop[1], b".")
        self._thread.join(100)
        self.link.close()
        for end in self._stop:
            os.close(end)

    def until(self, count):
        """Return the lines once there were so many changes."""
        end = time.monotonic() + 100
        while len(self.lines) < count and time.monotonic() < end:
            time.sleep(0.001)
        return self.lines


@pytest.fixture
def echo():
    with Echo() as echo:
        yield echo


def test_all_bytes_pass_and_the_lines_do_and_drop_together(echo, monkeypatch):
    negotiated = []
    manager: Any = rfc2217.PortManager
    negotiate = manager._telnet_process_subnegotiation
    monkeypatch.setattr(
        manager,
        "_telnet_process_subnegotiation",
        lambda self, option: negotiated.append(option) or negotiate(self, option),
    )
    port = loader_port.opened(echo.link.name)
    port.timeout = 100
    port.write(EVERY_BYTE)
    assert port.read(256) == EVERY_BYTE
    assert echo.lines == [(True, False), (True, True)], "no reset"
    before = len(negotiated)
    for timeout in (1, 2, 3):
        port.timeout = timeout  # which esptool does all the time
    assert len(negotiated) == before
    port.dtr = False
    assert echo.lines[2:] == [(False, True)]
    port.close()
    assert echo.until(4)[3:] == [(False, False)]


def test_the_next_program_is_served_whatever_the_last_one_sent(echo):
    address = echo.link.name.removeprefix("rfc2217://").split(":")
    for rubbish in (b"\xff\xf0", b"\xff\xfa\x2c\x03\xff\xf0", b"\xff\xfa\x2c\xff\xf0", b""):
        with socket.create_connection((address[0], int(address[1]))) as raw:
            raw.sendall(rubbish)
    with serial.serial_for_url(echo.link.name, 115200, timeout=100) as port:
        port.write(b"still there")
        assert port.read(11) == b"still there"
