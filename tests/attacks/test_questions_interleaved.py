"""Two requests whose questions a computer would exchange: a press counts for what is shown, only.

And another computer that comes on the line while a question stands, as after a cable was pulled.
"""

import random
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from attacks.clone_middle import Middle
from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import ALICE, says
from attacks.transfers import CODE as CODE_OF_FILE
from attacks.transfers import FILE
from e2e.conftest import presser
from e2e.saved import restarted, synchronised
from e2e.typist import HOLD, Typist

from otpcore.account import Account
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

MALLORY = Account("Mallory", "m", b"98765432109876543210")
REST = 4.0  # seconds after which nothing that was pressed before plays a part
STAND = 1.0  # seconds that a question stands before a press may count: docs/security.md
ON_TIME = 0.15  # seconds that messages take


@pytest.fixture(scope="module")
def used() -> Iterator[tuple[SimulatedToken, HostileComputer]]:
    """A token with two accounts and no PIN, at rest at the beginning of each test."""
    with restarted(synchronised()) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            token.add(ALICE)
            token.add(MALLORY)
        yield sim, HostileComputer(sim)


@pytest.fixture
def both(used) -> Iterator[tuple[SimulatedToken, HostileComputer]]:
    sim, computer = used
    sim.wait(REST)
    yield sim, computer
    sim.wait(REST)
    assert count(computer) == 2


def count(computer: HostileComputer) -> Any:
    return computer.do("status")["account_count"]


# What a press, or a hold, allows, and nothing is changed by.
CODE = ("press", "accounts.code", {"account_id": 1})
MORE = ("press", "accounts.batch", {"additions": 5, "replacements": 0})
RESTORE = (
    "hold",
    "backup.open",
    {"header": b64encode(FILE.header).decode(), "purpose": "replace", "code": CODE_OF_FILE},
)


def exchange(sim, computer, before, after, offset: float) -> str:
    """Show one question, and put another in its place `offset` seconds after a press begins.

    Returns what the press was taken for.
    """
    sim.wait(REST)
    notice, method, parameters = before
    first = computer.asked(notice, method, **parameters)
    sim.press(HOLD if "hold" in (notice, after[0]) else 0.1, after=2.0)
    sim.wait(2.0 + offset)
    computer.do("cancel", 0.02, request_id=first)
    second = computer.begin(after[1], **after[2])
    taken = computer.outcome(second, 4.5)
    ended = computer.outcome(first, 0.1)
    computer.do("cancel", request_id=second)
    assert taken is None or isinstance(taken, dict) or taken == "refused", taken
    if isinstance(ended, dict):
        assert offset > -ON_TIME, "the first was given up before the press"
        return "the first"
    if isinstance(taken, dict):
        assert offset < -STAND + ON_TIME, "the second was not on the screen for a second"
        return "the second"
    return "none"


@pytest.mark.parametrize(
    ("before", "after"),
    [(CODE, MORE), (CODE, RESTORE), (RESTORE, MORE)],
    ids=["press for press", "press for hold", "hold for press"],
)
def test_a_press_counts_for_what_is_shown(both, record_property, before, after):
    sim, computer = both
    offsets = (-1.5, -0.9, -0.4, -0.1, 0.0, 0.08, 0.3)
    ends = Counter(exchange(sim, computer, before, after, offset) for offset in offsets)
    record_property("attack", ["questions exchanged around a press", dict(ends)])
    assert ends["none"] >= 3


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_presses_count_for_what_is_shown(both, record_property, seed: int):
    sim, computer = both
    dice = random.Random(seed)
    ends: Counter[str] = Counter()
    for _ in range(100):
        before, after = dice.sample((CODE, MORE, RESTORE), 2)
        ends[exchange(sim, computer, before, after, dice.uniform(-1.6, 3.4))] += 1
    record_property("attack", ["questions exchanged around a press", dict(ends)])


def test_a_wipe_that_waits_is_not_answered_by_the_hold_for_another_question(both):
    """The computer gives its own question up under the finger, or the hold itself refuses it."""
    sim, computer = both
    for cancels in (None, 0.1, 0.5, 2.5):
        sim.wait(REST)
        first = computer.asked(*CODE[:2], **CODE[2])
        wipe = computer.begin("wipe")
        sim.wait(0.5)
        sim.press(8.0)
        if cancels is not None:
            sim.wait(cancels)
            computer.do("cancel", request_id=first)
        assert computer.outcome(wipe, 9) is None
        assert says(sim, "Wipe token?")
        sim.wait(1)
        sim.press()  # no
        assert computer.outcome(wipe, 3) == "refused"


def test_who_answers_a_wipe_has_not_answered_what_comes_behind_it(both):
    sim, computer = both
    wipe = computer.asked("hold", "wipe")
    assert computer.do("accounts.remove", account_id=2) == "busy"
    sim.press()
    assert computer.outcome(wipe, 2) == "refused"
    remove = computer.begin("accounts.remove", account_id=2)
    sim.press(after=0.3)
    assert computer.outcome(remove, 2) is None
    assert computer.do("cancel", request_id=remove) == {"cancelled": True}


QUESTIONS = [CODE, MORE, RESTORE, ("hold", "wipe", {}), ("hold", "backup.make", {})]


@pytest.mark.parametrize(("notice", "method", "parameters"), QUESTIONS, ids=lambda each: str(each))
def test_no_computer_locks_or_changes_a_token_behind_a_question(both, notice, method, parameters):
    sim, computer = both
    shown = computer.asked(notice, method, **parameters)
    other = HostileComputer(sim)
    for another in ("vault.lock", "vault.set_pin", "accounts.list", "clock.edge", "backup.forbid"):
        assert other.do(another, start=0) == "busy"
    assert other.do("status")["vault"] == "ready"
    sim.press(1.2 if notice == "press" else 0.1)
    assert computer.outcome(shown, 3) == "refused"


def test_another_computer_that_repeats_a_question_has_no_other_one_asked(both):
    """It knows the id from a notice; whatever it names, the press is for what is shown."""
    sim, computer = both
    first = computer.asked(*CODE[:2], **CODE[2])
    other = HostileComputer(sim)  # the cable is in another computer
    for method in ("accounts.remove", "wipe", "vault.clear_pin", "accounts.code"):
        other.begin(method, first, account_id=2)
        sim.wait(0.3)
        assert says(sim, "Send code?")
    for guessed in ("AAAAAAAA", first[::-1], first.upper()):
        assert other.do("cancel", request_id=guessed) == {"cancelled": False}
    sim.wait(2)
    sim.press()
    assert "code" in other.outcome(first, 3)
    sim.wait(2)
    for text in ("Remove?", "Wipe token?", "Send code?"):
        assert not says(sim, text)


def test_what_another_computer_gives_up_is_not_pressed_for(both):
    sim, computer = both
    first = computer.asked(*MORE[:2], **MORE[2])
    other = HostileComputer(sim)
    assert other.do("cancel", request_id=first) == {"cancelled": True}
    sim.press()
    sim.wait(2)
    assert other.outcome(first, 1) in ("cancelled", None)
    assert other.do("accounts.add", account=ALICE.to_wire(), batch_id=first) in (
        "batch_over",
        "account_exists",
    )


def test_a_question_whose_computer_is_gone_ends_and_is_asked_for_by_nobody(both):
    sim, computer = both
    first = computer.asked("press", "accounts.remove", account_id=2)
    sim.wait(31)
    other = HostileComputer(sim)
    assert not says(sim, "Remove?")
    assert other.do("accounts.list", **FIRST_PAGE)["total"] == 2
    sim.press()
    assert other.outcome(first, 2) in ("not_pressed", None)


# A clone that somebody compares, a backup, and the PIN pad: with a wipe in each.


def met(sim, computer: HostileComputer) -> dict[str, str]:
    """Be the taker of a clone, up to the code; return the exchange's name."""
    me = Middle("FEDCBA987654")
    offer = computer.asked("hold", "clone.offer", serial=me.serial)
    sim.press(HOLD, after=0.5)
    name = {"exchange_id": computer.outcome(offer, 30)["exchange_id"]}
    public = b64encode(me.public).decode()
    assert isinstance(computer.do("clone.meet", 20, public_key=public, **name), dict)
    sim.wait(REST)
    return name


def wiped_while_compared(sim, computer: HostileComputer) -> tuple[dict[str, str], str, str]:
    """Have a wipe wait behind the comparison of a clone; return exchange and both requests."""
    name = met(sim, computer)
    compare = computer.asked("press", "clone.compare", **name)
    wipe = computer.begin("wipe")
    sim.wait(1)
    return name, compare, wipe


def test_a_wipe_during_the_comparison_of_a_clone_waits_for_a_hold_of_its_own(both):
    sim, computer = both
    name, compare, wipe = wiped_while_compared(sim, computer)
    sim.press()
    assert computer.outcome(compare, 3) == {}
    assert computer.outcome(wipe, 3) is None
    assert says(sim, "Wipe token?")
    sim.press()
    assert computer.outcome(wipe, 3) == "refused"
    assert isinstance(computer.do("clone.give", 3, **name), dict)
    name, compare, wipe = wiped_while_compared(sim, computer)
    sim.press(9.0)  # it refuses the code, and holds on
    assert computer.outcome(compare, 3) == "refused"
    assert computer.outcome(wipe, 8) is None
    assert computer.do("clone.give", 3, **name) in ("backup_over", "busy")
    assert computer.do("cancel", request_id=wipe) == {"cancelled": True}
    assert computer.do("clone.give", 3, **name) == "backup_over"


def test_after_a_wipe_that_came_during_the_comparison_nothing_is_given(sim, token):
    token.add(ALICE)
    computer = HostileComputer(sim)
    sim.wait(REST)
    name, compare, wipe = wiped_while_compared(sim, computer)
    sim.press()
    assert computer.outcome(compare, 3) == {}
    sim.press(HOLD, after=REST)
    assert computer.outcome(wipe, 14) == {}
    assert computer.do("clone.give", 3, **name) == "backup_over"
    assert count(computer) == 0


def test_a_wipe_behind_the_hold_for_a_backup_is_not_answered_by_it(both):
    """Nor by the hold that ends the recovery code; nothing was drawn then."""
    sim, computer = both
    backup = computer.asked("hold", "backup.make")
    wipe = computer.begin("wipe")
    sim.wait(1)
    sim.press(HOLD)
    assert computer.outcome(wipe, 6) is None
    while (backup, "show_code") not in computer.notices:
        assert computer.outcome(backup, 0.2) is None
    assert not says(sim, "Wipe token?")
    sim.press(9.0)
    assert computer.outcome(backup, 5) == "refused"
    assert computer.outcome(wipe, 8) is None
    assert says(sim, "Wipe token?")
    sim.wait(1)
    sim.press()
    assert computer.outcome(wipe, 3) == "refused"
    assert computer.do("backup.state")["has_code"] is False


def test_a_wipe_behind_the_pad_is_not_answered_by_what_is_typed(both):
    sim, computer = both
    pad = computer.asked("pin", "vault.set_pin")
    wipe = computer.begin("wipe")
    Typist(sim).digits("102").think(1).press(9.0)
    assert computer.outcome(pad, 12) == "refused"
    assert computer.outcome(wipe, 8) is None
    assert says(sim, "Wipe token?")
    sim.wait(1)
    sim.press()
    assert computer.outcome(wipe, 3) == "refused"
    assert not computer.do("status")["has_pin"]
