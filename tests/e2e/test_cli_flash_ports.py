"""tokenctl flash: which board is taken at which port, and the token that starts there."""

import io
import os

import pytest
from e2e.flash_command import board, build, flashed, lines, micropython, tokenctl
from support.flashing.mockboard import MockSerialBoard

from tokenctl.cli import main
from tokenctl.device import ports
from tokenctl.errors import NoSuchPort
from tokenctl.flashing import app_image, flasher
from tokensim.token import SimulatedToken

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_another_serial_number_is_refused(tokenctl, board):
    assert tokenctl("--serial", "240AC4E29527").code == 4
    assert set(board.data) == {0xFF}
    assert tokenctl("--serial", "240ac4e29526").code == 0


def test_no_board(tokenctl):
    tokenctl(port="socket://127.0.0.1:1").refused(4, "nothing answers")
    tokenctl(port="/dev/there-is-none").refused(4, "there is no port")


def test_a_board_that_is_not_in_its_loader(tokenctl):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = f"socket://127.0.0.1:{silent.getsockname()[1]}"
        tokenctl(port=port).refused(4, "BOOT", "EN", "cable")


def test_a_port_without_reset_lines_gets_no_advice_on_a_tool_s_options(tokenctl):
    """esptool would warn of its own `--before no-reset`, which tokenctl does not have."""
    ours, theirs = os.openpty()
    try:
        result = tokenctl(port=os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)
    result.refused(4, "BOOT")
    assert "RTS" not in result.err and "no-reset" not in result.err


def test_at_a_serial_port_it_waits_for_the_token(tokenctl, monkeypatch):
    with MockSerialBoard() as board, SimulatedToken() as token:
        reports(token, "240AC4E29526")
        serial = token.transport
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: serial())
        result = tokenctl("--json", port=board.port)
        assert result.code == 0, result
        assert flashed(board)
    done = {"event": "done", "firmware": "0.1.0", "token": "240AC4E29526"}
    assert lines(result)[-1] == done
    assert "start" in [each["event"] for each in lines(result)]
    assert "renamed" not in [each["event"] for each in lines(result)]


def reports(token, number):
    """Give a simulated chip this number, as the loader of the mock reports it."""
    token.board.serial = bytes.fromhex(number)
    token.reset()
    token.wait_until_ready()


class Usb:
    """A computer on which the board's port is another one once the board runs.

    `tokens` are behind the ports that are there then.
    """

    def __init__(self, monkeypatch, before, tokens):
        self.before, self.tokens = before, tokens
        self.opened = []
        self._started = False
        start = flasher.wait_for_hello

        def wait(*arguments):
            self._started = True
            return start(*arguments, timeout=0.0)

        monkeypatch.setattr(flasher, "wait_for_hello", wait)
        monkeypatch.setattr(ports, "serial_ports", self.serial_ports)
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", self.transport)

    def serial_ports(self):
        names = self.tokens if self._started else self.before
        return [ports.Port(name, "USB JTAG/serial", 0x303A) for name in names]

    def transport(self, port):
        self.opened.append(port)
        if port not in self.tokens:
            raise NoSuchPort(f"there is no port {port}")
        return self.tokens[port].transport()


@pytest.mark.parametrize("stays", [False, True], ids=["port gone", "port of another now"])
def test_a_port_that_is_another_after_the_reset(tokenctl, monkeypatch, stays):
    with MockSerialBoard() as board, SimulatedToken() as token, SimulatedToken() as other:
        reports(token, "240AC4E29526")
        tokens = {"/dev/ttyACM7": other, "/dev/ttyACM1": token}
        if stays:
            tokens[board.port] = other
        usb = Usb(monkeypatch, [board.port, "/dev/ttyACM7"], tokens)
        result = tokenctl("--json", port=board.port)
        assert result.code == 0, result
    assert lines(result)[-2:] == [
        {"event": "renamed", "port": "/dev/ttyACM1"},
        {"event": "done", "firmware": "0.1.0", "token": "240AC4E29526"},
    ]
    assert "/dev/ttyACM7" not in usb.opened, "what was there before is left alone"


def test_another_token_is_not_taken_for_this_one(tokenctl, monkeypatch):
    with MockSerialBoard() as board, SimulatedToken() as other:
        Usb(monkeypatch, [board.port], {board.port: other})
        result = tokenctl(port=board.port)
        assert result.code == 4
        assert "240AC4E29526 does not answer" in result.err


def test_a_token_that_does_not_start_is_no_success(tokenctl, monkeypatch):
    def vanished(port):
        raise NoSuchPort("there is no port")

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", vanished)
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (0.0,))
    with MockSerialBoard() as board:
        result = tokenctl(port=board.port)
        assert result.code == 4
        assert "does not answer" in result.err and board.port in result.err
        assert result.out == ""
        assert flashed(board)


def test_the_only_board_is_taken(board, monkeypatch, capfd, micropython):
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.setattr(app_image, "build", build)
    found = [
        ports.Port("/dev/modem", "a modem", 0x1234),
        ports.Port(board.url, "CP2102", 0x10C4),
    ]
    monkeypatch.setattr(ports, "serial_ports", lambda: found)
    command = ["flash", "--micropython", str(micropython), "--dry-run"]
    assert main.run(command) == 0
    found.append(ports.Port("/dev/other", "CH340", 0x1A86))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    capfd.readouterr()
    assert main.run(command) == 4
    assert "/dev/other (CH340)" in capfd.readouterr().err
    del found[1:]
    assert main.run(command) == 4
    assert "/dev/modem (a modem)" in capfd.readouterr().err
