"""A token with each panel: what a user sees is right on all of them, and nothing else differs."""

import base64
import itertools
import json

import pyotp
import pytest
from e2e.conftest import presser
from e2e.saved import after, provision, restarted

from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.board.board import Parts
from tokensim.board.wiring import PANELS, BadDefinition, OtherBoard, read
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

SECRET = b"12345678901234567890"
ALICE = Account("Zoë's Bank", "alice@example.com", SECRET)
LONG = Account("Ministerie van Binnenlandse Zaken", "maria.van.der.velden@example.org", b"x" * 20)
HEIGHTS = {"ssd1306": 64, "ssd1306-32": 32, "sh1106": 64}
READER = CodeReader(firmware_folder())


@pytest.fixture(params=list(PANELS))
def sim(request):
    """A token with each of the panels, whose clock is right."""
    with restarted(after(provision, request.param)) as sim:
        yield sim


def _one_account(sim):
    provision(sim, ALICE)


@pytest.fixture(params=list(PANELS))
def alice(request):
    """A token with each of the panels, whose clock is right, with one account."""
    with restarted(after(_one_account, request.param)) as sim:
        yield sim


def expected(sim, secret=SECRET):
    totp = pyotp.TOTP(base64.b32encode(secret).decode())
    return totp.at(int(sim.time.now() / 1e9))


def shown(sim):
    return READER.read(sim.board.panel.pixels())


def mid_period(sim):
    """Wait until a code has just begun, so that it stands while it is compared."""
    sim.wait((2 - sim.time.now() / 1e9) % 30)


def lit(sim):
    return any(any(row) for row in sim.board.panel.pixels())


def test_the_model_is_of_the_size_that_was_asked_for(sim, request):
    name = request.node.callspec.params["sim"]
    assert (sim.board.panel.width, sim.board.panel.height) == (128, HEIGHTS[name])


def test_a_code_is_shown_and_goes_dark(sim):
    with Token(sim.transport(), presser(sim)) as token:
        token.add(ALICE)
        token.add(LONG)
    sim.wait(35)
    assert not lit(sim)
    assert not sim.board.panel.lit, "the panel is off, not black"
    mid_period(sim)
    sim.press()
    sim.wait(0.5)
    assert shown(sim) == expected(sim)
    sim.press()
    sim.wait(0.5)
    assert shown(sim) == expected(sim, b"x" * 20)
    sim.wait(28)
    assert shown(sim) == expected(sim, b"x" * 20), "the next period's"
    sim.wait(31)
    assert not sim.board.panel.lit


def test_a_question_is_on_the_screen_and_the_button_answers_it(sim):
    seen = []

    def on_notice(notice):
        seen.append((notice, lit(sim), sim.screen()))
        sim.press(3.3 if notice == "hold" else 0.1, after=0.2)

    with Token(sim.transport(), on_notice) as token:
        number = token.add(ALICE)
        token.remove(number)
        token.wipe()
        assert token.status().account_count == 0
    assert [notice for notice, _, _ in seen] == ["press", "press", "hold"]
    assert all(shining for _, shining, _ in seen)
    assert len({screen for _, _, screen in seen}) == 3


def test_without_the_time_it_says_so_and_shows_no_code(request):
    for panel in PANELS:
        with SimulatedToken(parts=Parts(panel=panel)) as sim:
            with Token(sim.transport(), presser(sim)) as token:
                token.add(ALICE)
            sim.press()
            sim.wait(0.5)
            assert lit(sim)
            with pytest.raises(NoCode):
                shown(sim)


def take_supply(sim, seconds):
    """Have the panel without its supply; for no time at all it is between two transfers."""
    panel = sim.board.panel
    panel.reset()
    if seconds:
        sim.board.bus.detach(panel.ADDRESS)
        sim.wait(seconds)
        sim.board.bus.attach(panel)


GAPS = (0, 0.3, 2.5)  # seconds without supply


def test_a_lit_panel_that_lost_its_supply_gets_its_picture_back(alice):
    mid_period(alice)
    alice.press()
    alice.wait(0.5)
    for seconds, pressed in itertools.product(GAPS, (False, True)):
        assert shown(alice) == expected(alice)
        take_supply(alice, seconds)
        assert not lit(alice)
        if pressed:
            alice.press()
        alice.wait(1.5)
        assert shown(alice) == expected(alice), (seconds, pressed)
    assert alice.chip.resets == 0


def test_a_dark_panel_that_lost_its_supply_lights_up_with_a_press(alice):
    for seconds in GAPS:
        alice.wait(35)
        take_supply(alice, seconds)
        mid_period(alice)
        assert not alice.board.panel.lit, "nobody pressed"
        alice.press()
        alice.wait(0.5)
        assert shown(alice) == expected(alice), seconds
    alice.wait(35)
    assert not alice.board.panel.lit


def test_a_question_stands_again_on_a_panel_that_lost_its_supply(sim):
    seen = []

    def on_notice(notice):
        before = set()
        for _ in range(10):  # a low panel shows its lines by turns
            sim.wait(1)
            before.add(sim.screen())
        for seconds in GAPS:
            take_supply(sim, seconds)
            sim.wait(1.5)
            seen.append(sim.screen() in before)
        sim.press()

    with Token(sim.transport(), on_notice) as token:
        token.add(ALICE)
    assert seen == [True] * len(GAPS)


def test_the_state_keeps_the_panel(tmp_path):
    for name, height in HEIGHTS.items():
        with SimulatedToken(tmp_path / name, parts=Parts(panel=name)):
            pass
        for again in (None, name):
            with SimulatedToken(tmp_path / name, parts=Parts(panel=again)) as sim:
                assert sim.board.panel.height == height
        for other in set(PANELS) - {name}:
            with pytest.raises(OtherBoard, match=name):
                SimulatedToken(tmp_path / name, parts=Parts(panel=other))


def test_a_state_without_a_panel_has_the_firmwares(tmp_path):
    with SimulatedToken(tmp_path):
        pass
    state = tmp_path / "board.json"
    saved = json.loads(state.read_text())
    del saved["panel"], saved["definition"]  # as older ones are
    state.write_text(json.dumps(saved))
    with SimulatedToken(tmp_path, parts=Parts(panel="ssd1306")):
        pass
    with pytest.raises(OtherBoard, match="ssd1306"):
        SimulatedToken(tmp_path, parts=Parts(panel="sh1106"))


def definition(tmp_path, **changes):
    """A board definition in a file: the firmware's own with changes; None takes one away."""
    whole = {**json.loads((firmware_folder() / "board.json").read_text()), **changes}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({name: each for name, each in whole.items() if each is not None}))
    return path


def test_a_board_of_ones_own(tmp_path):
    panel = {"driver": "sh1106", "address": 0x3D, "width": 128, "height": 64}
    changes = {"name": "mine", "panel": panel, "button": {"pin": 4}, "second_button": None}
    mine = read(definition(tmp_path, **changes))
    with SimulatedToken(tmp_path / "state", parts=Parts(definition=mine)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            assert token.identity.board == "mine"
            token.sync()
            token.add(ALICE)
        mid_period(sim)
        sim.press()
        sim.wait(0.5)
        assert sim.board.bus.scan() == [0x3D, 0x68]
        assert shown(sim) == expected(sim)
    with SimulatedToken(tmp_path / "state") as sim:
        assert sim.board.panel.ADDRESS == 0x3D
    with pytest.raises(OtherBoard):
        SimulatedToken(tmp_path / "state", parts=Parts(definition=read(definition(tmp_path))))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"panel": {"driver": "st7920", "address": 60, "width": 128, "height": 64}}, "panel"),
        ({"panel": {"driver": "sh1106", "address": 60, "width": 128, "height": 32}}, "panel"),
        ({"panel": {"driver": "sh1106", "address": 61.5, "width": 128, "height": 64}}, "panel"),
        ({"panel": None}, "panel"),
        ({"panel": 7}, "panel"),
        ({"button": None}, "button"),
        ({"button": {"pin": "27"}}, "pin"),
        ({"button": {"pin": True}}, "pin"),
        ({"second_button": 26}, "pin"),
        ({"i2c": None}, "i2c"),
        ({"i2c": {"id": 0}}, "scl"),
        ({"name": None}, "name"),
    ],
)
def test_a_definition_that_cannot_be_simulated_is_refused(tmp_path, changes, word):
    with pytest.raises(BadDefinition, match=word):
        read(definition(tmp_path, **changes))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"x"'])
def test_what_is_no_definition_is_refused(tmp_path, text):
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(BadDefinition, match="JSON"):
        read(path)
