# heap: 3M
"""What the key of a new PIN is made of, and when the radio is on for it. On MicroPython."""

import unittest

from norflash import NorFlash, PowerCut
from vaults import closed, power_up, request, run, totp

from tokenfw.system import entropy as module
from tokenfw.system.entropy import Entropy

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
