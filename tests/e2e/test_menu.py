"""The menu on a simulated token: opened, used and left with presses, as a person does."""

import base64

import pyotp
import pytest
from e2e.commandline import NOTHING
from e2e.conftest import presser
from e2e.small_text import shows
from e2e.typist import Typist

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

pytestmark = pytest.mark.long

SECRETS = [bytes([number]) * 20 for number in range(1, 6)]
NAMES = ["Amazon", "GitHub", "Mollie", "Proton", "Zoom"]
READER = CodeReader(firmware_folder())
PIN = "102010"
# Rows of the menu while the vault is open, and where accounts are hidden.
ROWS = range(12)
ACCOUNTS, FIND, FAVOURITES, ORDER, AHEAD, LOCK, BRIGHTNESS, FLIP, LANGUAGE, OFF, HELP, ABOUT = ROWS


class Finger:
    """Presses one after the other, and waits for what each does."""

    def __init__(self, sim: SimulatedToken) -> None:
        self.sim = sim

    def short(self, times: int = 1, second: bool = False) -> "Finger":
        for _ in range(times):
            self.sim.press(0.1, second=second)
            self.sim.wait(0.6)
        return self

    def long(self, second: bool = False) -> "Finger":
        self.sim.press(0.9, second=second)
        self.sim.wait(1.2)
        return self

    def double(self) -> "Finger":
        self.sim.press(0.08)
        self.sim.press(0.08, after=0.2)
        self.sim.wait(0.8)
        return self

    def row(self, number: int) -> "Finger":
        """Open the menu, and what is behind a row."""
        return self.long(second=True).short(number).long()


def provision(sim: SimulatedToken) -> None:
    with Token(sim.transport(), presser(sim)) as token:
        token.sync()
        batch = token.batch(len(NAMES))
        for name, secret in zip(NAMES, SECRETS, strict=True):
            token.add(Account(name, "alice", secret), batch_id=batch)
    sim.wait(1)


def code(sim: SimulatedToken, number: int, later: int = 0) -> str:
    totp = pyotp.TOTP(base64.b32encode(SECRETS[number]).decode())
    return totp.at(int(sim.time.now() / 1e9) + later)


def shown(sim: SimulatedToken) -> str:
    return READER.read(sim.board.panel.pixels())


def nothing_shown(sim: SimulatedToken) -> None:
    with pytest.raises(NoCode):
        shown(sim)


def mid_period(sim: SimulatedToken) -> None:
    sim.wait((2 - sim.time.now() / 1e9) % 30)


def says(sim: SimulatedToken, text: str) -> bool:
    pixels = [list(map(int, row)) for row in sim.board.panel.pixels()]
    return shows(pixels, text) or shows([[1 - each for each in row] for row in pixels], text)


@pytest.fixture
def five(sim):
    provision(sim)
    return sim


def test_a_new_token_asks_for_its_language_until_it_is_chosen(tmp_path):
    with SimulatedToken(tmp_path) as sim:
        sim.wait(2)
        finger = Finger(sim).short()
        assert says(sim, "Language / Taal") and says(sim, "press: next")
        finger.short()
        assert says(sim, "druk: volgende") and says(sim, "houd vast: kies")
        sim.wait(60)
        finger.short()
        assert says(sim, "hold: choose"), "nothing was chosen before it went dark"
        finger.short().long()
        assert says(sim, "Geen accounts")
    with SimulatedToken(tmp_path) as sim:
        sim.wait(2)
        Finger(sim).short()
        assert says(sim, "Geen accounts"), "it is asked once"


def test_the_question_for_the_language_gives_way_to_accounts(sim):
    Finger(sim).short()
    assert says(sim, "Language / Taal")
    provision(sim)
    mid_period(sim)
    assert shown(sim) == code(sim, 0)


def test_two_presses_open_the_menu_and_one_button_is_enough(five):
    finger = Finger(five).double()
    assert says(five, "Accounts")
    finger.long().short(2)
    mid_period(five)
    finger.long()
    assert shown(five) == code(five, 2)
    finger.short()
    assert shown(five) == code(five, 3), "a short press is still the next account"


def test_a_slow_pair_is_two_accounts_on(five):
    mid_period(five)
    Finger(five).short(2)
    assert shown(five) == code(five, 2)


def test_two_buttons(five):
    finger = Finger(five).long(second=True)
    assert says(five, "Menu")
    finger.short(second=True)
    assert says(five, "Back")
    finger.long(second=True)
    mid_period(five)
    finger.short(second=True)
    assert shown(five) == code(five, 4), "the account before"


def test_find(five):
    finger = Finger(five).row(FIND)
    assert says(five, "Amazon") and says(five, "press")
    finger.short(second=True)
    mid_period(five)
    finger.short()
    assert shown(five) == code(five, 3)


def test_the_next_code_is_not_taken_for_the_present_one(five):
    mid_period(five)
    finger = Finger(five).long()
    assert says(five, "NEXT CODE")
    nothing_shown(five)
    finger.sim.wait(9)
    assert shown(five) == code(five, 0), "by itself it goes back"
    next_one = code(five, 0, 30)
    finger.long()
    finger.long()
    assert shown(five) == code(five, 0), "a second long press goes back"
    five.wait((27 - five.time.now() / 1e9) % 30)
    five.press(0.9)
    five.wait(1.5)
    nothing_shown(five)
    five.wait(3)
    assert shown(five) == next_one == code(five, 0), "it has become the present one"


def test_settings_hold_at_once_and_after_a_restart(tmp_path):
    with SimulatedToken(tmp_path) as sim:
        provision(sim)
        mid_period(sim)
        before = sim.board.panel.pixels()
        finger = Finger(sim).row(FLIP).short().long()
        assert says(sim, "Flip screen") is False, "it stands on its head"
        finger.long(second=True).row(LANGUAGE).short().long().long(second=True)
        finger.row(OFF).short(second=True).long().long(second=True)
        sim.wait(17)
        assert not sim.board.panel.lit, "15 s"
    with SimulatedToken(tmp_path) as sim:
        mid_period(sim)
        sim.press()
        sim.wait(1)
        upright = [row[::-1] for row in sim.board.panel.pixels()[::-1]]
        assert upright[:9] == before[:9]
        assert READER.read(upright) == code(sim, 0)
        Finger(sim).long(second=True)
        upright = [row[::-1] for row in sim.board.panel.pixels()[::-1]]
        assert shows(upright, "Zoeken")


def test_brightness_and_dimming(five):
    panel = five.board.panel
    Finger(five).row(BRIGHTNESS).short().long().long(second=True)
    full = panel.contrast
    assert full == 255
    five.wait(22)
    assert panel.lit and panel.contrast < full
    five.press()
    five.wait(1)
    assert panel.contrast == full
    five.wait(32)
    assert not panel.lit


def test_a_question_takes_over_and_no_press_for_the_menu_answers_it(five):
    finger = Finger(five).long(second=True).short()

    def meant_for_the_menu(notice: str) -> None:
        assert says(five, "Remove?")
        assert not says(five, "Accounts")

    five.press(2, after=0.01)  # begins in the menu, and lasts into the question
    five.wait(0.05)
    with Token(five.transport(), meant_for_the_menu) as token:
        with pytest.raises(errors.NotPressed):
            token.remove(1)
        assert token.status().account_count == 5
    finger.short()
    assert not says(five, "Menu"), "the question closed it"


def test_going_dark_closes_the_menu(five):
    Finger(five).row(ABOUT)
    assert says(five, "About")
    five.wait(32)
    assert not five.board.panel.lit
    mid_period(five)
    Finger(five).short()
    assert shown(five) == code(five, 0)


def test_while_locked_the_menu_has_no_account(commandline):
    sim = commandline.token
    provision(sim)

    def enter(notice):
        Typist(sim).enter(PIN).enter(PIN)

    assert commandline("pin", "set", answer=enter).code == 0
    sim.wait(35)
    finger = Finger(sim)
    sim.press(0.1)
    sim.wait(1)
    sim.press(3.3)  # enters no PIN
    sim.wait(4)
    finger.double()
    assert says(sim, "Brightness") and not says(sim, "Accounts") and not says(sim, "Find")
    finger.short().long().short().long()
    sim.wait(1)
    assert commandline("status", "--json", answer=NOTHING).json["vault"] == "locked"
    nothing_shown(sim)


@pytest.mark.long
def test_last_used_first(five):
    finger = Finger(five).row(ORDER).short().long().long(second=True)
    mid_period(five)
    finger.short(3)
    assert shown(five) == code(five, 3)
    five.wait(32)
    mid_period(five)
    finger.short()
    assert shown(five) == code(five, 3)
    finger.short()
    assert shown(five) == code(five, 0), "then the others, as they were"
    five.wait(32)
    mid_period(five)
    finger.short(2)
    assert shown(five) == code(five, 3), "the one used before that"
