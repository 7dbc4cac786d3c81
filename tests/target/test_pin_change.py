# heap: 3M
"""What the key of a new PIN is made of, and when the radio is on for it. On MicroPython."""

import gc
import struct
import sys
import unittest

from norflash import NorFlash, PowerCut
from vaults import closed, power_up, request, run, totp

from tokenfw.system import boot_entropy
from tokenfw.system import entropy as module
from tokenfw.system.entropy import Entropy
from tokenfw.system.faults import Record

PIN, OTHER = "271828", "314159"


class Radio:
    """Stands for the chip's: counts, and cuts the power when it is switched on, if told."""

    def __init__(self):
        self.on = 0
        self.has_room = True
        self.cuts = False

    def __call__(self):
        return self

    def __enter__(self):
        if not self.has_room:
            return False
        self.on += 1
        if self.cuts:
            raise PowerCut
        return True

    def __exit__(self, *_):
        pass


class Fixed:
    """An Entropy that always gives the same keys."""

    strong = True
    boot_entropy = b""

    def __init__(self, name):
        self._name = name

    def keys(self, count, radio=True, more=b""):
        return [self._name * 32] * count


def varied(length):
    """Bytes that pass for random, the same each time."""
    return bytes(n * 7 % 251 + n // 251 for n in range(length))


class ChangeTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(8)
        self.radio = Radio()
        power_up(self.flash).add(request(1), totp(1))

    def start(self):
        """Return the vault as after a power-up."""
        vault = closed(self.flash, Entropy(self.radio, lambda: b""))
        run(vault.start())
        return vault

    def test_the_radio_is_on_for_each_key(self):
        vault = self.start()
        for turn, pin in enumerate((PIN, OTHER, "")):
            run(vault.set_pin(pin))
            self.assertEqual((self.radio.on, vault.setting("radio")), (turn + 1, "on"))

    def test_without_memory_for_the_radio_it_is_said(self):
        vault = self.start()
        self.radio.has_room = False
        run(vault.set_pin(PIN))
        self.assertEqual((self.radio.on, vault.setting("radio")), (0, "off"))

    def test_where_the_radio_takes_the_power_away_it_is_tried_once(self):
        self.radio.cuts = True
        with self.assertRaises(PowerCut):
            run(self.start().set_pin(PIN))
        vault = self.start()
        self.assertEqual((vault.ids(), vault.pin_length()), ([1], 0))
        run(vault.set_pin(PIN))
        self.assertEqual((self.radio.on, vault.setting("radio")), (1, "off"))


class Restarted(Exception):
    """Stands for the chip's reset."""


class Board:
    """Stands for `gc` on a board without PSRAM."""

    collect = gc.collect

    @staticmethod
    def mem_free():
        return 20000 * struct.calcsize("P")


class AheadTest(unittest.TestCase):
    """Where the radio has no room the chip restarts, and draws before anything is loaded."""

    def setUp(self):
        self.flash = NorFlash(8)
        self.radio = Radio()
        self.kept = b""  # what outlives a reset
        power_up(self.flash).add(request(1), totp(1))
        sys.modules["gc"] = Board  # for what is loaded on demand

    def tearDown(self):
        del sys.modules["gc"]

    def memory(self, *data):
        if data:
            self.kept = data[0]
        return self.kept

    def reset(self):
        raise Restarted

    def run_ahead(self):
        """Begin a run as app.py does; return what it has that was drawn ahead."""
        record = Record(self.memory)
        record.begin(True, False, False)
        return boot_entropy.begin(lambda: self, record)

    # what boot_entropy.begin() takes of a board

    def watchdog(self, timeout):
        return lambda: None

    def entropy(self):
        return Entropy(self.radio, lambda: b"", varied)

    def start(self, drawn=b""):
        entropy = Entropy(
            self.radio, lambda: b"", ahead=drawn, memory=self.memory, reset=self.reset
        )
        vault = closed(self.flash, entropy)
        run(vault.start())
        return vault

    def restart(self):
        vault = self.start()
        self.assertFalse(vault.can_draw())
        with self.assertRaises(Restarted):
            vault.restart()

    def test_it_draws_in_a_run_of_its_own_and_leaves_nothing_behind(self):
        self.restart()
        self.assertIsNone(self.run_ahead())
        self.assertEqual(self.radio.on, 1)
        lay = self.kept
        drawn = self.run_ahead()
        self.assertEqual(len(drawn), 32)
        self.assertIn(drawn, lay)
        self.assertNotIn(drawn, self.kept)
        self.assertEqual(self.run_ahead(), b"")
        vault = self.start(drawn)
        self.assertTrue(vault.can_draw())
        run(vault.set_pin(PIN))
        self.assertEqual((self.radio.on, vault.setting("radio")), (1, "on"))
        self.assertTrue(vault.can_draw(), "one draw is enough for a run")
        run(vault.set_pin(OTHER))
        self.assertEqual((self.radio.on, vault.setting("radio")), (1, "on"))
        self.assertFalse(self.start().can_draw())

    def test_where_the_radio_has_no_room_even_then_it_is_said(self):
        self.restart()
        self.radio.has_room = False
        self.assertIsNone(self.run_ahead())
        drawn = self.run_ahead()
        self.assertEqual(drawn, b"")
        vault = self.start(drawn)
        self.assertTrue(vault.can_draw(), "it goes on without")
        run(vault.set_pin(PIN))
        self.assertEqual((self.radio.on, vault.setting("radio")), (0, "off"))
        self.assertFalse(self.start().can_draw(), "the next one is tried again")

    def test_where_the_radio_takes_the_power_away_it_is_tried_once(self):
        self.restart()
        self.radio.cuts = True
        with self.assertRaises(PowerCut):
            self.run_ahead()
        self.kept = b""
        self.assertEqual(self.run_ahead(), b"")
        vault = self.start()
        self.assertTrue(vault.can_draw())
        run(vault.set_pin(PIN))
        self.assertEqual((self.radio.on, vault.setting("radio")), (1, "off"))

    def test_where_the_radio_hangs_that_is_a_fault_and_the_next_run_goes_on(self):
        self.restart()
        self.radio.cuts = True
        with self.assertRaises(PowerCut):
            self.run_ahead()
        record = Record(self.memory)
        record.begin(False, True, False)  # the watchdog ended it
        self.assertEqual((record.count, record.text), (1, "hung"))
        self.assertEqual(boot_entropy.begin(lambda: self, record), b"")

    def test_a_dialog_that_is_given_up_does_not_spoil_the_next_one(self):
        self.restart()
        self.run_ahead()
        self.assertTrue(self.start(self.run_ahead()).can_draw())
        self.assertFalse(self.start().can_draw(), "after a sleep: it restarts again")


class Still:
    """Stands for `time`: nothing that differs between two draws."""

    @staticmethod
    def ticks_us():
        return 0


class MixTest(unittest.TestCase):
    def setUp(self):
        module.time = Still

    def tearDown(self):
        import time

        module.time = time

    def test_the_key_before_goes_into_the_key(self):
        """A generator that draws the same for all does not make all keys known to all."""
        flashes = []
        for name in (b"a", b"b", b"a"):
            vault = closed(NorFlash(8), Fixed(name))
            run(vault.start())
            vault._entropy = Entropy(Radio(), lambda: b"", varied)
            run(vault.set_pin(PIN))
            flashes.append(vault._key)
        self.assertEqual(flashes[0], flashes[2], "nothing else differs")
        self.assertNotEqual(flashes[0], flashes[1])
