"""The table of clock chips and panels: what is made of it, and that its rows have all they need."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from support import sources

from tokenctl.boards import devices
from tokenctl.boards.devices import CLOCK_CHIPS, PANELS
from tokenctl.payload import firmware_folder
from tokensim.board.models import RTCS

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
    tree = sources.tree(DRIVERS / f"{module}.py")
    assert kind in [each.name for each in tree.body if isinstance(each, ast.ClassDef)]
    module, kind = device.model.split(":")
    model = getattr(import_module(f"tokensim.chips.{module}"), kind)
    assert model.ADDRESS in getattr(device, "addresses", (getattr(device, "address", None),))
    assert len(device.source) > 20


# The contract of tokenfw/drivers/__init__.py: what a driver's methods take.
DATE = ["year", "month", "day", "hour", "minute", "second"]
CLOCK = {"read": [], "prepare": DATE, "start": []}
AGING = {"aging": [], "set_aging": ["steps"]}
ABOUT = ["self.NAME", "self._address", "_", "self.ACCURACY", "self.AGING_STEP"]


def driver(device: str) -> ast.ClassDef:
    """Return the class of a driver, "module:class"."""
    module, kind = device.split(":")
    body = sources.tree(DRIVERS / f"{module}.py").body
    return next(each for each in body if isinstance(each, ast.ClassDef) and each.name == kind)


def methods(kind: ast.ClassDef) -> dict[str, list[str]]:
    """Return what each method takes."""
    return {
        each.name: [argument.arg for argument in each.args.args if argument.arg != "self"]
        for each in kind.body
        if isinstance(each, ast.FunctionDef)
    }


def assigned(node: ast.AST) -> list[str]:
    """Return what is assigned to within a node, in order."""
    targets = [each.targets[0] for each in ast.walk(node) if isinstance(each, ast.Assign)]
    return [
        ast.unparse(each)
        for target in targets
        for each in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]


def lacks(kind: ast.ClassDef, wanted: dict[str, list[str]]) -> list[str]:
    """Return the methods that a driver has not, or that take something else."""
    there = methods(kind)
    return [name for name, takes in wanted.items() if there.get(name) != takes]


@pytest.mark.parametrize("place", sorted({chip.driver for chip in CLOCK_CHIPS.values()}))
def test_a_clock_chip_s_driver_keeps_the_contract(place):
    kind = driver(place)
    aging = any(each.aging_step_ppb for each in CLOCK_CHIPS.values() if each.driver == place)
    made = {"__init__": ["i2c", "about", "frequency"], "found": ["i2c", "address"]}
    assert lacks(kind, made | CLOCK | (AGING if aging else {})) == []
    own = {each.name: each for each in kind.body if isinstance(each, ast.FunctionDef)}
    assert [ast.unparse(each) for each in own["found"].decorator_list] == ["staticmethod"]
    names = assigned(own["__init__"])
    assert names[: len(ABOUT)] == ABOUT and "self.START_US" in names


def test_what_stands_for_a_clock_chip_keeps_the_contract():
    kind = driver("no_rtc:NoRTC")
    assert lacks(kind, CLOCK) == []
    assert {"NAME", "ACCURACY", "AGING_STEP", "START_US"} <= set(assigned(kind))


@pytest.mark.parametrize("panel", PANELS.values(), ids=lambda panel: panel.name)
def test_a_panel_s_driver_keeps_the_contract(panel):
    kind = driver(panel.driver)
    assert [ast.unparse(each) for each in kind.bases] == ["Panel"]
    assert {"ON", "OFF"} <= set(assigned(kind))
    made = {"__init__": ["i2c", "address", "width", "height"], "start": []}
    assert lacks(kind, made) == []


@pytest.mark.parametrize("device", EVERY, ids=lambda device: device.name)
def test_a_driver_and_a_model_have_tests_of_their_own(device):
    module, kind = device.driver.split(":")
    known = "panels" if device.name in PANELS else module
    driven = ROOT / "tests" / "target" / f"test_{known}.py"
    assert f"from tokenfw.drivers.{module} import {kind}\n" in driven.read_text(), driven
    module, kind = device.model.split(":")
    modelled = ROOT / "tests" / "unit" / f"test_chip_{module}.py"
    imported = rf"^from tokensim\.chips\.{module} import .*\b{kind}\b"
    assert re.search(imported, modelled.read_text(), re.M), f"a test of {kind} in {modelled}"


def test_the_manual_names_the_chips_and_the_panels():
    text = " ".join((ROOT / "docs" / "manual.md").read_text().split())
    panels, chips = re.findall(r"The OLED can be (.+?)\. The clock chip can be (.+?);", text)[0]
    titles = {each.title for each in CLOCK_CHIPS.values()}
    assert set(re.findall(r"\b[A-Z]+\d\w+", chips)) == titles, (
        "docs/manual.md: The clock chip can be"
    )
    named = re.findall(r"an? (\w+) of ([^,]+)", panels)
    assert {title: set(re.findall(r"\d+x\d+", sizes)) for title, sizes in named} == {
        each.title: {f"{width}x{height}" for width, height in each.sizes}
        for each in PANELS.values()
    }, "docs/manual.md: The OLED can be"


def test_the_firmware_s_tables_are_made_of_it():
    table = devices.firmware_table()
    assert table in (DRIVERS.parent / "board.py").read_text(), "make hardware"
    assert (DRIVERS / "panels.py").read_text() == devices.firmware_panels(), "make hardware"


def test_what_is_found_is_not_taken_for_better_than_what_answers_alike():
    for chip in CLOCK_CHIPS.values():
        assert (chip.found_as is None) != (chip.found_accuracy_ppb is None), (
            f"{chip.name}: found_as of the chip that no register tells it from, or its own accuracy"
        )
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
        *(p for p in (ROOT / "host" / "tokensim").rglob("*.py") if p.parent.name != "chips"),
    ]
    usual = {"board.py": {"ds3231"}}  # what a simulated board has unless one is asked for
    for path in users:
        words = {
            node.value
            for node in ast.walk(sources.tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not words & set(CLOCK_CHIPS) - usual.get(path.name, set()), path
