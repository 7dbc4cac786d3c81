"""What the link must survive (design.md, "Link"), with the real firmware in simulated time."""

import contextlib
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from e2e.conftest import presser
from e2e.wires import BareHost, FaultyWire, Watcher, Wire

from otpcore import errors, lines
from otpcore.account import Account
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
BOB = Account("Example Bank", "bob@example.com", b"abcdefghij", "hotp")
PROBES = (b"AT\r\n", b"ATE1 E0\r", b"AT+GCAP\r\n", b"\x7e\x00\x78\xf0\x7e", b":::", b"+++")


def names(token: Token) -> list[str]:
    return [each.name for each in token.accounts()]


def test_a_reset_at_opening_with_its_boot_log(sim):
    sim.reset()
    wire = Wire(sim.transport())
    with Token(wire) as token:
        assert token.status().account_count == 0
    assert b"POWERON_RESET" in wire.arrived
    assert sim.chip.resets == 1


@pytest.mark.parametrize(
    "rate, seed",
    [
        (0.003, 0),
        (0.01, 2),
        (0.02, 4),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in [(0.003, 1), (0.01, 3), (0.02, 5)]
        ),
    ],
)
def test_bytes_lost_flipped_and_doubled(sim, rate, seed):
    """At 2 % only one in thirteen of the longest lines gets through."""
    wire = FaultyWire(sim.transport(), rate, seed)
    with Token(wire, presser(sim)) as token:
        number = token.add(ALICE)
        assert token.rename(number, ALICE.issuer, "carol").name == "carol"
        assert token.add(BOB) == number + 1
        assert names(token) == ["carol", "bob@example.com"]
        token.remove(number)
        assert token.status().account_count == 1
    assert sim.chip.resets == 0
    with Token(sim.transport()) as token:
        (left,) = token.accounts()
        assert left.key_check_value == BOB.key_check_value()


@pytest.mark.parametrize("part", range(4))
def test_a_reset_while_a_request_is_sent(sim, part):
    """Part 0: before anything is acknowledged; else between two lines."""
    seen = []

    def before(data: bytes) -> None:
        if not seen and data[5:7] == b"%02x" % part and data[7:8] in b"PE":
            seen.append(data)
            sim.reset()

    wire = Wire(sim.transport())
    long = Account("i" * 64, "a" * 64, b"s" * 64)
    with Token(wire, presser(sim)) as token:
        wire.before = before
        begun = sim.time.now()
        token.add(long)
        assert sim.time.now() - begun < 8e9
        assert seen
        assert names(token) == [long.name]


def test_a_reset_while_the_prompt_waits(sim):
    notices = []

    def on_notice(notice: str) -> None:
        notices.append(notice)
        if len(notices) == 1:
            sim.reset()
        else:
            sim.press(after=1)

    with Token(sim.transport(), on_notice) as token:
        token.add(ALICE)
        assert names(token) == [ALICE.name]
    assert notices == ["press", "press"]


CHANGES = {
    "add": lambda token: token.add(Account("new", "", b"x")),
    "replace": lambda token: token.replace(1, Account("new", "", b"x")),
    "rename": lambda token: token.rename(1, "new", ""),
    "move": lambda token: token.move(1, 1),
    "remove": lambda token: token.remove(1),
    "code": lambda token: token.code(2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_reset_after_the_change_was_stored_and_before_the_answer(sim, token, change):
    """It is not carried out twice, and nobody has to press twice; a code that was lost is lost."""
    token.add(ALICE)
    token.add(BOB)
    flash, notices = sim.board.flash, []
    before = flash.programs
    others = {each.name for each in token.accounts()}

    def on_notice(notice: str) -> None:
        notices.append(notice)
        sim.press(after=1)

    def reset() -> None:
        sim.wait(0.005)  # until what belongs to the change is written, too
        sim.reset()

    wire = Watcher(sim.transport(), lambda: flash.programs > before, reset)
    with Token(wire, on_notice) as second:
        with pytest.raises(errors.AlreadyDone) if change == "code" else contextlib.nullcontext():
            CHANGES[change](second)
        assert sim.chip.resets == 1
        programs = flash.programs
        found = second.accounts()
        assert flash.programs == programs
    assert notices == ["press"]
    assert len(found) == {"add": 3, "remove": 1}.get(change, 2)
    assert {each.name for each in found} <= others | {""}
    assert [each.counter for each in found if each.type == "hotp"] == [int(change == "code")]


def test_the_same_request_again_and_again(sim):
    """Carried out once, same answer; also when the token was reset in between."""
    host = BareHost(sim.transport())
    request = {
        "request_id": "AAAAAAAA",
        "method": "accounts.add",
        "params": {"account": ALICE.to_wire()},
    }
    sim.press(after=1.5)
    host.send(request)
    host.send(request)  # while it waits
    (answer,) = host.answers(2)
    assert answer["result"] == {"account_id": 1, "key_check_value": ALICE.key_check_value()}
    programs = sim.board.flash.programs
    assert host.ask(request) == answer
    assert host.ask({"request_id": "BBBBBBBB", "method": "status"})["result"]["account_count"] == 1
    assert host.ask(request) == answer
    sim.reset()
    sim.wait(1)
    assert host.ask(request) == answer
    assert sim.board.flash.programs == programs


def test_a_repeated_request_for_a_code_moves_the_counter_once(sim, token):
    number = token.add(BOB)
    host = BareHost(sim.transport())
    request = {
        "request_id": "AAAAAAAA",
        "method": "accounts.code",
        "params": {"account_id": number},
    }
    sim.press(after=1.5)
    answer = host.ask(request, 2)
    assert answer["result"]["counter"] == 0
    assert host.ask(request) == answer
    for _ in range(2):
        sim.wait(6)
        assert host.ask(request)["error"]["code"] == "already_done"
        sim.reset()
        sim.wait(1)
    assert token.accounts()[0].counter == 1


def test_a_second_program_while_a_prompt_waits(sim):
    heard: list[Any] = []

    def on_notice(notice: str) -> None:
        with Token(sim.transport()) as second:
            heard.append(second.identity.serial)
            heard.append(second.status().account_count)
            with pytest.raises(errors.Busy):
                second.add(BOB)
        sim.press(after=1)

    with Token(sim.transport(), on_notice) as first:
        first.add(ALICE)
    assert heard == [first.identity.serial, 0]
    with Token(sim.transport(), presser(sim)) as second:
        second.add(BOB)
        assert names(second) == [ALICE.name, BOB.name]


def test_a_modem_manager_probes_before_and_in_the_middle(sim):
    chance = random.Random(1)
    for probe in PROBES:
        sim.send(probe)
    wire = Wire(sim.transport(), lambda data: sim.send(chance.choice(PROBES)))
    with Token(wire, presser(sim)) as token:
        token.add(ALICE)
        assert names(token) == [ALICE.name]


def test_a_probe_in_the_middle_of_lines(sim):
    class Torn(Wire):
        torn = 0

        def write(self, data: bytes) -> None:
            self.torn += 1
            middle = len(data) // 2 if self.torn % 3 else 0
            super().write(data[:middle] + b"AT\r\n" * bool(middle) + data[middle:])

    with Token(Torn(sim.transport()), presser(sim)) as token:
        token.add(ALICE)
        assert names(token) == [ALICE.name]


def noise(kind: str, size: int) -> bytes:
    chance = random.Random(kind)
    if kind == "bytes":
        return chance.randbytes(size)
    beginnings = [
        lines.encode(7, part, "P", b":{" * 50)[: -chance.randrange(1, 9)] for part in range(9)
    ]
    if kind == "lines":
        return b"".join(chance.choice(beginnings) for _ in range(size // 120))
    return bytes(chance.choices(b":\n0PEA", k=size))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seconds", [6, pytest.param(60, marks=pytest.mark.long)])
def test_noise_at_full_speed(sim, seconds):
    """Then a good request succeeds, without anybody having waited for the token to recover."""
    kinds = ["bytes", "lines", "colons"]
    end = sim.time.now() + seconds * 10**9
    while sim.time.now() < end:
        sim.send(noise(kinds[0], 11520 // 2))
        kinds.append(kinds.pop(0))
        sim.wait(0.5)
    begun = sim.time.now()
    with Token(sim.transport()) as token:
        assert token.status().clock == "ok"
    assert sim.time.now() - begun < 2e9
    assert sim.chip.resets == 0
    assert sim.chip.uart.dropped == 0  # nothing holds the loop for the time of 259 bytes


def test_hosts_that_die(sim):
    host = BareHost(sim.transport())
    add = {
        "request_id": "AAAAAAAA",
        "method": "accounts.add",
        "params": {"account": ALICE.to_wire()},
    }
    host.send(add, parts=1)  # in the middle of sending
    begun = sim.time.now()
    with Token(sim.transport()) as token:
        assert token.status().account_count == 0
    assert sim.time.now() - begun < 1e9
    host.send(add)  # while its prompt waits
    begun = sim.time.now()
    with Token(sim.transport(), presser(sim)) as token:
        assert token.status().account_count == 0
        with pytest.raises(errors.Busy) as refusal:
            token.add(BOB)
        assert sim.time.now() - begun < 2e9
        assert "busy with another request" in str(refusal.value)
        sim.wait(30)
        token.add(BOB)
        assert names(token) == [BOB.name]


def test_requests_that_nobody_waits_for_hold_nobody_up(sim):
    """A hundred requests, two at a time, whose answers nobody takes; the next program is served."""
    wire = sim.transport()
    for number in range(0, 100, 2):
        for each, method in ((number, b"status"), (number + 1, b"nothing")):
            message = b'{"request_id":"%08d","method":"%s"}' % (each, method)
            wire.write(lines.encode(each, 0, lines.REQUEST_END, message))
        sim.wait(0.02)
    begun = sim.time.now()
    with Token(sim.transport()) as token:
        assert token.status().account_count == 0
    assert sim.time.now() - begun < 1e9


def test_two_runs_are_the_same_to_the_nanosecond():
    def run() -> tuple[int, int, int, str]:
        with SimulatedToken() as sim:
            with Token(FaultyWire(sim.transport(), 0.002, 1), presser(sim)) as token:
                token.sync()
                token.add(ALICE)
                assert len(names(token)) == 1
            sim.press(after=0.5)
            sim.wait(2)
            uart = sim.chip.uart
            return sim.time.now(), uart.received, uart.sent, sim.screen()

    assert run() == run()


@pytest.mark.usefixtures("hashes_of_a_chip")
def test_a_wait_without_a_request_changes_nothing(monkeypatch):
    """Bus, flash and port see the same at the same nanosecond as when each wait is a request."""

    def run() -> dict[str, list[tuple[int, object]]]:
        seen: dict[str, list[tuple[int, object]]] = defaultdict(list)

        def watch(part: object, name: str, what: Callable[..., object]) -> None:
            real = getattr(part, name)

            def watched(*given: Any) -> Any:
                if (shown := what(*given)) is not None:
                    seen[name].append((sim.time.now(), shown))
                return real(*given)

            monkeypatch.setattr(part, name, watched)

        with SimulatedToken() as sim:  # ids of requests, and what keys encrypt, are drawn
            watch(sim.board.bus, "transfer", lambda address, data, size: (address, data, size))
            watch(sim.board.flash, "program", lambda address, data: (address, len(data)))
            watch(sim.board.flash, "erase", lambda sector: sector)
            watch(sim.chip, "from_computer", lambda data, at: len(data))
            watch(sim.chip.uart, "from_board", lambda data, at: len(data) or None)
            with Token(FaultyWire(sim.transport(), 0.002, 1), presser(sim)) as token:
                token.sync()
                token.add(ALICE)
                token.accounts()
            sim.press(after=0.5)
            sim.wait(40)
            assert not sim.board.panel.lit
            sim.hold(3.2)
            sim.wait(3)
            sim.supply(usb=False)
            sim.wait(310)
            assert sim.chip.asleep
        return seen

    by_itself = run()
    monkeypatch.setattr("tokensim.running.execution._QUIET_US", 999)  # shorter than any wait
    assert set(by_itself) == {"transfer", "program", "erase", "from_computer", "from_board"}
    assert by_itself == run()
