"""The table of clock chips and panels: what is made of it, and that its rows have all they need."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tokenctl.boards import devices
from tokenctl.boards.devices import CLOCK_CHIPS, PANELS
from tokenctl.payload import firmware_folder
from tokensim.models import RTCS

DRIVERS = firmware_folder() / "tokenfw" / "drivers"
ROOT = Path(__file__).parents[2]
# What the data sheets say: address, fastest bus (Hz), accuracy and aging step (ppb).
# Maxim 19-5170 and 19-5312, DS1307 and DS1338 rev. 3/15; NXP PCF8563 rev. 11. A crystal without
# compensation: cut 20 ppm, 15 degrees away from 25 by 0.04 ppm a degree squared, and its load.
DATA_SHEETS = {
    "ds3231": (0x68, 400_000, 2000, 100),
    "ds3231m": (0x68, 400_000, 5000, 120),
    "pcf8563": (0x51, 400_000, 35_000, 0),
    "ds1307": (0x68, 100_000, 35_000, 0),
    "ds1338": (0x68, 400_000, 35_000, 0),
}
EVERY = [*CLOCK_CHIPS.values(), *PANELS.values()]


def test_every_clock_chip_has_its_data_sheet_here():
    assert DATA_SHEETS.keys() == CLOCK_CHIPS.keys(), "its figures, taken from the data sheet again"


@pytest.mark.parametrize("name", DATA_SHEETS)
def test_a_clock_chip_is_as_its_data_sheet_says(name):
    chip = CLOCK_CHIPS[name]
    said = (chip.address, chip.fastest_hz, chip.accuracy_ppb, chip.aging_step_ppb)
    assert said == DATA_SHEETS[name]


@pytest.mark.parametrize("device", EVERY, ids=lambda device: device.name)
def test_a_row_has_a_driver_and_a_model(device):
    module, kind = device.driver.split(":")
    tree = ast.parse((DRIVERS / f"{module}.py").read_text())
    assert kind in [each.name for each in tree.body if isinstance(each, ast.ClassDef)]
    module, kind = device.model.split(":")
    model = getattr(import_module(f"tokensim.chips.{module}"), kind)
    assert model.ADDRESS in getattr(device, "addresses", (getattr(device, "address", None),))
    assert len(device.source) > 20


def test_the_firmware_s_tables_are_made_of_it():
    table = devices.firmware_table()
    assert table in (DRIVERS.parent / "board.py").read_text(), "make hardware"
    assert (DRIVERS / "panels.py").read_text() == devices.firmware_panels(), "make hardware"


def test_what_is_found_is_not_taken_for_better_than_what_answers_alike():
    for chip in CLOCK_CHIPS.values():
        assert (chip.found_as is None) != (chip.found_accuracy_ppb is None)
        if chip.found_as is not None:
            like = CLOCK_CHIPS[chip.found_as]
            assert like.found_accuracy_ppb is not None
            assert like.found_accuracy_ppb >= chip.accuracy_ppb
            assert (like.driver, like.address) == (chip.driver, chip.address)
            assert like.fastest_hz <= chip.fastest_hz


def test_the_simulator_has_every_clock_chip_and_none():
    assert set(RTCS) == {*CLOCK_CHIPS, "none"}


def test_the_page_has_the_table():
    page = (ROOT / "hardware" / "README.md").read_text()
    assert set(re.findall(r"^  \| `(\w+)` \|", page, re.M)) == set(CLOCK_CHIPS), "make hardware"
    assert "\n".join(devices.page()) in page, "make hardware"


def test_no_chip_is_named_in_the_code_that_uses_the_table():
    """A new clock chip is a driver, a model and a row."""
    users = [
        *(ROOT / "host" / "tokenctl").rglob("*.py"),
        *(ROOT / "host" / "tokensim").glob("*.py"),
    ]
    usual = {"board.py": {"ds3231"}}  # what a simulated board has unless one is asked for
    for path in users:
        words = {
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not words & set(CLOCK_CHIPS) - usual.get(path.name, set()), path
