"""The PCF8563 model against its data sheet (NXP, rev 11), with datetime as oracle."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.chip_access import SECOND, PhysicalTime, bcd, dates, read, write

from tokensim.chips.pcf8563 import PCF8563


@pytest.fixture
def time():
    return PhysicalTime()


@pytest.fixture
def chip(time):
    return PCF8563(time)


def set_date(chip, when):
    write(
        chip, 2, bcd(when.second), bcd(when.minute), bcd(when.hour), bcd(when.day),
        when.isoweekday() % 7, bcd(when.month), bcd(when.year % 100),
    )  # fmt: skip


EXIST = (0x7F, 0x7F, 0x3F, 0x3F, 0x07, 0x1F, 0xFF)


def get(chip):
    """Return the seven time registers, without what is no part of a number."""
    return [value & bits for value, bits in zip(read(chip, 2, 7), EXIST, strict=True)]


def get_date(chip):
    second, minute, hour, day, _, month, year = (int(f"{value:x}") for value in get(chip))
    return datetime(2000 + year, month, day, hour, minute, second)


# -- the first power-up -----------------------------------------------------------------


def test_reset_values(chip):
    """Section 8.11: TESTC and VL are 1, STOP is 0, the alarms off, CLKOUT on."""
    assert read(chip, 0)[0] & 0xA8 == 0x08
    assert read(chip, 2)[0] & 0x80
    assert all(value & 0x80 for value in read(chip, 9, 4))
    assert read(chip, 0x0D)[0] & 0x83 == 0x80
    assert read(chip, 0x0E)[0] & 0x83 == 0x03


def test_losing_the_supply(chip):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    assert not read(chip, 2)[0] & 0x80
    chip.lose_power()
    assert read(chip, 2)[0] & 0x80


def test_voltage_low_is_only_ever_cleared(chip):
    write(chip, 2, 0x85)
    assert read(chip, 2)[0] == 0x85
    write(chip, 2, 0x05)
    assert read(chip, 2)[0] == 0x05
    write(chip, 2, 0x85)
    assert read(chip, 2)[0] == 0x05


def test_bits_that_do_not_exist_are_not_to_be_relied_on(chip):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    assert read(chip, 3, 5) == bytes([0x88, 0xC7, 0xC6, 0xFB, 0x65])


# -- the calendar -----------------------------------------------------------------------


@given(when=dates, later=st.integers(0, 40 * 366 * 86_400))
def test_any_date_is_kept_and_counted_as_datetime_does(when, later):
    chip = PCF8563(time := PhysicalTime(0))
    set_date(chip, when)
    assert get_date(chip) == when
    assert chip.unix_ns() == int(when.replace(tzinfo=UTC).timestamp()) * SECOND
    time.ns += later * SECOND
    expected = when + timedelta(seconds=later)
    if expected.year < 2100:
        assert get_date(chip) == expected
        assert get(chip)[4] == expected.isoweekday() % 7


def test_century_bit_toggles_after_99(chip, time):
    set_date(chip, datetime(2099, 12, 31, 23, 59, 59))
    time.ns += SECOND
    assert get(chip) == [0, 0, 0, 1, 5, 1, 0]
    assert read(chip, 7)[0] & 0x80
    assert chip.unix_ns() == int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * SECOND


def test_saturday_is_6_and_then_comes_sunday(chip, time):
    set_date(chip, datetime(2026, 11, 28, 23, 59, 59))
    assert get(chip)[4] == 6
    time.ns += SECOND
    assert get(chip)[4] == 0


def test_no_such_date_stands_still_until_there_is_one(chip, time):
    write(chip, 2, 0, 0, 0, 0x30, 0, 0x02, 0x26)
    time.ns += 10 * SECOND
    assert get(chip) == [0, 0, 0, 0x30, 0, 0x02, 0x26]
    with pytest.raises(ValueError, match="no such time"):
        chip.unix_ns()
    set_date(chip, datetime(2026, 3, 2))
    time.ns += SECOND
    assert get_date(chip) == datetime(2026, 3, 2, 0, 0, 1)


# -- STOP (section 8.10) ----------------------------------------------------------------


def test_the_seconds_run_on_through_a_write(chip, time):
    """Nothing but STOP resets the prescaler."""
    time.ns += SECOND - chip.unix_ns() % SECOND + 700_000_000
    write(chip, 2, 0x30)
    time.ns += 299_999_999
    assert read(chip, 2)[0] == 0x30
    time.ns += 1
    assert read(chip, 2)[0] == 0x31


def test_stop_freezes_the_time(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    write(chip, 0, 0x20)
    time.ns += 100 * SECOND
    assert get_date(chip) == datetime(2026, 5, 6, 7, 8, 9)
    assert read(chip, 0)[0] & 0x20
    set_date(chip, datetime(2027, 1, 2, 3, 4, 5))
    time.ns += 100 * SECOND
    assert get_date(chip) == datetime(2027, 1, 2, 3, 4, 5)


@given(moment=st.integers(0, 10**10), stopped=st.integers(0, 10**10))
def test_the_first_second_ends_within_the_data_sheets_bounds(moment, stopped):
    """ "between 0.507813 s and 0.507935 s after STOP bit is released"; then each second."""
    chip = PCF8563(time := PhysicalTime(moment))
    write(chip, 0, 0x20)
    write(chip, 2, 0x30)
    time.ns += stopped
    write(chip, 0, 0x00)
    released = time.ns
    time.ns = released + 507_812_000
    assert read(chip, 2)[0] == 0x30
    time.ns = released + 507_935_000
    assert read(chip, 2)[0] == 0x31
    time.ns = released + SECOND + 507_812_000
    assert read(chip, 2)[0] == 0x31
    time.ns = released + SECOND + 507_935_000
    assert read(chip, 2)[0] == 0x32


def test_the_test_mode_counts_no_seconds(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    write(chip, 0, 0x80)
    time.ns += 100 * SECOND
    assert get_date(chip) == datetime(2026, 5, 6, 7, 8, 9)


# -- the rest ---------------------------------------------------------------------------


def test_time_is_blocked_while_it_is_read(chip, time):
    set_date(chip, datetime(2026, 12, 31, 23, 59, 59))
    chip.start()
    chip.write(b"\x02")
    chip.start()
    first = chip.read(3)
    time.ns += SECOND // 2
    rest = chip.read(4)
    assert first[0] == 0x59 and rest[0] & 0x3F == 0x31 and rest[3] == 0x26


def test_after_0fh_comes_00h(chip):
    write(chip, 0x0F, 0x42, 0x20)
    assert read(chip, 0x0F)[0] == 0x42
    assert read(chip, 0x0F, 2)[1] & 0x20
    with pytest.raises(ValueError, match="0x10"):
        write(chip, 0x10, 0)


def test_flags_are_anded_on_a_write(chip):
    """AF and TF can be cleared, not set."""
    write(chip, 1, 0x0F)
    assert read(chip, 1)[0] & 0x1F == 0x03


def test_rate_and_shift(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    chip.ppm = -20
    before = chip.unix_ns()
    time.ns += 10**6 * SECOND
    assert chip.unix_ns() - before == 10**6 * SECOND - 20 * SECOND
    chip.shift(5 * SECOND)
    assert chip.unix_ns() - before == 10**6 * SECOND - 15 * SECOND


def test_goes_on_ticking_while_nobody_runs_it(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    state = json.loads(json.dumps(chip.dump()))
    time.ns += 3600 * SECOND
    restored = PCF8563(time)
    restored.restore(state)
    assert restored.unix_ns() == chip.unix_ns()
    assert read(restored, 0, 16) == read(chip, 0, 16)
    assert get_date(restored) == datetime(2026, 1, 1, 1)


def test_a_stopped_one_is_stopped_after_restoring_too(chip, time):
    write(chip, 0, 0x20)
    state = json.loads(json.dumps(chip.dump()))
    time.ns += 100 * SECOND
    restored = PCF8563(time)
    restored.restore(state)
    assert get(restored) == get(chip)
    assert read(restored, 0)[0] & 0x20
