"""What tokenctl doctor makes of the clock's log: a coin cell is blamed only for its own faults."""

import pytest

from otpcore.clock_log import CONFIRMED, FIRST, NO_CHIP, UNDERWAY, Entry
from tokenctl.cli.checks import timing
from tokenctl.cli.checks.finding import OK, WARN
from tokenctl.device.models import Status

STATUS = Status(
    account_count=0,
    capacity=1000,
    damaged_count=0,
    has_pin=False,
    unix_time=1_800_000_000,
    clock="ok",
    vault="ready",
)


def log(*flags: int) -> list[Entry]:
    return [Entry(1_790_000_000 + 86_400 * day, 0, 10, 0, each) for day, each in enumerate(flags)]


@pytest.mark.parametrize(
    "flags",
    [
        (FIRST,),
        (FIRST | CONFIRMED, 0, 0),
        (FIRST, FIRST | NO_CHIP),  # a board without a clock chip
        (FIRST, UNDERWAY | CONFIRMED, FIRST | CONFIRMED),  # the power went during a sync
        (FIRST, UNDERWAY | NO_CHIP, FIRST | CONFIRMED),  # the chip did not answer to a sync
    ],
)
def test_a_time_that_no_cell_lost_is_not_blamed_on_the_cell(flags):
    assert timing.cell(STATUS, log(*flags)).state == OK


@pytest.mark.parametrize("flags", [(FIRST, FIRST), (FIRST, UNDERWAY, FIRST, 0, FIRST | CONFIRMED)])
def test_a_time_that_was_lost_between_two_syncs_is(flags):
    found = timing.cell(STATUS, log(*flags))
    assert found.state == WARN and found.values == {"times_lost": 1}
