"""The models of DS1307 and DS1338 against their data sheets, with datetime as oracle."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.chip_access import SECOND, PhysicalTime, bcd, dates, read, write

from tokensim.chips.ds1307 import DS1307, DS1338

START_UP = SECOND  # "usually less than one second"


@pytest.fixture
def time():
    return PhysicalTime()


@pytest.fixture(params=[DS1307, DS1338])
def chip(request, time):
    """Either chip, its oscillator running."""
    chip = request.param(time)
    write(chip, 0, 0)
    time.ns += START_UP
    return chip


def set_date(chip, when):
    write(
        chip, 0, bcd(when.second), bcd(when.minute), bcd(when.hour), when.isoweekday(),
        bcd(when.day), bcd(when.month), bcd(when.year % 100),
    )  # fmt: skip


def get_date(chip):
    second, minute, hour, _, day, month, year = (int(f"{v:x}") for v in read(chip, 0, 7))
    return datetime(2000 + year, month, day, hour, minute, second)


# -- the first power-up -----------------------------------------------------------------


def test_a_new_ds1307_is_halted_at_the_first_of_2000(time):
    """ "01/01/00 01 00:00:00 (MM/DD/YY DOW HH:MM:SS). The CH bit [...] will be set to a 1."."""
    chip = DS1307(time)
    assert read(chip, 0, 8) == bytes([0x80, 0, 0, 1, 1, 1, 0, 0x03])
    time.ns += 3600 * SECOND
    assert read(chip, 0, 2) == bytes([0x80, 0])


def test_a_new_ds1338_says_that_its_oscillator_had_stopped(time):
    assert read(DS1338(time), 7)[0] & 0x20


def test_losing_all_power(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    write(chip, 7, 0)
    chip.lose_power()
    assert read(chip, 0)[0] & 0x80
    assert bool(read(chip, 7)[0] & 0x20) == isinstance(chip, DS1338)
    time.ns += 5 * SECOND
    assert read(chip, 0, 2) == bytes([0x80, 0])


# -- halting ----------------------------------------------------------------------------


def test_clearing_ch_starts_the_oscillator_within_a_second(time):
    chip = DS1307(time)
    write(chip, 0, 0x30)
    time.ns += SECOND + START_UP
    assert read(chip, 0)[0] in (0x31, 0x32)
    time.ns += 10 * SECOND
    assert read(chip, 0)[0] in (0x41, 0x42)


def test_while_the_oscillator_starts_the_time_can_be_set(time):
    chip = DS1307(time)
    write(chip, 0, 0)
    time.ns += SECOND // 10
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    assert get_date(chip) == datetime(2026, 5, 6, 7, 8, 9)
    time.ns += START_UP + 5 * SECOND
    assert datetime(2026, 5, 6, 7, 8, 14) <= get_date(chip) <= datetime(2026, 5, 6, 7, 8, 15)


def test_ch_stops_the_count_where_it_is(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    write(chip, 0, 0x80 | 0x10)
    time.ns += 100 * SECOND
    assert read(chip, 0, 3) == bytes([0x90, 0x08, 0x07])
    write(chip, 1, 0x42)  # the other registers leave CH alone
    assert read(chip, 0, 2) == bytes([0x90, 0x42])


def test_ch_sets_the_ds1338s_flag_which_only_a_write_of_0_clears(time):
    chip = DS1338(time)
    write(chip, 0, 0)
    write(chip, 7, 0x13)
    assert read(chip, 7) == b"\x13"
    write(chip, 7, 0x33)
    assert read(chip, 7) == b"\x13"
    write(chip, 0, 0x80)
    assert read(chip, 7) == b"\x33"
    write(chip, 0, 0x00)
    write(chip, 7, 0x33)
    assert read(chip, 7) == b"\x33"
    write(chip, 7, 0x93)
    assert read(chip, 7) == b"\x93"


def test_setting_the_time_leaves_the_flag(time):
    chip = DS1338(time)
    set_date(chip, datetime(2026, 1, 1))
    assert read(chip, 7)[0] & 0x20


# -- the calendar -----------------------------------------------------------------------


@given(kind=st.sampled_from([DS1307, DS1338]), when=dates, later=st.integers(0, 40 * 366 * 86_400))
def test_any_date_is_kept_and_counted_as_datetime_does(kind, when, later):
    chip = kind(time := PhysicalTime(-5))
    write(chip, 0, 0)
    time.ns += START_UP
    set_date(chip, when)
    assert get_date(chip) == when
    assert chip.unix_ns() == int(when.replace(tzinfo=UTC).timestamp()) * SECOND
    time.ns += later * SECOND
    expected = when + timedelta(seconds=later)
    if expected.year < 2100:
        assert get_date(chip) == expected
        assert read(chip, 3)[0] == expected.isoweekday()


def test_after_99_comes_00_and_nothing_tells_the_century(chip, time):
    set_date(chip, datetime(2099, 12, 31, 23, 59, 59))
    time.ns += SECOND
    assert read(chip, 0, 7) == bytes([0, 0, 0, 5, 1, 1, 0])


@pytest.mark.parametrize(
    ("hour", "register"),
    [(0, 0x52), (1, 0x41), (11, 0x51), (12, 0x72), (13, 0x61), (22, 0x70), (23, 0x71)],
)
def test_twelve_hour_mode(chip, hour, register):
    write(chip, 0, 0x59, 0x59, register, 1, 1, 1, 0x26)
    assert read(chip, 2)[0] == register
    midnight = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert chip.unix_ns() == (midnight + hour * 3600 + 3599) * SECOND


def test_bits_that_do_not_exist_read_zero(chip):
    write(chip, 0, 0x05, 0x85, 0x85, 0xF9, 0xC5, 0xE5, 0x26, 0x4C)
    assert read(chip, 0, 8) == bytes([5, 5, 5, 1, 5, 5, 0x26, 0])


def test_writing_seconds_starts_the_second_at_that_moment(chip, time):
    time.ns += 700_000_000
    write(chip, 0, 0x30)
    time.ns += SECOND - 1
    assert read(chip, 0)[0] == 0x30
    time.ns += 1
    assert read(chip, 0)[0] == 0x31


# -- pointer, memory, rate, persistence -------------------------------------------------


def test_after_the_memory_comes_the_time_again(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    write(chip, 8, *range(56))
    assert read(chip, 0x3E, 9) == bytes([54, 55, 0x09, 0x08, 0x07, 3, 0x06, 0x05, 0x26])
    write(chip, 0x3F, 0x77, 0x30)
    assert read(chip, 0x3F, 2) == bytes([0x77, 0x30])


def test_time_is_latched_on_start(chip, time):
    set_date(chip, datetime(2026, 12, 31, 23, 59, 59))
    chip.start()
    chip.write(b"\x00")
    chip.start()
    first = chip.read(3)
    time.ns += SECOND
    assert first + chip.read(4) == bytes([0x59, 0x59, 0x23, 4, 0x31, 0x12, 0x26])


def test_register_beyond_the_map_is_refused(chip):
    with pytest.raises(ValueError, match="0x40"):
        write(chip, 0x40, 0)


def test_the_battery_carries_time_and_memory(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    write(chip, 0x20, 0x42)
    write(chip, 7, 0)
    chip.vcc = False
    time.ns += 3600 * SECOND
    chip.vcc = True
    assert get_date(chip) == datetime(2026, 1, 1, 1)
    assert read(chip, 0x20)[0] == 0x42
    assert read(chip, 7)[0] == 0


def test_twenty_ppm_is_1_7_seconds_a_day(chip, time):
    chip.ppm = 20
    before = chip.unix_ns()
    time.ns += 86_400 * SECOND
    assert chip.unix_ns() - before - 86_400 * SECOND == 1_728_000_000


def test_goes_on_ticking_while_nobody_runs_it(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    chip.ppm = 2.5
    state = json.loads(json.dumps(chip.dump()))
    time.ns += 10**6 * SECOND
    restored = type(chip)(time)
    restored.restore(state)
    assert restored.unix_ns() == chip.unix_ns()
    assert read(restored, 0, 64) == read(chip, 0, 64)
    assert get_date(restored) == datetime(2026, 1, 12, 13, 46, 42)


def test_a_halted_one_is_halted_after_restoring_too(time):
    chip = DS1307(time)
    state = json.loads(json.dumps(chip.dump()))
    time.ns += 100 * SECOND
    restored = DS1307(time)
    restored.restore(state)
    assert read(restored, 0, 2) == bytes([0x80, 0])
