"""A simulated token's state folder keeps its clock chip, and that chip's time."""

import json

import pytest
from e2e.clock_chips import ALICE, CHIPS, assert_right
from e2e.clocks import S
from e2e.conftest import presser

from tokenctl.device.token import Token
from tokensim.board.board import OtherClockChip, Parts
from tokensim.token import SimulatedToken

pytestmark = pytest.mark.long


@pytest.mark.parametrize("chip", [*CHIPS, "none"])
def test_the_state_folder_keeps_chip_and_time(tmp_path, chip):
    with SimulatedToken(tmp_path, parts=Parts(rtc=chip)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            number = token.add(ALICE)
            if chip != "none":
                token.sync()
        later = sim.time.now() / S + 1000
    with SimulatedToken(tmp_path, start=later) as sim:
        assert sim.board.rtc_name == chip
        if chip != "none":
            with Token(sim.transport(), presser(sim)) as token:
                assert_right(sim, token, number)
    with pytest.raises(OtherClockChip, match=chip):
        SimulatedToken(tmp_path, parts=Parts(rtc="ds1307" if chip != "ds1307" else "none"))


def test_an_older_state_folder_has_a_ds3231(tmp_path):
    with SimulatedToken(tmp_path) as sim, Token(sim.transport(), presser(sim)) as token:
        token.sync()
        later = sim.time.now() / S + 1000
    path = tmp_path / "board.json"
    state = json.loads(path.read_text())
    del state["rtc_name"]
    path.write_text(json.dumps(state))
    with SimulatedToken(tmp_path, start=later) as sim:
        assert sim.board.rtc_name == "ds3231"
        assert abs(sim.board.rtc.unix_ns() - sim.time.now()) < 1.05 * S
