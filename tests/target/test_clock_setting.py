"""What a set of the clock writes, while the vault is being opened at the same time."""

import asyncio
import unittest

import impatient  # noqa: F401

from otpcore.clock_log import NO_CHIP, UNDERWAY
from otpcore.errors import Busy
from otpcore.settings import CLOCK_DAY, DEFAULTS
from tokenfw.clock.clock import EARLIEST, Clock
from tokenfw.clock.second import Timeline
from tokenfw.clock.setting import Setting


class OpeningVault:
    """The settings of a vault that is read each time that somebody waits, and for a while then."""

    def __init__(self):
        self.values = {}
        self._steps = 0  # until it is read

    def setting(self, key):
        return self.values.get(key, DEFAULTS.get(key))

    def begin(self):
        self._steps = 3

    async def settled(self):
        while self._steps:
            self._steps -= 1
            await asyncio.sleep_ms(0)

    def change_settings(self, values):
        if self._steps:
            raise Busy
        self.values.update(values)


class FullVault(OpeningVault):
    """The settings of a vault for which there is no memory now."""

    def change_settings(self, values):
        raise MemoryError


class DeadChip:
    AGING_STEP = 0

    def read(self):
        raise OSError(116)


class NewYear(DeadChip):
    def read(self):
        return 2026, 1, 1, 0, 0, 0, False


class Quick(Setting):
    """A Setting whose chip takes the time at once, or does not answer."""

    chip_takes_it = True

    async def _set_chip(self):
        await asyncio.sleep_ms(0)
        self._vault.begin()
        if not self.chip_takes_it:
            raise OSError(116)
        return self._target.now()


class SettingTest(unittest.TestCase):
    def set(self, chip_takes_it):
        """Set a clock without a time; return its History."""
        vault = OpeningVault()
        clock = Clock(DeadChip(), vault)
        setting = Quick(clock, vault, Timeline(EARLIEST, 0), 0)
        setting.chip_takes_it = chip_takes_it
        vault.begin()
        asyncio.run(setting.carry_out(True))
        self.assertFalse(clock.setting)
        return clock.history

    def test_that_it_is_over_is_written_once_the_vault_is_open(self):
        self.assertFalse(self.set(True).underway)

    def test_so_is_that_the_chip_does_not_answer(self):
        flags = self.set(False).last.flags
        self.assertEqual(flags & (NO_CHIP | UNDERWAY), NO_CHIP | UNDERWAY)

    def test_the_mark_of_the_day_waits_for_the_next_look(self):
        vault = OpeningVault()
        clock = Clock(NewYear(), vault)
        vault.begin()
        clock.look()
        self.assertEqual(vault.values, {})
        asyncio.run(vault.settled())
        clock.look()
        self.assertEqual(vault.values, {CLOCK_DAY: 20454})  # days from 1970 to 2026

    def test_a_lack_of_memory_for_the_mark_stops_nothing(self):
        clock = Clock(NewYear(), FullVault())
        clock.look()
        self.assertEqual(clock.now(), 1767225600)
