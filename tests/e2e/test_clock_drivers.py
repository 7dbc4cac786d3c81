"""The clock chips' drivers, on MicroPython, against the models of their chips: any date.

The drivers are the firmware's; around them there is only support/micropython/clock_drivers.py.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tokenctl.boards.devices import CLOCK_CHIPS, firmware_table
from tokenctl.payload import firmware_folder
from tokensim.board.board import Parts
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

TESTS = Path(__file__).parents[1]
S = 10**9
LAST = datetime(2099, 12, 31, 23, 59, 59)

Ask = Callable[..., Any]


@pytest.fixture(scope="module", params=CLOCK_CHIPS)
def chip(request, tmp_path_factory) -> Iterator[tuple[SimulatedToken, Ask]]:
    """A board with that chip, and what its driver does there."""
    folder: Path = tmp_path_factory.mktemp("drivers") / "firmware"
    shutil.copytree(firmware_folder() / "tokenfw" / "drivers", folder / "tokenfw" / "drivers")
    program = (TESTS / "support" / "micropython" / "clock_drivers.py").read_text()
    (folder / "main.py").write_text(firmware_table() + program)
    with SimulatedToken(parts=Parts(rtc=request.param), runtime=Runtime(folder)) as sim:
        sim.receive(0)

        def ask(*order: Any) -> Any:
            sim.send(json.dumps([request.param, *order]).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                answer += sim.receive(1)
            return json.loads(answer)

        ask("set", 2026, 1, 1, 0, 0, 0)
        sim.wait(2)  # until the oscillator runs
        yield sim, ask


def fields(when: datetime) -> list[int]:
    return [when.year, when.month, when.day, when.hour, when.minute, when.second]


moments = st.datetimes(datetime(2000, 1, 1), LAST).map(lambda when: when.replace(microsecond=0))


@pytest.mark.long
@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moments)
@example(datetime(2000, 1, 1))
@example(datetime(2000, 2, 28, 23, 59, 59))
@example(datetime(2023, 2, 28, 23, 59, 59))
@example(datetime(2024, 2, 28, 23, 59, 59))
@example(datetime(2024, 2, 29, 23, 59, 59))
@example(datetime(2038, 1, 19, 3, 14, 7))
@example(datetime(2098, 12, 31, 23, 59, 59))
@example(datetime(2099, 12, 31, 23, 59, 58))
def test_any_date_is_held_and_followed_by_the_next_second(chip, when):
    sim, ask = chip
    assert ask("set", *fields(when)) == [*fields(when), False]
    model = sim.board.rtc
    into = model.unix_ns() - int(when.replace(tzinfo=UTC).timestamp()) * S
    assert 0 <= into < S
    sim.wait((S - into) / S + 0.1)
    if when < LAST:
        assert ask("read") == [*fields(when + timedelta(seconds=1)), False]


def test_what_no_chip_holds_is_refused_and_nothing_changed(chip):
    sim, ask = chip
    ask("set", 2026, 5, 6, 7, 8, 9)
    for wrong in ([2100, 1, 1, 0, 0, 0], [1999, 12, 31, 23, 59, 59], [2026, 2, 29, 0, 0, 0]):
        assert ask("set", *wrong) == "ValueError"
    sim.wait(5)
    read = ask("read")
    assert read[:5] == [2026, 5, 6, 7, 8] and 13 <= read[5] <= 16 and read[6] is False


def test_power_lost_altogether_is_seen_and_a_set_is_good_again(chip):
    sim, ask = chip
    ask("set", 2026, 5, 6, 7, 8, 9)
    sim.board.rtc.lose_power()
    assert ask("read")[6] is True
    assert ask("set", 2026, 5, 6, 7, 8, 9) == [2026, 5, 6, 7, 8, 9, False]
    sim.wait(3.2)  # an oscillator that stood still may take a second to start
    assert ask("read") in ([2026, 5, 6, 7, 8, second, False] for second in (11, 12))


def test_the_second_begins_when_start_us_says(chip, monkeypatch):
    """Begun START_US after a second begins, start() makes it begin there.

    Within 0.3 ms: the bus does a transfer's 28 bits in no time, and they count 0.27 ms.
    """
    sim, ask = chip
    started = []
    transfer = sim.board.bus.transfer

    def watch(address, writes, read_length):
        if len(writes) > 1 and writes[0] == 0:  # the seconds, or the PCF8563's STOP bit
            started.append(sim.time.now())
        return transfer(address, writes, read_length)

    monkeypatch.setattr(sim.board.bus, "transfer", watch)
    ask("set", 2026, 5, 6, 7, 8, 9)
    began = int(datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC).timestamp()) * S
    began = sim.time.now() - (sim.board.rtc.unix_ns() - began)
    assert abs(started[-1] - 1000 * ask("start_us") - began) < 300_000
