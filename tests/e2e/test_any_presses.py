"""Whatever is pressed, in whatever order: no dead end, no reset, and no code that must not be."""

import base64

import pyotp
import pytest
from e2e.conftest import presser
from e2e.typist import Typist
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from otpcore.account import Account
from tokenctl.payload import firmware_folder
from tokenctl.token import Token
from tokensim.reading import CodeReader, NoCode
from tokensim.token import SimulatedToken

SECRETS = [bytes([number]) * 20 for number in range(1, 5)]
READER = CodeReader(firmware_folder())
PIN = "271828"
# Seconds down, on which button, seconds until the next one: within a double press, and not.
press = st.tuples(
    st.sampled_from((0.08, 0.08, 0.08, 0.9, 3.2)), st.booleans(), st.sampled_from((0.1, 0.5))
)
few = settings(
    max_examples=1,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
presses = st.lists(press, min_size=12, max_size=20)


def shown(sim):
    pixels = sim.board.panel.pixels()
    for each in (pixels, [row[::-1] for row in reversed(pixels)]):  # it may have been turned
        try:
            return READER.read(each)
        except NoCode:
            continue
    return None


def codes(sim):
    now = int(sim.time.now() / 1e9)
    return {pyotp.TOTP(base64.b32encode(secret).decode()).at(now) for secret in SECRETS}


def play(sim, drawn, look):
    for seconds, second, pause in drawn:
        sim.press(seconds, second=second)
        sim.wait(seconds + pause)
        look()
    assert sim.simulator.resets == 0


def add(sim, sync=True):
    with Token(sim.transport(), presser(sim)) as token:
        if sync:
            token.sync()
        batch = token.batch(len(SECRETS))
        for number, secret in enumerate(SECRETS):
            token.add(Account(f"Issuer {number}", "alice", secret), batch=batch)


@pytest.fixture(scope="module")
def open_token():
    with SimulatedToken() as sim:
        add(sim)
        yield sim


@pytest.fixture(scope="module")
def timeless_token():
    with SimulatedToken() as sim:
        add(sim, sync=False)
        yield sim


@pytest.fixture(scope="module")
def locked_token():
    with SimulatedToken() as sim:
        add(sim)

        def enter(notice):
            Typist(sim).enter(PIN).enter(PIN)

        with Token(sim.transport(), enter) as token:
            token.change_pin()
        sim.wait(32)
        yield sim


@few
@given(drawn=presses)
def test_a_code_on_the_screen_is_one_of_now_and_there_is_a_way_back(open_token, drawn):
    sim = open_token

    def look():
        if sim.board.panel.lit and sim.time.now() / 1e9 % 30 > 0.2:
            assert shown(sim) in codes(sim) | {None}

    play(sim, drawn, look)
    sim.wait(62)  # the longest that it may be set to stay lit
    assert not sim.board.panel.lit
    sim.wait((3 - sim.time.now() / 1e9) % 30)
    sim.press()
    sim.wait(0.6)
    assert shown(sim) in codes(sim)


@few
@given(drawn=presses)
def test_without_the_time_there_is_no_code(timeless_token, drawn):
    def look():
        assert shown(timeless_token) is None

    play(timeless_token, drawn, look)


@few
@given(drawn=presses)
def test_while_it_is_locked_there_is_no_code(locked_token, drawn):
    sim = locked_token

    def look():  # the PIN pad has one large digit
        assert len(shown(sim) or "") < 4

    play(sim, drawn, look)
    assert not sim.simulator.in_repl
    with Token(sim.transport()) as token:
        assert token.status().vault == "locked"
