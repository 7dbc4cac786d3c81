"""The DS3231 model against its data sheet, with datetime as the calendar's oracle."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.chip_access import SECOND, PhysicalTime, bcd, dates, read, write

from tokensim.chips.ds3231 import DS3231, DS3231M

YEAR = 365 * 86_400 * SECOND


@pytest.fixture
def time():
    return PhysicalTime()


@pytest.fixture
def chip(time):
    return DS3231(time)


def set_date(chip, when):
    write(
        chip, 0, bcd(when.second), bcd(when.minute), bcd(when.hour), when.isoweekday(),
        bcd(when.day), bcd(when.month), bcd(when.year % 100),
    )  # fmt: skip


def get_date(chip):
    """Decode the registers the way a reader of the data sheet's Figure 1 would (24-hour mode)."""
    second, minute, hour, _, day, month, year = (int(f"{v:x}") for v in read(chip, 0, 7))
    return datetime(2000 + year, month, day, hour, minute, second)


# -- power-on values --------------------------------------------------------------------


def test_first_power_up_is_2000_with_the_oscillator_stop_flag(chip):
    assert read(chip, 0, 7) == bytes([0, 0, 0, 1, 1, 1, 0])
    assert read(chip, 0x0E, 5) == bytes([0x1C, 0x88, 0, 25, 0])


def test_losing_all_power_goes_back_to_power_on_values(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    write(chip, 0x0F, 0)
    write(chip, 0x10, 0x15)
    chip.lose_power()
    assert read(chip, 0, 7) == bytes([0, 0, 0, 1, 1, 1, 0])
    assert read(chip, 0x0F, 2) == bytes([0x88, 0])
    time.ns += 3 * SECOND
    assert read(chip, 0)[0] == 3


def test_without_vcc_the_first_oscillation_waits(chip, time):
    chip.vcc = False
    chip.lose_power()
    time.ns += 100 * SECOND
    assert read(chip, 0, 2) == bytes([0, 0])
    chip.vcc = True
    time.ns += 5 * SECOND
    assert read(chip, 0, 2) == bytes([5, 0])


# -- calendar ---------------------------------------------------------------------------


@given(when=dates, later=st.integers(0, 40 * 366 * 86_400))
def test_any_date_is_kept_and_counted_as_datetime_does(when, later):
    time = PhysicalTime(-5)
    chip = DS3231(time)
    set_date(chip, when)
    assert get_date(chip) == when
    assert chip.unix_ns() == int(when.replace(tzinfo=UTC).timestamp()) * SECOND
    time.ns += later * SECOND
    expected = when + timedelta(seconds=later)
    if expected.year < 2100:
        assert get_date(chip) == expected
        assert read(chip, 3)[0] == expected.isoweekday()


def test_century_bit_toggles_after_99_and_the_weekday_goes_on(chip, time):
    set_date(chip, datetime(2099, 12, 31, 23, 59, 59))
    assert read(chip, 3)[0] == 4
    time.ns += SECOND
    assert read(chip, 0, 7) == bytes([0, 0, 0, 5, 1, 0x81, 0])
    assert chip.unix_ns() == int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * SECOND


def test_century_bit_toggles_back(chip, time):
    write(chip, 0, 0x59, 0x59, 0x23, 7, 0x31, 0x92, 0x99)
    time.ns += SECOND
    assert read(chip, 0, 7) == bytes([0, 0, 0, 1, 1, 0x01, 0])


@given(dates)
def test_day_of_week_is_the_users_and_only_counts(when):
    chip = DS3231(time := PhysicalTime())
    set_date(chip, when.replace(hour=23, minute=59, second=59))
    write(chip, 3, 7)
    time.ns += SECOND
    assert read(chip, 3)[0] == 1


@pytest.mark.parametrize(
    ("hour", "register"),
    [(0, 0x52), (1, 0x41), (11, 0x51), (12, 0x72), (13, 0x61), (22, 0x70), (23, 0x71)],
)
def test_twelve_hour_mode(chip, time, hour, register):
    write(chip, 0, 0x59, 0x59, register, 1, 1, 1, 0x26)
    assert read(chip, 2)[0] == register
    midnight = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert chip.unix_ns() == (midnight + hour * 3600 + 3599) * SECOND
    write(chip, 2, bcd(hour))
    assert chip.unix_ns() == (midnight + hour * 3600 + 3599) * SECOND


def test_twelve_hour_mode_rolls_over_noon_and_midnight(chip, time):
    write(chip, 0, 0x59, 0x59, 0x71, 1, 1, 1, 0x26)  # 11:59:59 PM
    time.ns += SECOND
    assert read(chip, 0, 5) == bytes([0, 0, 0x52, 2, 2])  # 12:00:00 AM
    time.ns += 12 * 3600 * SECOND
    assert read(chip, 2)[0] == 0x72


def test_partial_writes_keep_the_rest_and_the_phase(chip, time):
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    time.ns += SECOND // 4
    write(chip, 1, 0x30)
    assert get_date(chip) == datetime(2026, 5, 6, 7, 30, 9)
    assert chip.unix_ns() % SECOND == SECOND // 4


@pytest.mark.parametrize("registers", [(0x60,), (0x1A,), (0, 0, 0x24), (0, 0, 0, 0)])
def test_illogical_entries_stay_visible_until_rewritten(chip, time, registers):
    write(chip, 0, *registers)
    time.ns += 10 * SECOND
    assert read(chip, 0, len(registers)) == bytes(registers)
    with pytest.raises(ValueError, match="no such time"):
        chip.unix_ns()
    set_date(chip, datetime(2026, 5, 6, 7, 8, 9))
    time.ns += SECOND
    assert get_date(chip) == datetime(2026, 5, 6, 7, 8, 10)


def test_date_that_is_impossible_only_between_two_writes(chip):
    set_date(chip, datetime(2026, 2, 3, 4, 5, 6))
    write(chip, 4, 0x31)
    write(chip, 5, 0x05)
    assert get_date(chip) == datetime(2026, 5, 31, 4, 5, 6)


def test_bits_that_do_not_exist_read_zero(chip):
    write(chip, 0, 0x85, 0x85, 0x85, 0xF9, 0xC5, 0xE5)
    assert read(chip, 0, 6) == bytes([5, 5, 5, 1, 5, 0x85])


# -- the countdown chain and coherent reads ---------------------------------------------


@given(st.integers(0, 10**10))
def test_writing_seconds_starts_the_second_at_that_moment(wait):
    chip = DS3231(time := PhysicalTime())
    time.ns += wait
    write(chip, 0, 0x30)
    assert chip.unix_ns() % (60 * SECOND) == 30 * SECOND
    time.ns += SECOND - 1
    assert read(chip, 0)[0] == 0x30
    time.ns += 1
    assert read(chip, 0)[0] == 0x31


def test_time_is_latched_on_start(chip, time):
    set_date(chip, datetime(2026, 12, 31, 23, 59, 59))
    chip.start()
    chip.write(b"\x00")
    chip.start()
    first = chip.read(3)
    time.ns += SECOND
    assert first + chip.read(4) == bytes([0x59, 0x59, 0x23, 4, 0x31, 0x12, 0x26])
    assert get_date(chip) == datetime(2027, 1, 1)


def test_pointer_wraps_after_12h_and_latches_anew(chip, time):
    chip.start()
    chip.write(b"\x12")
    chip.start()
    time.ns += 7 * SECOND
    assert chip.read(2) == bytes([0, 7])
    chip.write(b"\x12\xff\x42")
    assert read(chip, 0)[0] == 0x42
    assert read(chip, 0x12)[0] == 0


def test_pointer_survives_between_transactions(chip):
    chip.start()
    chip.write(b"\x0e")
    chip.start()
    assert chip.read(1) == b"\x1c"
    chip.start()
    assert chip.read(1) == b"\x88"


def test_register_beyond_the_map_is_refused(chip):
    with pytest.raises(ValueError, match="0x13"):
        write(chip, 0x13, 0)


# -- rate -------------------------------------------------------------------------------


def test_three_ppm_is_94_seconds_a_year(chip, time):
    chip.ppm = 3
    before = chip.unix_ns()
    for _ in range(365):
        time.ns += YEAR // 365
        read(chip, 0, 7)
    assert chip.unix_ns() - before - YEAR == 94_608_000_000


@given(st.lists(st.integers(0, 10**15), max_size=50), st.floats(-50, 50))
def test_looking_does_not_change_the_time(waits, ppm):
    watched, alone = DS3231(time := PhysicalTime(0)), DS3231(time)
    watched.ppm = alone.ppm = ppm
    for wait in waits:
        time.ns += wait
        watched.unix_ns()
        read(watched, 0, 19)
    assert watched.unix_ns() == alone.unix_ns()


def test_changing_ppm_does_not_jump(chip, time):
    chip.ppm = 20
    time.ns += 1000 * SECOND
    before = chip.unix_ns()
    chip.ppm = -20
    assert chip.unix_ns() == before
    time.ns += 1000 * SECOND
    assert chip.unix_ns() - before == 1000 * SECOND - 20_000_000


@pytest.mark.parametrize(("register", "steps"), [(0x01, 1), (0x7F, 127), (0xFF, -1), (0x80, -128)])
def test_positive_aging_slows_by_a_tenth_ppm_a_step(chip, time, register, steps):
    write(chip, 0x10, register)
    assert read(chip, 0x10)[0] == register
    time.ns += 65 * SECOND  # past the next conversion
    before = chip.unix_ns()
    time.ns += 10**6 * SECOND
    assert chip.unix_ns() - before == 10**6 * SECOND - steps * SECOND // 10


def test_aging_waits_for_the_next_temperature_conversion(chip, time):
    start = chip.unix_ns()
    write(chip, 0x10, 100)  # 10 ppm slow
    time.ns += 64 * SECOND
    assert chip.unix_ns() - start == 64 * SECOND
    time.ns += SECOND
    assert chip.unix_ns() - start == 65 * SECOND - 10_000


def test_forced_conversion_applies_aging_at_once_and_shows_busy(chip, time):
    start = chip.unix_ns()
    write(chip, 0x10, 100)
    write(chip, 0x0E, 0x3C)
    assert read(chip, 0x0E, 2) == bytes([0x3C, 0x8C])
    time.ns += SECOND // 5  # tCONV is 200 ms at most
    assert read(chip, 0x0E, 2) == bytes([0x1C, 0x88])
    time.ns += 50 * SECOND
    assert 500_000 <= 50 * SECOND + SECOND // 5 - (chip.unix_ns() - start) < 503_000


def test_a_ds3231m_slows_by_0_12_ppm_a_step_and_converts_each_second(time):
    """19-5312: "One LSB typically represents a 0.12ppm change"; "once every second"."""
    chip = DS3231M(time)
    write(chip, 0x10, 100)
    time.ns += SECOND
    before = chip.unix_ns()
    time.ns += 10**6 * SECOND
    assert chip.unix_ns() - before == 10**6 * SECOND - 12 * SECOND
    assert read(chip, 0x0E, 3) == bytes([0x1C, 0x88, 100])


@given(st.integers(-(10**12), 10**12))
def test_shift_moves_the_time_by_just_that(by):
    chip = DS3231(time := PhysicalTime())
    set_date(chip, datetime(2026, 1, 1))
    time.ns += 12_345
    before = chip.unix_ns()
    chip.shift(by)
    assert chip.unix_ns() - before == by


# -- status and control -----------------------------------------------------------------


def test_stop_flag_can_be_cleared_but_not_set(chip):
    write(chip, 0x0F, 0x08)
    assert read(chip, 0x0F)[0] == 0x08
    write(chip, 0x0F, 0xFF)
    assert read(chip, 0x0F)[0] == 0x08
    write(chip, 0x0F, 0x00)
    assert read(chip, 0x0F)[0] == 0x00


def test_setting_the_time_leaves_the_stop_flag(chip):
    set_date(chip, datetime(2026, 1, 1))
    assert read(chip, 0x0F)[0] & 0x80


def test_eosc_stops_the_oscillator_on_battery_only(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    write(chip, 0x0E, 0x9C, 0x00)
    time.ns += 10 * SECOND
    assert get_date(chip) == datetime(2026, 1, 1, 0, 0, 10)
    assert not read(chip, 0x0F)[0] & 0x80
    chip.vcc = False
    time.ns += 1000 * SECOND
    chip.vcc = True
    assert read(chip, 0x0F)[0] & 0x80
    assert get_date(chip) == datetime(2026, 1, 1, 0, 0, 10)
    time.ns += SECOND
    assert get_date(chip) == datetime(2026, 1, 1, 0, 0, 11)


def test_battery_carries_the_time_when_eosc_is_clear(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    write(chip, 0x0F, 0x00)
    chip.vcc = False
    time.ns += 3600 * SECOND
    chip.vcc = True
    assert get_date(chip) == datetime(2026, 1, 1, 1)
    assert not read(chip, 0x0F)[0] & 0x80


def test_alarms_are_storage_and_temperature_is_read_only(chip):
    write(chip, 7, *range(0x11, 0x18))
    assert read(chip, 7, 7) == bytes(range(0x11, 0x18))
    write(chip, 0x11, 0x55, 0x40)
    assert read(chip, 0x11, 2) == bytes([25, 0])


# -- persistence ------------------------------------------------------------------------


def test_goes_on_ticking_while_nobody_runs_it(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    chip.ppm = 2.5
    write(chip, 7, 1, 2, 3)
    write(chip, 0x0F, 0, 0xF6)
    state = json.loads(json.dumps(chip.dump()))
    time.ns += YEAR
    restored = DS3231(time)
    restored.restore(state)
    assert restored.unix_ns() == chip.unix_ns()
    assert read(restored, 0, 19) == read(chip, 0, 19)
    assert restored.ppm == 2.5
    assert get_date(restored) == datetime(2027, 1, 1, 0, 1, 50)  # 2.5 + 1 ppm: 110.4 s


def test_an_illogical_date_is_kept_too(chip, time):
    write(chip, 6, 0xFF)
    restored = DS3231(time)
    restored.restore(json.loads(json.dumps(chip.dump())))
    assert read(restored, 0, 7) == read(chip, 0, 7)


def test_half_a_dump_changes_nothing(chip, time):
    set_date(chip, datetime(2026, 1, 1))
    state = DS3231(time).dump()
    del state["storage"]
    with pytest.raises(KeyError):
        chip.restore(state)
    assert get_date(chip) == datetime(2026, 1, 1)
