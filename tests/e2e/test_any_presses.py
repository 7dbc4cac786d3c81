"""Whatever is pressed, in whatever order: no dead end, no reset, and no code that must not be.

One token goes through all situations, and random presses come in each of them. What was
pressed before a failure is in its message; the seed gives the same presses again.
"""

import base64
import contextlib
import random

import pyotp
import pytest
from e2e.conftest import presser
from e2e.small_text import shows
from e2e.typist import Typist

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

SECRETS = [bytes([number]) * 20 for number in range(1, 5)]
READER = CodeReader(firmware_folder())
PIN, WRONG_PIN = "102010", "000000"
PERIOD = 30
# Seconds: a delay that a dialog waits for, the PIN entry behind it that nobody ends, and then the
# longest that a token may stay lit.
DARK_WITHIN = 60 + 60 + 65
# Seconds down, and seconds until the next press: within a double one, and not.
DOWN = (0.08, 0.08, 0.08, 0.9, 3.2)
UNTIL = (0.1, 0.5)

# What the start screen says where it has no code, in the languages that presses may have chosen.
NO_ACCOUNTS = ("No accounts", "Geen accounts")
NO_TIME = ("Time unknown", "Tijd onbekend")
PIN_PAD = ("Unlock", "Ontgrendelen")
DELAYED = ("Locked", "Vergrendeld")


class Monkey:
    """Presses what `seed` says, so often in each situation, and looks at the screen each time."""

    def __init__(self, sim: SimulatedToken, seed: int, presses: int) -> None:
        self.sim = sim
        self._random = random.Random(seed)
        self._presses = presses
        self._pressed: list[str] = []
        self._resets = 0

    def begin(self, situation: str) -> None:
        self._pressed = [situation]
        self._resets = self.sim.chip.resets  # some were planned

    def press(self, look) -> None:
        """Press, and have `look` tell after each press whether the screen is as it may be."""
        for _ in range(self._presses):
            down, second = self._random.choice(DOWN), self._random.random() < 0.4
            pause = self._random.choice(UNTIL)
            self._pressed.append(f"{down}{' second' if second else ''}, {pause}")
            self.sim.press(down, second=second)
            self.sim.wait(down + pause)
            assert look(), self._pressed
        assert self.sim.chip.resets == self._resets, self._pressed

    def wake(self) -> None:
        """Wait until it is dark, whatever there was, and press once, not where a code ends."""
        until = self.sim.time.now() / 1e9 + DARK_WITHIN
        while self.sim.board.panel.lit and self.sim.time.now() / 1e9 < until:
            self.sim.wait(2)
        assert not self.sim.board.panel.lit, self._pressed
        self.sim.wait(max(0, self.sim.time.now() / 1e9 % PERIOD - (PERIOD - 2)))
        self.sim.press()
        self.sim.wait(0.6)

    def ends_with(self, texts: tuple[str, ...]) -> None:
        """There is a way back: to a screen that says one of these."""
        self.wake()
        assert says(self.sim, texts), self._pressed

    def ends_with_a_code(self, secrets: list[bytes]) -> None:
        """There is a way back: to the code of an account, the next one if that is set."""
        self.wake()
        light, dark = codes_shown(self.sim)
        if light is None:
            assert dark in codes(self.sim, secrets, later=PERIOD), self._pressed
        else:
            assert light in codes(self.sim, secrets), self._pressed


def pixels(sim):
    """Return the screen as who turned it reads it: presses may have set that."""
    panel = sim.board.panel
    rows = [list(map(int, row)) for row in panel.pixels()]
    return rows if panel.remap else [row[::-1] for row in reversed(rows)]


def inverse(rows):
    return [[1 - each for each in row] for row in rows]


def says(sim, texts):
    picture = pixels(sim)
    return any(shows(each, text) for text in texts for each in (picture, inverse(picture)))


def read(picture):
    try:
        return READER.read(picture)
    except NoCode:
        return None


def codes_shown(sim):
    """Return the code on the screen and the one dark on light, None where there is none."""
    picture = pixels(sim)
    return read(picture), read(inverse(picture))


def codes(sim, secrets=SECRETS, later=0):
    now = int(sim.time.now() / 1e9) + later
    return {pyotp.TOTP(base64.b32encode(secret).decode()).at(now) for secret in secrets}


def no_code(sim):
    """Tell whether no code is shown: the PIN pad has one large digit."""
    return all(len(each or "") < 4 for each in codes_shown(sim))


def right_codes(sim):
    """Tell whether a code is that of now, and one dark on light the next; or it is dark."""
    if not sim.board.panel.lit:
        return True
    if sim.time.now() / 1e9 % PERIOD < 0.2:
        return True  # it may be drawn just now
    light, dark = codes_shown(sim)
    return light in codes(sim) | {None} and dark in codes(sim, later=PERIOD) | {None}


def add(sim, count, first=0):
    with Token(sim.transport(), presser(sim)) as token:
        for number in range(first, first + count):
            token.add(Account(f"Issuer {number}", "alice", SECRETS[number]))


def ask_for_a_code(sim, while_it_asks):
    """A computer asks for a code; whatever is pressed answers it, or nothing does."""
    with (
        Token(sim.transport(), lambda notice: while_it_asks()) as token,
        contextlib.suppress(errors.NotPressed, errors.Refused),
    ):
        token.code(1)


@pytest.mark.parametrize(
    ("seed", "presses"),
    [(1, 12), *(pytest.param(seed, 80, marks=pytest.mark.long) for seed in (2, 3, 4, 10))],
)
def test_no_presses_lead_to_a_dead_end_or_to_a_code_that_must_not_be(seed, presses):
    with SimulatedToken() as sim:
        monkey = Monkey(sim, seed, presses)

        monkey.begin("a new token")
        monkey.press(lambda: no_code(sim))
        monkey.ends_with(NO_ACCOUNTS)

        add(sim, 1)
        monkey.begin("a clock that was never set")
        monkey.press(lambda: no_code(sim))
        monkey.ends_with(NO_TIME)

        with Token(sim.transport(), presser(sim)) as token:
            token.sync()
        monkey.begin("one account")
        monkey.press(lambda: right_codes(sim))
        monkey.ends_with_a_code(SECRETS[:1])

        add(sim, 3, first=1)
        monkey.begin("four accounts, and the menu is open")
        sim.press(0.08)
        sim.press(0.08, after=0.2)
        sim.wait(0.8)
        monkey.press(lambda: right_codes(sim))
        monkey.ends_with_a_code(SECRETS)

        monkey.begin("a question stands")
        ask_for_a_code(sim, lambda: monkey.press(lambda: right_codes(sim)))
        monkey.ends_with_a_code(SECRETS)

        def enter(notice):
            if notice == "pin":  # and not when it restarts before
                Typist(sim).enter(PIN).think(1).enter(PIN)

        with Token(sim.transport(), enter) as token:
            token.change_pin()
            token.lock()
        monkey.begin("locked")
        monkey.press(lambda: no_code(sim))
        monkey.ends_with(PIN_PAD + DELAYED)  # a wrong PIN may have been entered

        monkey.begin("after wrong PINs")
        for _ in range(3):
            Typist(sim).enter(WRONG_PIN)
            sim.wait(14)
        monkey.press(lambda: no_code(sim))
        monkey.ends_with(PIN_PAD + DELAYED)

        assert not sim.chip.console.in_repl
        with Token(sim.transport()) as token:
            assert token.status().vault == "locked"
