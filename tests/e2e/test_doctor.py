"""tokenctl doctor against tokens that have a fault: it names each, and says what to do."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from e2e import saved
from e2e.commandline import HOLD, CommandLine, Result
from e2e.typist import Typist

from otpcore.account import Account
from tokenctl.cli.checks import contents
from tokenctl.cli.checks.finding import titles
from tokenctl.clock.computer import ComputerClock
from tokenctl.device.token import Token
from tokenctl.errors import LinkError
from tokenctl.payload import firmware_folder
from tokensim.board.board import USUAL, Parts
from tokensim.board.models import fit
from tokensim.port.runtime import Runtime
from tokensim.running.fault_injection import FAULTS
from tokensim.token import SimulatedToken

WRONG = 19
DEVKIT = json.loads((firmware_folder() / "board.json").read_text())
BATTERY = DEVKIT | {
    "battery": {
        "pin": 35, "upper_ohms": 100_000, "lower_ohms": 100_000, "warn_mv": 3500, "empty_mv": 3300,
    }
}  # fmt: skip
A_MONTH = 30 * 86400


@pytest.fixture
def started(monkeypatch, capfd):
    """Return what starts a token, with tokenctl on it and its clock set."""
    with contextlib.ExitStack() as tokens:

        def start(parts: Parts = USUAL, **options: Any) -> CommandLine:
            if parts == USUAL and not options:
                token = tokens.enter_context(saved.restarted(saved.synchronised()))
                return CommandLine(token, monkeypatch, capfd)
            token = tokens.enter_context(SimulatedToken(parts=parts, **options))
            commandline = CommandLine(token, monkeypatch, capfd)
            if parts.rtc != "none":
                commandline("sync")
            return commandline

        yield start


def checks(result: Result) -> dict[str, dict[str, Any]]:
    """Return the findings by their names; the report is JSON and nothing else."""
    report = result.json
    assert set(report) == {"about", "wrong", "checks"}
    assert report["wrong"] == (result.code == WRONG)
    found = {each["check"]: each for each in report["checks"]}
    assert set(found) <= set(titles())
    for each in found.values():
        assert each["state"] in ("ok", "warn", "fail", "skipped") and each["text"]
        assert (
            each["advice"]
            or each["state"] in ("ok", "skipped")
            or each["check"]
            in (
                "clock_offset",  # whose sentence has it
            )
        ), each
    return found


def failing(found: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, each in found.items() if each["state"] == "fail"}


def nothing(commandline: CommandLine) -> None:
    pass


def suffer(*faults: str) -> Callable[[CommandLine], None]:
    def inflict(commandline: CommandLine) -> None:
        for fault in faults:
            commandline.token.inject_fault(fault)
        commandline.token.wait(1)

    return inflict


def restarted(fault: str) -> Callable[[CommandLine], None]:
    """The fault shows after the supply was away."""

    def inflict(commandline: CommandLine) -> None:
        commandline.token.inject_fault(fault)
        commandline.token.stay_unplugged(60)

    return inflict


def shift(commandline: CommandLine) -> None:
    commandline.token.shift_clock(90)
    commandline.token.wait(3)


def drift(commandline: CommandLine) -> None:
    commandline.token.drift_clock(40)
    commandline.token.stay_unplugged(A_MONTH)
    commandline("sync")


def lose_time(commandline: CommandLine) -> None:
    restarted("dead-cell")(commandline)
    commandline("sync")


def move_panel(commandline: CommandLine) -> None:
    bus, panel = commandline.token.board.bus, DEVKIT["panel"]
    bus.detach(panel["address"] + 1)
    other = fit(panel)
    assert other is not None
    bus.attach(other)


def damage(commandline: CommandLine) -> None:
    token = commandline.token
    commandline.put(*(Account(f"Example {each}", "alice", b"x" * 20) for each in range(3)))
    flash = token.board.flash
    image = flash.read(0, flash.size)
    start = image.rindex(b"OTR\1")  # the log's newest sector, whose records follow
    flash.program(start + 32 + 150, bytes(120))
    token.reset()
    token.wait(3)


@dataclass(frozen=True)
class Case:
    """A fault, the check that has to name it, and words that its line must have."""

    check: str
    words: tuple[str, ...]
    inflict: Callable[[CommandLine], None]
    state: str = "fail"
    others: frozenset[str] = frozenset()  # checks that may fail with it
    parts: Parts = USUAL


CASES = {
    "no-panel": Case("panel", ("SSD1306", "0x3C", "SDA"), suffer("no-panel")),
    "panel at another address": Case(
        "panel", ("0x3D", "0x3C", "board definition"), move_panel,
        parts=Parts(DEVKIT | {"panel": DEVKIT["panel"] | {"address": 0x3D}}),
    ),
    "no-clock-chip": Case(
        "clock_chip", ("no clock chip answers",), suffer("no-clock-chip"),
        others=frozenset({"clock_time"}),
    ),
    "never had one": Case(
        "clock_chip", ("no clock chip answers",), nothing,
        others=frozenset({"clock_time"}), parts=Parts(rtc="none"),
    ),
    "other-clock-chip": Case(
        "clock_chip", ("PCF8563", "DS3231"), suffer("other-clock-chip"),
        others=frozenset({"clock_time"}),
    ),
    "another one than the definition names": Case(
        "clock_chip", ("names a DS3231", "PCF8563 answers"), nothing,
        others=frozenset({"clock_time"}),
        parts=Parts(DEVKIT | {"rtc": {"driver": "ds3231"}}, rtc="pcf8563"),
    ),
    "another one at the same address": Case(
        "clock_chip", ("names a DS3231", "DS1307 answers"), nothing,
        others=frozenset({"clock_time"}),
        parts=Parts(DEVKIT | {"rtc": {"driver": "ds3231"}}, rtc="ds1307"),
    ),
    "stopped-oscillator": Case(
        "clock_time", ("stopped", "coin cell", "tokenctl sync"), suffer("stopped-oscillator"),
        others=frozenset({"clock_cell"}),
    ),
    "dead-cell": Case(
        "clock_cell", ("coin cell", "replace"), restarted("dead-cell"),
        others=frozenset({"clock_time"}),
    ),
    "a cell that had died": Case("clock_cell", ("1 time", "cell"), lose_time, state="warn"),
    "90 s ahead": Case("clock_offset", ("90 s ahead", "tokenctl sync"), shift),
    "a fast crystal": Case("clock_drift", ("+40.0 ppm", "DS3231", "--calibrate"), drift, "warn"),
    "stuck-bus": Case(
        "bus", ("held low", "SDA"), suffer("stuck-bus"),
        others=frozenset({"clock_chip", "clock_time", "panel"}),
    ),
    "stuck-button": Case("buttons", ("button 1", "down"), suffer("stuck-button")),
    "bad-sector": Case("flash", ("1 of 126 sectors is bad",), suffer("bad-sector")),
    "a damaged record": Case("vault", ("cannot be read", "enrol"), damage),
    "noisy-line": Case("link", ("sent again", "cable"), suffer("noisy-line"), state="warn fail"),
    "low-battery": Case(
        "supply", ("battery", "3.30 V", "charge"), suffer("low-battery"),
        parts=Parts(BATTERY),
    ),
    "stuck-random": Case("randomness", ("random generator fails",), suffer("stuck-random")),
    "no PIN": Case("pin", ("tokenctl pin set",), nothing, "warn"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named(started, name):
    case = CASES[name]
    commandline = started(case.parts)
    case.inflict(commandline)
    result = commandline("doctor", "--json")
    found = checks(result)
    line = found[case.check]
    assert line["state"] in case.state.split(), found
    for word in case.words:
        assert word.lower() in f"{line['text']} {line['advice']}".lower(), line
    expected = case.others | ({case.check} if line["state"] == "fail" else set())
    assert failing(found) <= expected, found
    assert (result.code == WRONG) == bool(failing(found))
    if "clock_time" in failing(found):  # no date until which codes are good: there are none
        assert found["clock_drift"]["state"] == "skipped"
        assert "Drift" not in commandline("status").out


def test_after_a_wipe_the_time_is_known_and_only_the_drift_is_not(started):
    commandline = started()
    commandline("sync")
    commandline("wipe", answer=HOLD)
    found = checks(commandline("doctor", "--json"))
    assert found["clock_time"]["state"] == "ok" and found["clock_drift"]["state"] == "skipped"
    assert "never set" not in found["clock_drift"]["text"]


def test_every_fault_of_the_simulator_is_in_the_table():
    assert set(FAULTS) <= set(CASES)


def test_a_token_that_is_well_and_the_report_for_people(started):
    commandline = started()
    account = Account("Secret Bank", "alice@example.com", b"12345678901234567890")
    (stored,) = commandline.put(account)
    before = commandline.token.board.flash.programs, commandline.token.board.flash.erases
    result = commandline("doctor")
    assert (result.code, failing(checks(commandline("doctor", "--json")))) == (0, set())
    assert (commandline.token.board.flash.programs, commandline.token.board.flash.erases) == before
    assert "No problems found" in result.err
    for text in ("0x3C SSD1306", "0x68 DS3231", "MicroPython 1.24.0", "1 of 1000 accounts"):
        assert text in result.out
    with commandline.open() as token:
        serial = token.identity.serial
    for private in ("Secret", "alice", serial, stored.key_check_value):
        assert private not in result.out + result.err
    assert commandline.stored() == [stored]


def test_without_a_terminal_nobody_is_asked_and_that_is_said(started):
    found = checks(started()("doctor", "--json"))
    for name in ("panel_picture", "button_presses"):
        assert found[name]["state"] == "skipped" and "terminal" in found[name]["text"]


@pytest.mark.parametrize(
    ("answers", "presses", "states"),
    [
        ("\ny\n", (False, True), ("ok", "ok")),
        ("\ny\n", (None, False, True), ("ok", "ok")),
        ("\nn\n", (False, None, None), ("fail", "fail")),
        ("", (True, False), ("skipped", "fail")),
    ],
)
def test_somebody_looks_and_presses(started, monkeypatch, answers, presses, states):
    """What they answer at the keyboard, and which button (True: the second) they press when."""
    commandline = started()
    monkeypatch.setattr("tokenctl.cli.commands.doctor.is_interactive", lambda: True)
    asked = []

    def tell(text: str) -> None:
        second = presses[len(asked)]
        asked.append(text)
        if second is not None:
            commandline.token.press(after=1.5, second=second)

    monkeypatch.setattr("tokenctl.cli.checks.interactive.tell", tell)
    result = commandline("doctor", stdin=answers)
    assert len(asked) == len(presses) and sum("second button" in each for each in asked) == 1
    lines = {line.split()[1]: line.split()[0].lower() for line in result.out.splitlines()}
    named = {"ok": "ok", "fail": "fail", "-": "skipped"}
    assert (named[lines["Picture"]], named[lines["Presses"]]) == states
    assert result.code == (WRONG if "fail" in states else 0)


def test_the_screen_shows_all_lit_and_then_a_chessboard(started):
    sim = started().token
    seen = set()
    with Token(sim.transport()) as token:
        wait = sim._run  # noqa: SLF001 (each time that passes)

        def look(seconds, stop):
            seen.add(sum(map(sum, sim.board.panel.pixels())))
            return wait(min(seconds, 0.3), stop)

        sim._run = look
        token.examination.panel()
    assert 128 * 64 in seen and 128 * 32 in seen


def test_a_locked_token_is_examined_and_stays_locked(started):
    commandline = started()

    def enter(notice: str) -> None:
        typist = Typist(commandline.token)
        typist.enter("102938")
        typist.enter("102938")

    assert commandline("pin", "set", answer=enter).code == 0
    assert commandline("lock").code == 0
    result = commandline("doctor", "--json")
    assert (result.code, commandline.asked) == (0, [])
    found = checks(result)
    assert "locked" in found["vault"]["text"] and "unlocked" in found["clock_cell"]["text"]
    assert found["pin"]["values"]["set"] is True
    with commandline.open() as token:
        assert token.status().vault == "locked"


def test_a_token_that_is_pulled_out_is_said_with_what_was_found(started, monkeypatch):
    commandline = started()

    def gone(token: Token) -> None:
        raise LinkError("the port /dev/ttyUSB0 has gone: was the token unplugged?")

    monkeypatch.setattr("tokenctl.device.token.Token.clock_offset", gone)
    found = checks(commandline("doctor", "--json"))
    assert found["bus"]["state"] == "ok" and "unplugged" in found["link"]["text"]


def test_little_memory_is_named(started):
    found = checks(started(runtime=Runtime(heap="216K"))("doctor", "--json"))
    memory, firmware = found.get("memory"), found["firmware"]
    # With less still it cannot even start.
    assert (memory and memory["state"] in ("warn", "fail")) or "MemoryError" in firmware["text"]


def test_a_heap_of_other_words_than_the_chip_s_is_not_taken_for_a_board_s(started):
    """The interpreter that tokensim runs has 64-bit words: all that lies in it is larger."""
    assert (
        "64-bit words, so not what a board"
        in checks(started()("doctor", "--json"))["memory"]["text"]
    )
    board = {"free": 40_000, "used": 100_000, "block": 4096, "word": 4}
    assert "words" not in contents.memory(board).text


def test_a_computer_that_is_not_synchronised_is_said(started, monkeypatch):
    commandline = started()
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: ComputerClock(False, 3600.0))
    assert checks(commandline("doctor", "--json"))["computer_clock"]["state"] == "warn"
