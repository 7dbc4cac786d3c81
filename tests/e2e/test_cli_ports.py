"""Which token is meant: --port, --serial, or a search among the serial ports."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from e2e.commandline import CommandLine

from otpcore.account import Account
from tokenctl.device import ports
from tokenctl.device.token import Token
from tokenctl.errors import LinkError, PortBusy, VersionMismatch
from tokensim.token import SimulatedToken

CP2102, NOTHING_OF_OURS = 0x10C4, 0x1234


class Silent:
    """A port with nothing behind it, in simulated time."""

    name = "silent"

    def __init__(self) -> None:
        self._now = 0.0

    def write(self, data: bytes) -> None:
        """Lose it."""

    def read(self, timeout: float) -> bytes:
        """Wait for nothing."""
        self._now += timeout
        return b""

    def restarts(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def time(self) -> float:
        """See Transport."""
        return self._now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        """See Transport."""
        self._now += seconds


class Dying:
    """The token's port, which falls silent or goes away as soon as `dead()`."""

    def __init__(self, token: SimulatedToken, dead: Callable[[], bool], unplugged: bool) -> None:
        self._transport = token.transport()
        self._dead = dead
        self._unplugged = unplugged

    def write(self, data: bytes) -> None:
        """Send bytes, as long as that works."""
        if not self._dead():
            self._transport.write(data)
        elif self._unplugged:
            raise LinkError("the port simulated has gone: was the token unplugged?")

    def read(self, timeout: float) -> bytes:
        """Return what has come, as long as that works."""
        data = self._transport.read(timeout)
        return b"" if self._dead() else data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@pytest.fixture
def another() -> Iterator[SimulatedToken]:
    with SimulatedToken(start=1_800_000_000) as token:
        yield token


class Computer:
    """A computer's serial ports and what is behind them. Call it to plug something in."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.ports: list[SimpleNamespace] = []
        self._behind: dict[str, Any] = {}

    def __call__(self, device: str, vendor: int | None, what: Any) -> None:
        described = SimpleNamespace(device=device, description="CP2102 Bridge", vid=vendor)
        self.ports.append(described)
        self._behind[device] = what

    def transport(self, port: str) -> Any:
        """Open a port."""
        self.opened.append(port)
        what = self._behind[port]
        if isinstance(what, Exception):
            raise what
        return what.transport() if isinstance(what, SimulatedToken) else what


@pytest.fixture
def usb(commandline, monkeypatch) -> Computer:
    computer = Computer()
    monkeypatch.setattr("tokenctl.device.token.SerialTransport", computer.transport)
    monkeypatch.setattr("tokenctl.device.ports.list_ports.comports", lambda: computer.ports)
    return computer


# --- the search ---------------------------------------------------------------------


def test_the_only_token_is_found(commandline, usb):
    usb("/dev/ttyS0", None, Silent())
    usb("/dev/ttyACM0", NOTHING_OF_OURS, Silent())
    usb("/dev/ttyUSB0", CP2102, Silent())
    usb("/dev/ttyUSB1", CP2102, commandline.token)
    assert commandline("list", "--json", port=False).json == []
    assert usb.opened == ["/dev/ttyUSB0", "/dev/ttyUSB1"], "strange devices are left alone"


def test_no_port_at_all(commandline, usb):
    commandline("list", port=False).refused(4, "no token was found", "no serial port", "cable")


def test_only_ports_of_something_else(commandline, usb):
    """A serial port of the computer's own has no USB chip, and that is not said of it."""
    usb("/dev/ttyS0", None, Silent())
    usb("/dev/ttyACM0", NOTHING_OF_OURS, Silent())
    for command in ("list", "verify", "flash"):
        result = commandline(command, port=False)
        result.refused(4, "cable")
        ports = result.err[result.err.index("/dev/ttyS0") : result.err.index("cable")].split(";")
        own, other = (port.partition(": ")[2] for port in ports[:2])
        assert "it is not a USB port" in own and "chip" not in own and ":" not in own
        assert "its USB chip is not one used by such boards" in other and ":" not in other[:90]
    assert usb.opened == []


def test_no_token_at_any_port(commandline, usb):
    usb("/dev/ttyUSB0", CP2102, Silent())
    usb("/dev/ttyUSB1", CP2102, PortBusy("the port /dev/ttyUSB1 is in use by another program"))
    usb("/dev/ttyS0", None, Silent())
    commandline("list", port=False).refused(
        4,
        "/dev/ttyUSB0 (CP2102 Bridge): no token answers",
        "/dev/ttyUSB1 (CP2102 Bridge): in use",
        "/dev/ttyS0 (CP2102 Bridge): skipped",
    )


def test_several_tokens(commandline, usb, another):
    usb("/dev/ttyUSB0", CP2102, commandline.token)
    usb("/dev/ttyUSB1", CP2102, another)
    first, second = (token.board.serial.hex().upper() for token in (commandline.token, another))
    commandline("list", port=False).refused(
        4, "several", f"{first} at /dev/ttyUSB0", f"{second} at /dev/ttyUSB1", "--serial"
    )
    for number in (second, second.lower()):
        status = commandline("status", "--json", "--serial", number, port=False)
        assert status.json["serial"] == second
    commandline("list", "--serial", "ABCDEF", port=False).refused(4, "ABCDEF", first, second)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PortBusy("the port /dev/ttyUSB0 is in use by another program"), 4),
        (VersionMismatch("the token speaks protocol 9"), 9),
        (LinkError("the port /dev/ttyUSB0 has gone"), 5),
    ],
)
def test_the_only_candidate_s_own_error(commandline, usb, error, code):
    usb("/dev/ttyUSB0", CP2102, error)
    usb("/dev/ttyS0", None, Silent())
    commandline("list", port=False).refused(code, str(error))


def test_a_busy_port_beside_the_token_does_no_harm(commandline, usb):
    usb("/dev/ttyUSB0", CP2102, PortBusy("the port is in use"))
    usb("/dev/ttyUSB1", CP2102, commandline.token)
    assert commandline("list", port=False).code == 0


def test_the_search_closes_what_it_does_not_return():
    closed: list[str] = []

    def open_token(device: str, on_notice: Any) -> Any:
        if device == "bad":
            raise RuntimeError
        identity = SimpleNamespace(serial=device)
        return SimpleNamespace(identity=identity, close=lambda: closed.append(device))

    def search(*devices: str, serial: str | None = None) -> Token:
        seen = [ports.Port(device, "", CP2102) for device in devices]
        return ports.find(serial, print, lambda: seen, open_token)

    assert search("A", "B", "C", serial="b").identity.serial == "B"
    assert sorted(closed) == ["A", "C"]
    closed.clear()
    with pytest.raises(RuntimeError):
        search("A", "B", "bad")
    assert sorted(closed) == ["A", "B"]


# --- --port -------------------------------------------------------------------------


def real_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the real serial port back, which the fixture had taken away."""
    from tokenctl.device import transport

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", transport.SerialTransport)


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("/dev/there-is-none", ["there is no port"]),
        ("socket://127.0.0.1:1", ["nothing answers"]),
        ("nonsense://x", ["nonsense://x", "not a kind of URL"]),
        ("/", ["/"]),
        (__file__, ["serial port"]),
    ],
)
def test_a_port_that_cannot_be_used(commandline, monkeypatch, port, words):
    real_port(monkeypatch)
    commandline("list", "--port", port, port=False).refused(4, *words)


def test_a_busy_port(commandline, monkeypatch):
    real_port(monkeypatch)
    master, slave = os.openpty()
    try:
        fcntl.flock(slave, fcntl.LOCK_EX)
        commandline("list", "--port", os.ttyname(slave), port=False).refused(4, "in use")
    finally:
        os.close(master)
        os.close(slave)


def test_a_socket_with_something_else_behind_it(commandline, monkeypatch):
    real_port(monkeypatch)
    monkeypatch.setattr("tokenctl.device.hello.HELLO_TIMEOUT", 0.2)
    monkeypatch.setattr("tokenctl.device.hello.WAKE_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        commandline("list", "--port", port, port=False).refused(4, "no token at", port)


def test_nothing_behind_the_port(commandline, monkeypatch):
    monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: Silent())
    commandline(
        "provision", "-", stdin=b"otpauth://totp/A:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    ).refused(4, "no token at silent")


@pytest.mark.parametrize("unplugged", [False, True], ids=["silent", "unplugged"])
@pytest.mark.parametrize("when", ["listing", "asking"])
def test_a_token_that_stops_answering(commandline: CommandLine, monkeypatch, unplugged, when):
    commandline.put(Account("Example", "alice", b"x" * 20))
    before = commandline.stored()
    dead: list[bool] = []
    find = Token.find

    def looked_for(token: Token, name: str) -> Any:
        if when == "listing":
            dead.append(True)
        return find(token, name)

    monkeypatch.setattr(Token, "find", looked_for)
    transport = Dying(commandline.token, lambda: bool(dead or commandline.asked), unplugged)
    monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: transport)
    result = commandline("remove", "alice", answer="nothing")
    result.refused(5, "gone" if unplugged else "does not answer")
    monkeypatch.undo()
    if when == "asking":
        commandline.token.wait(31)
    assert commandline.stored() == before
