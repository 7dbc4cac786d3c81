"""tokenctl flash at ports that change or are slow, and what starts in the end."""

from typing import Any

import pytest
from e2e.flash_command import board, ends, flashed, lines, micropython, tokenctl
from esptool.loader import ESPLoader
from support.flashing.mockboard import MockSerialBoard

from tokenctl.device import ports
from tokenctl.errors import NoSuchPort
from tokenctl.flashing import flasher

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_a_port_that_is_named_by_a_link_is_found_by_its_own_name(tokenctl, monkeypatch, tmp_path):
    """udev's link goes with the loader; what starts may be where the loader was."""
    link = tmp_path / "usb-Espressif_USB_JTAG"
    known = []

    def wait(port, serial, there):
        known.extend(there)
        raise NoSuchPort("that is all")

    monkeypatch.setattr(flasher, "wait_for_hello", wait)
    with MockSerialBoard() as board:
        link.symlink_to(board.port)
        found = [ports.Port(each, "USB", 0x303A) for each in (board.port, "/dev/ttyACM7")]
        monkeypatch.setattr(ports, "serial_ports", lambda: found)
        assert tokenctl(port=str(link)).code == 4
    assert known == ["/dev/ttyACM7"]


@pytest.mark.parametrize("stays", [True, False])
def test_what_to_do_next_names_no_port_that_has_gone(tokenctl, monkeypatch, tmp_path, stays):
    """An S2 or S3 that was put into its loader with BOOT: it starts only when EN is pressed."""
    link = tmp_path / "ttyACM0"

    def gone(port):
        if not stays:
            link.unlink(missing_ok=True)
        raise NoSuchPort("there is no port")

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", gone)
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (None, (), 0.0))
    with MockSerialBoard() as board:
        link.symlink_to(board.port)
        option = f"--port {link}" if stays else "--serial 240AC4E29526"
        ends(tokenctl(port=str(link)), 4, "press EN", f"tokenctl {option} status")


class SlowBoard(MockSerialBoard):
    """A board behind a USB chip that loses all that is sent faster than at first."""

    speeds = 0
    _deaf, _rest = False, b""

    def __init__(self):
        super().__init__()
        receive = self._pty.recv

        def recv(size):
            data, self._rest = self._rest or receive(size), b""
            if self._deaf:
                synced = data.find(b"\xc0\x00\x08\x24\x00")
                if synced < 0:
                    raise TimeoutError
                self._deaf, self._rest = False, data[synced:]
                return b""  # a reset: the session is another
            if b"\xc0\x00\x0f\x08\x00" in data:
                self._deaf = True
                self.speeds += 1
                raise TimeoutError
            return data

        self._pty.recv = recv


def test_a_port_that_does_not_manage_the_higher_speed_is_used_at_the_lower(tokenctl, monkeypatch):
    def wait(*_):
        raise NoSuchPort("that is all")

    monkeypatch.setattr(flasher, "wait_for_hello", wait)
    command: Any = ESPLoader.command  # whose own time limit is only for the change of speed
    monkeypatch.setattr(command, "__defaults__", (*command.__defaults__[:-1], 1.0))
    with SlowBoard() as board:
        result = tokenctl(port=board.port)
        assert board.speeds == 1 and result.code == 4, result
        assert flashed(board)


# --- what starts ----------------------------------------------------------------------


class Printing:
    """A port at which a board prints the same line again and again."""

    def __init__(self, text):
        self.name, self._text = "/dev/ttyACM0", text

    def __getattr__(self, name):
        return lambda *_: self._now if name in ("monotonic", "time") else None

    _now = 0.0

    def read(self, timeout):
        self._now += 0.1
        return self._text


def test_a_firmware_that_says_why_it_does_not_start_is_heard(tokenctl, monkeypatch):
    text = b"\notptoken: too little memory\n"
    monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: Printing(text))
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (None, (), 0.0))
    with MockSerialBoard() as board:
        ends(tokenctl(port=board.port), 19, "too little memory to start")


def test_a_firmware_that_fails_at_every_start_is_no_success(tokenctl, monkeypatch):
    from tokenctl.device.models import Identity

    who = Identity(1, "0.1.0", "esp32-devkit", "240AC4E29526", (), fault="ValueError 0:88")
    monkeypatch.setattr(flasher, "_hello", lambda port: who)
    with MockSerialBoard() as board:
        result = tokenctl("--json", port=board.port)
    assert result.code == 19 and "done" not in [each["event"] for each in lines(result)]
    assert "keeps failing" in result.err and "ValueError 0:88" in result.err
