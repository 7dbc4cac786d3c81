"""Ports: silent, vanishing, busy, missing, strange; the board's input buffer; two real ones."""

import json
import os
import threading
import tty
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import presser
from e2e.wires import REPLY_KINDS, REQUEST_KINDS, BareHost, Wire

from otpcore import errors, lines, messages
from otpcore.account import Account
from tokenctl.device.hello import HELLO_TIMEOUT, WAKE_TIMEOUT
from tokenctl.device.link import GIVE_UP
from tokenctl.device.token import Token
from tokenctl.device.transport import SerialTransport
from tokenctl.errors import (
    LinkError,
    NoAnswer,
    NoSuchPort,
    NoToken,
    PortBusy,
    PortError,
    VersionMismatch,
)
from tokensim.board.board import Parts
from tokensim.link.link import PtyLink, TcpLink
from tokensim.token import SimulatedToken

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
HELLO = {"protocol": 1, "firmware": "9.9", "board": "b", "serial": "5", "capabilities": []}


class FakeToken:
    """A transport with a token behind it that answers each request as it is told; time jumps."""

    name = "fake"

    def __init__(self, *results: Any, echo: bool = False) -> None:
        self._results = list(results)
        self._echo = echo
        self._now = 0.0
        self._reader = lines.LineReader()
        self._requests = messages.Assembler(*REQUEST_KINDS)
        self._out = b""
        self.requests: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        self._out += data if self._echo else b""
        for line in self._reader.feed(data):
            acknowledge, whole = self._requests.take(line)
            if acknowledge and self._results:
                self._out += lines.encode(line.message, line.part, lines.REPLY_ACK)
            if whole is not None:
                self._answer(json.loads(whole))

    def _answer(self, request: dict[str, Any]) -> None:
        self.requests.append(request)
        if len(self._results) > 1 or (self._results and self._results[0] is not ...):
            answer = {"request_id": request["request_id"]} | self._results.pop(0)
            for line in messages.cut(len(self.requests), messages.dump(answer), *REPLY_KINDS):
                self._out += line

    def read(self, timeout: float) -> bytes:
        data, self._out = self._out, b""
        self._now += 0.001 if data else timeout
        return data

    def restarts(self) -> None:
        pass

    def close(self) -> None:
        pass

    def time(self) -> float:
        return self._now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self._now += seconds


@pytest.mark.parametrize("more", [{}, {"capabilities": None}, {"new": [1]}])
def test_a_token_of_a_newer_protocol(more):
    fake = FakeToken({"result": HELLO | {"protocol": 2} | more})
    with pytest.raises(VersionMismatch) as mismatch:
        Token(fake)
    assert "protocol 2" in mismatch.value.sentence
    assert "update tokenctl" in mismatch.value.sentence
    assert mismatch.value.exit_code == 9


def test_a_token_of_an_older_protocol_refuses_ours():
    fake = FakeToken({"error": {"code": "newer_protocol", "reason": "protocol", "value": 1}})
    with pytest.raises(VersionMismatch, match="only protocol 1: update it"):
        Token(fake)
    assert fake.requests[0]["params"]["protocol"] == messages.PROTOCOL


def test_answers_of_later_firmware_with_more_in_them():
    status = {"account_count": 0, "capacity": 9, "damaged_count": 0, "has_pin": True}
    status |= {"unix_time": 5, "clock": "ok", "vault": "ready"}
    entry = {
        "account_id": 1,
        "issuer": "i",
        "name": "a",
        "colour": "red",
        "key_check_value": "0a1b2c3d",
    }
    entry |= {"type": "totp", "algorithm": "SHA1", "digits": 6, "period": 30}
    later = {"account_id": 2, "type": "ocra", "issuer": "i", "name": "b", "suite": "OCRA-1"}
    token = Token(
        FakeToken(
            {"result": HELLO | {"colour": "red"}, "more": 1},
            {"result": status | {"humidity": 3}},
            {"result": {"accounts": [entry, later], "total": 2, "more": 2}},
            {"result": {"code": "123456", "seconds_left": 3, "next": "654321"}},
            {"error": {"code": "too_hot", "reason": "let_it_cool", "value": 3, "more": []}},
        )
    )
    assert token.status().capacity == 9
    assert [each.name for each in token.accounts()] == ["a", "b"]
    assert token.code(1).code == "123456"
    with pytest.raises(errors.WireError, match="too_hot let_it_cool") as error:
        token.remove(1)
    assert error.value.code == "too_hot"


@pytest.mark.parametrize("result", [None, 7, [], {}, {"protocol": "1"}, {"protocol": 1}, "hello"])
def test_a_hello_that_makes_no_sense(result):
    with pytest.raises(LinkError):
        Token(FakeToken({"result": result}))


@pytest.mark.parametrize(
    "result", [None, 7, [], {}, {"accounts": 7}, {"accounts": [{}], "total": 1}]
)
def test_answers_that_make_no_sense(result):
    for method in (Token.status, Token.accounts, Token.read_clock):
        if method is Token.read_clock and isinstance(result, dict) and "unix_time" in result:
            continue
        with pytest.raises(LinkError, match="not valid"):
            method(Token(FakeToken({"result": HELLO}, {"result": result})))
    with pytest.raises(LinkError, match="neither a result nor an error"):
        Token(FakeToken({"result": HELLO}, {"more": 1})).status()


@pytest.mark.parametrize("echo", [False, True])
def test_nothing_answers(echo):
    """Nor is our own echo taken for an answer."""
    fake = FakeToken(echo=echo)
    notices: list[str] = []
    with pytest.raises(NoToken, match="no token at fake"):
        Token(fake, notices.append)
    assert notices == ["asleep"]
    in_all = HELLO_TIMEOUT + WAKE_TIMEOUT
    assert in_all <= fake.monotonic() <= in_all + 3  # and a look whether MicroPython answers


def test_a_token_that_acknowledges_for_ever_and_never_answers():
    fake = FakeToken({"result": HELLO}, ...)
    with pytest.raises(LinkError, match="answers none"):
        Token(fake).status()
    assert fake.monotonic() < 130
    assert (
        len({request["request_id"] for request in fake.requests}) == 2
    )  # the same, again and again


def test_a_token_that_stops_answering(sim):
    """Unplugged behind its USB chip while its prompt waits: the port is still there."""
    with Token(sim.transport(), lambda notice: sim.power_off()) as token:
        begun = sim.time.now()
        with pytest.raises(NoAnswer) as silence:
            token.add(ALICE)
        assert sim.time.now() - begun < (GIVE_UP + 4) * 1e9
    assert silence.value.sentence == "The token does not answer."
    sim.power_on()
    with Token(sim.transport()) as token:
        assert token.accounts() == []


@pytest.mark.parametrize("copies, dropped", [(2, 0), (3, 3 * lines.LINE_MAX - 259)])
def test_lines_that_are_not_waited_for_overflow_in_an_erase(copies, dropped):
    """Two fit, the third does not: that is why each is acknowledged before the next."""
    line = lines.encode(1, 0, lines.REQUEST_PART, b"x" * lines.PAYLOAD_MAX)
    with SimulatedToken(parts=Parts(flash_size=8 * 4096)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            token.add(ALICE)
        sim.press(3.3, after=1)
        BareHost(sim.transport()).send({"request_id": "AAAAAAAA", "method": "wipe"})
        erases = sim.board.flash.erases
        while sim.board.flash.erases == erases:
            sim.wait(0.001)
        sim.send(line * copies)
        sim.wait(0.5)
        assert sim.chip.uart.dropped == dropped
        with Token(sim.transport()) as token:  # which still works
            assert token.accounts() == []


def test_tokenctl_never_overflows_it():
    """A vault so small that it must be compacted all the time: erase upon erase."""
    with SimulatedToken(parts=Parts(flash_size=7 * 4096)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            batch = token.batch(12)
            for number in range(1, 13):
                token.add(Account("i" * 64, f"{number:064}", b"s" * 128), batch_id=batch)
            for secret in (b"t", b"u", b"v", b"w", b"x"):
                batch = token.batch(0, 12)
                for number in range(1, 13):
                    account = Account("i" * 64, f"{number:064}", secret * 128)
                    token.replace(number, account, batch_id=batch)
            assert len(token.accounts()) == 12
        assert sim.board.flash.erases > 3
        assert sim.chip.uart.dropped == 0


# In real time: a few hundredths of a second each.


@pytest.mark.parametrize("endpoint", [PtyLink, TcpLink], ids=["pty", "socket"])
def test_a_real_port(endpoint):
    with SimulatedToken(endpoint=endpoint()) as sim:
        for _ in range(2):  # opened, closed, and opened again
            with Token.open(sim.port) as token:
                assert token.identity.board
                assert token.status().account_count == 0
        sim.reset()
        with Token.open(sim.port, lambda notice: sim.press(0.25)) as token:
            token.add(ALICE)
            assert [each.name for each in token.accounts()] == [ALICE.name]


def test_a_port_that_is_open_already():
    with SimulatedToken(endpoint=PtyLink()) as sim:
        with Token.open(sim.port) as token:
            with pytest.raises(PortBusy, match="in use by another program"):
                Token.open(sim.port)
            assert token.status().account_count == 0
        Token.open(sim.port).close()


@pytest.mark.parametrize(
    "port, kind",
    [
        ("/dev/no-such-port", NoSuchPort),
        ("/dev/null/x", NoSuchPort),
        ("socket://127.0.0.1:1", NoSuchPort),
        ("socket://nowhere.invalid:7", NoSuchPort),
        ("nonsense://", NoSuchPort),
        ("/dev/null", PortError),
        ("/", PortError),
        (__file__, PortError),
        ("", PortError),
    ],
)
def test_ports_that_cannot_be_opened(port, kind):
    with pytest.raises(kind) as refusal:
        SerialTransport(port)
    assert refusal.value.exit_code == 4
    assert port in refusal.value.sentence


@pytest.mark.parametrize("when", ["writing", "reading"])
def test_a_port_that_vanishes(when):
    master, slave = os.openpty()
    tty.setraw(slave)
    transport = SerialTransport(os.ttyname(slave))
    os.close(slave)
    if when == "writing":
        os.close(master)
    else:
        threading.Timer(0.1, os.close, [master]).start()
    with pytest.raises(LinkError) as loss:
        Token(transport)
    assert "has disappeared: was the token unplugged?" in loss.value.sentence
    assert loss.value.exit_code == 5
    transport.close()


class ChipsOwnUsb:
    """A port at `path` that goes away and comes back as another device: a chip's own USB."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: list[int] = []
        self.plug_in()

    def plug_in(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self._ends += [self.master, slave]
        self.path.symlink_to(os.ttyname(slave))

    def vanish(self) -> None:
        self.path.unlink()
        self.close()

    def close(self) -> None:
        while self._ends:
            os.close(self._ends.pop())


@pytest.mark.parametrize("when", ["writing", "reading"])
def test_a_port_that_goes_away_in_a_restart_is_opened_again(when, tmp_path):
    usb = ChipsOwnUsb(tmp_path / "port")
    transport = SerialTransport(str(usb.path))
    transport.restarts()
    usb.vanish()
    threading.Timer(0.1, usb.plug_in).start()
    if when == "writing":
        transport.write(b"lost")
    assert transport.read(0) == b""
    os.write(usb.master, b"back")
    assert transport.read(2) == b"back"
    transport.write(b"heard")
    assert os.read(usb.master, 9) == b"heard"
    transport.close()
    usb.close()


def test_one_that_does_not_come_back_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("tokenctl.device.transport.RESTART", 0.1)
    usb = ChipsOwnUsb(tmp_path / "port")
    transport = SerialTransport(str(usb.path))
    transport.restarts()
    usb.vanish()
    with pytest.raises(LinkError, match="has disappeared"):
        transport.read(1)
    transport.close()


def test_that_the_token_restarts_is_passed_on_to_the_port(sim):
    """Setting a PIN restarts a board that has no memory for the radio besides."""
    wire, told = Wire(sim.transport()), []
    wire.restarts = lambda: told.append(True)
    with Token(wire, presser(sim)) as token, pytest.raises((NoAnswer, errors.WireError)):
        token.change_pin()
    assert told == [True]


# pyserial does not close a socket whose peer has gone before it: its collection says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_socket_that_vanishes():
    sim = SimulatedToken(endpoint=TcpLink())
    with sim, Token.open(sim.port) as token:
        sim.close()
        with pytest.raises(LinkError, match="has disappeared"):
            token.status()
