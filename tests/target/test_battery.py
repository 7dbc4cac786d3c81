"""The battery's voltage behind its divider, and what is made of it."""

import time
import unittest

from tokenfw.power.battery import Battery

DEFINITION = {"upper_ohms": 220000, "lower_ohms": 100000, "warn_mv": 3500, "empty_mv": 3300}


class Cell:
    """A cell behind the divider: `read_uv` is what the ADC gives."""

    def __init__(self, millivolts):
        self.millivolts = millivolts

    def read_uv(self):
        return self.millivolts * 1000 * 100000 // 320000


def look(battery):
    time.sleep_ms(501)
    battery.look()


class BatteryTest(unittest.TestCase):
    def test_the_voltage_is_that_of_the_cell(self):
        for millivolts in (3000, 3333, 3700, 4200):
            read = Battery(Cell(millivolts).read_uv, DEFINITION).millivolts
            self.assertTrue(abs(read - millivolts) <= 4, read)

    def test_the_charge_grows_with_the_voltage(self):
        charges = [
            Battery(Cell(each).read_uv, DEFINITION).percent() for each in range(3000, 4400, 10)
        ]
        self.assertEqual(charges, sorted(charges))
        self.assertEqual((charges[0], charges[-1]), (0, 100))

    def test_what_no_chip_runs_on_is_no_battery(self):
        battery = Battery(Cell(2000).read_uv, DEFINITION)
        for _ in range(3):
            look(battery)
        self.assertFalse(battery.low or battery.empty)

    def test_it_is_low_below_the_warning(self):
        self.assertFalse(Battery(Cell(3520).read_uv, DEFINITION).low)
        self.assertTrue(Battery(Cell(3490).read_uv, DEFINITION).low)

    def test_where_no_cell_is_connected_none_is_empty(self):
        # As a build is first tried: from USB, the battery comes last.
        battery = Battery(Cell(0).read_uv, DEFINITION)
        for _ in range(5):
            look(battery)
        self.assertFalse(battery.empty or battery.low)

    def test_a_chip_that_cannot_measure_has_none(self):
        # Old ones, and emulated ones: no calibration in the eFuses (ESP_ERR_INVALID_ARG).
        def refuse():
            raise OSError(-258, "ESP_ERR_INVALID_ARG")

        battery = Battery(refuse, DEFINITION)
        for _ in range(5):
            look(battery)
        self.assertFalse(battery.there or battery.empty or battery.low)

    def test_one_look_is_not_enough_for_empty(self):
        cell = Cell(3200)
        battery = Battery(cell.read_uv, DEFINITION)
        for _ in range(20):
            battery.look()  # a moment's load
        self.assertFalse(battery.empty)
        look(battery)
        cell.millivolts = 3400
        look(battery)
        cell.millivolts = 3200
        look(battery)
        look(battery)
        self.assertFalse(battery.empty)
        look(battery)
        self.assertTrue(battery.empty)
