"""A token that never comes to an end does not hold its computer: bounds in time and in count."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from attacks.conftest import COMMANDS, Run
from attacks.hostile_token import ENTRY, HONEST, HostileToken, Say, honest

from otpcore import lines
from tokenctl.device import deadlines, token
from tokenctl.device.deadlines import Deadline
from tokenctl.device.link import Link
from tokenctl.device.transport import READ_MAX, SerialTransport
from tokenctl.errors import LinkError, NoToken
from tokenctl.flashing.loader import Loader

COUNT = itertools.count(1)


def garbage() -> bytes:
    """Bytes that are no line."""
    return b"ets Jul 29 2019 12:21:46 :::\xff\x00" * 100


def echo() -> bytes:
    """Lines that are whole and acknowledge what nobody sent."""
    return lines.encode(next(COUNT) & 0xFFFF, 0, lines.REPLY_ACK)


def others() -> bytes:
    """Whole messages, for somebody else."""
    return lines.encode(next(COUNT) & 0xFFFF, 0, lines.REPLY_END, b'{"request_id":"x","result":{}}')


def begun() -> bytes:
    """Messages that begin and never end."""
    return lines.encode(next(COUNT) & 0xFFFF, 0, lines.REPLY_PART, b'{"request_id":"')


BABBLE = {"garbage": garbage, "echo": echo, "others": others, "begun": begun}


def nothing(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
    """Acknowledge, and never answer."""
    return []


def mute_after_hello(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
    return honest(token, method, parameters) if method == "hello" else []


def ends(outcome: Any, token: HostileToken) -> None:
    """Assert a sentence and exit code 4 or 5, within ten minutes and some megabytes."""
    assert outcome.code in (4, 5), outcome
    (sentence,) = outcome.sentences
    assert sentence.startswith("Error: ") and sentence.endswith("."), sentence
    assert token.now <= 600
    assert token.sent <= deadlines.BYTES_MAX + 2 * READ_MAX


@pytest.mark.parametrize("kind", BABBLE)
def test_babble_instead_of_a_hello(run: Run, kind: str):
    token = HostileToken(nothing, silent=True, babble=BABBLE[kind])
    ends(run(token, "list"), token)


@pytest.mark.parametrize("kind", BABBLE)
@pytest.mark.parametrize("name", ["list", "sync", "code"])
def test_babble_after_the_hello(run: Run, kind: str, name: str):
    arguments, stdin = COMMANDS[name]
    token = HostileToken(mute_after_hello)

    def babble() -> bytes:
        return BABBLE[kind]() if token.methods[-1:] not in ([], ["hello"]) else b""

    token.babble = babble
    ends(run(token, *arguments, stdin=stdin), token)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_token_that_acknowledges_and_never_answers(run: Run, name: str):
    arguments, stdin = COMMANDS[name]
    token = HostileToken(mute_after_hello)
    ends(run(token, *arguments, stdin=stdin), token)


@pytest.mark.parametrize("notice", ["press", "pin", "hold", "x" * 900, 7, None, [], {"a": 1}])
def test_notices_for_ever(run: Run, notice: Any):
    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method == "hello":
            return honest(token, method, parameters)
        return [{"notice": notice}] * 500

    token = HostileToken(answer)
    ends(run(token, "code", "alice"), token)


@pytest.mark.parametrize(("notice", "most"), [("press", 900), ("pin", 7200)])
def test_a_notice_from_time_to_time(notice: str, most: float):
    """Each within the time that the one before has bought; the whole has its bound."""
    now = [0.0]
    patient = Deadline(lambda: now[0], False, 8.0)
    with pytest.raises(LinkError, match="answers none"):
        while now[0] < 10 * most:
            now[0] += 100
            patient.take(1)
            patient.notice(notice)
    assert now[0] <= most + 100


def test_a_pin_after_long_delays_is_waited_for():
    """The waits between wrong PINs grow to half an hour."""
    now = [0.0]
    patient = Deadline(lambda: now[0], False, 8.0)
    patient.notice("pin")
    now[0] += 1790
    patient.take(100)


def listing(page: Any) -> HostileToken:
    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method != "accounts.list":
            return honest(token, method, parameters)
        return [{"result": page}]

    return HostileToken(answer)


@pytest.mark.parametrize("name", ["list", "provision"])
@pytest.mark.parametrize("count", [2, 65535])
def test_pages_for_ever(run: Run, name: str, count: int):
    """The same account again and again; with a count that is never reached."""
    arguments, stdin = COMMANDS[name]
    hostile = listing({"accounts": [ENTRY] * 10, "total": count})
    outcome = run(hostile, *arguments, stdin=stdin)
    if count == 2:
        assert outcome.code in (0, 6)
        return
    assert outcome.code == 5 and b"without end" in outcome.err
    assert hostile.methods.count("accounts.list") * 10 <= token.ACCOUNTS_MAX + 20


def test_pages_that_come_slowly(run: Run):
    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method != "accounts.list":
            return honest(token, method, parameters)
        token.now += 25
        return [{"result": {"accounts": [ENTRY], "total": 4000}}]

    hostile = HostileToken(answer)
    assert run(hostile, "list").code == 5
    assert hostile.now < token.LISTING_MAX + 60


def test_probes_that_come_slowly(run: Run):
    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method == "clock.probe":
            token.now += 20
        return honest(token, method, parameters)

    hostile = HostileToken(answer)
    outcome = run(hostile, "sync")
    ends(outcome, hostile)
    assert b"uncertain by 10 s" in outcome.err and "clock.set" not in hostile.methods


def test_a_token_that_starts_anew_at_each_probe(run: Run):
    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method != "clock.probe":
            return honest(token, method, parameters)
        return [{"result": HONEST[method] | {"run_id": f"{next(COUNT):x}"}}]

    hostile = HostileToken(answer)
    ends(run(hostile, "sync"), hostile)


class Flood:
    """A serial port on which more is waiting whenever somebody looks."""

    in_waiting = 1 << 20

    def read(self, size: int) -> bytes:
        return b"x" * size


def test_one_read_ends_although_more_is_there():
    transport = SerialTransport.__new__(SerialTransport)
    transport._serial = Flood()
    assert len(transport.read(1.0)) <= 2 * READ_MAX


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A TCP port behind which `serve` has each connection, until it ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"socket://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(60)


def test_a_port_that_floods_from_the_first_moment():
    """pyserial reads a socket empty as it opens it, and would read for ever."""

    def flood(connection: socket.socket) -> None:
        while True:
            connection.sendall(echo() * 500)

    with server(flood) as port:
        transport = SerialTransport(port)
        assert transport.read(1.0)
        link = Link(transport, lambda notice: None)
        with pytest.raises(LinkError, match="keeps sending"):
            link.request("status")
        transport.close()


def test_a_loader_that_floods():
    """esptool reads until it is quiet; whole packets without end are no board, either."""
    packet = b"\xc0\x01\x08\x02" + bytes(7) + b"\xc0"

    def flood(connection: socket.socket) -> None:
        while True:
            connection.sendall(packet * 500)

    with server(flood) as port, pytest.raises(NoToken):
        Loader(port)


def test_a_port_that_nobody_reads():
    """A line that does not leave in time is as one that was lost."""
    done = threading.Event()

    def idle(connection: socket.socket) -> None:
        done.wait(60)

    with server(idle) as port:
        transport = SerialTransport(port)
        assert 0 < (transport._serial.write_timeout or 0) <= 5
        done.set()
        transport.close()
