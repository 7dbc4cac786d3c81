"""What README and hardware/ say must be so."""

import json
import re
from pathlib import Path

import pytest

from otpcore.version import VERSION
from tokenctl.errors import EXIT_CODES
from tokenctl.payload import board_definition

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
LINK_TO_A_PART = re.compile(r"\]\(((?:[^)#:]+\.md)?)#([^)]+)\)")


def test_every_exit_code_is_in_the_readme():
    rows = dict(re.findall(r"^\| (\d+) \| (.+?) \|$", README, re.MULTILINE))
    assert rows == {str(code): meaning for code, meaning in EXIT_CODES.items()}


def test_the_wiring_is_that_of_the_board_definition():
    board = json.loads((ROOT / "firmware" / "board.json").read_text())
    wiring = (ROOT / "hardware" / "README.md").read_text()
    rows = dict(re.findall(r"^\| (\S.*?) \| GPIO (\d+) \|", wiring, re.MULTILINE))
    assert rows == {
        "SCL of OLED and clock chip": str(board["i2c"]["scl"]),
        "SDA of OLED and clock chip": str(board["i2c"]["sda"]),
        "Button, to GND": str(board["button"]["pin"]),
        "Second button, to GND": str(board["second_button"]["pin"]),
    }


def test_the_wiring_of_the_other_chips_is_that_of_their_definitions():
    wiring = (ROOT / "hardware" / "README.md").read_text()
    rows = re.findall(
        r"^\| ESP32-(\S+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", wiring, re.MULTILINE
    )
    assert {f"esp32{name.lower()}": row for name, *row in rows} == {
        board["chip"]: [
            str(pin)
            for pin in (
                board["i2c"]["scl"],
                board["i2c"]["sda"],
                board["button"]["pin"],
                board["second_button"]["pin"],
            )
        ]
        for board in map(
            _load, sorted((ROOT / "hardware" / "boards").glob("esp32[sc]?-devkit.json"))
        )
    }


def _load(path):
    return json.loads(path.read_text())


# Pins that a board cannot spare, from Espressif's data sheets: what the chip looks at when it
# starts ("strapping pins"), its USB, its first serial port, and its flash, eight-line ones too.
TAKEN = {
    "esp32": {0, 2, 5, 12, 15, 1, 3, *range(6, 12), *range(34, 40)},
    "esp32s2": {0, 45, 46, 19, 20, 43, 44, *range(26, 33)},
    "esp32s3": {0, 3, 45, 46, 19, 20, 43, 44, *range(26, 38)},
    "esp32c3": {2, 8, 9, 18, 19, 20, 21, *range(11, 18)},
}
WAKES = {  # from deep sleep: the pins of the RTC's supply
    "esp32": {0, 2, 4, *range(12, 16), *range(25, 28), *range(32, 40)},
    "esp32s2": set(range(22)),
    "esp32s3": set(range(22)),
    "esp32c3": set(range(6)),
}


@pytest.mark.parametrize("chip", sorted(TAKEN))
def test_the_pins_of_a_definition_are_free(chip):
    board = _load(board_definition(chip))
    buttons = [board["button"]["pin"], board["second_button"]["pin"]]
    pins = [board["i2c"]["scl"], board["i2c"]["sda"], *buttons]
    assert board["chip"] == chip
    assert len(set(pins)) == 4 and not set(pins) & TAKEN[chip]
    assert set(buttons) <= WAKES[chip]


def test_the_changelog_knows_this_version():
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(name):
    assert (ROOT / name).exists()


def test_every_link_to_a_part_of_a_page_leads_there():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "hardware").rglob("*.md")]
    links = [(page, *each) for page in pages for each in LINK_TO_A_PART.findall(page.read_text())]
    assert links
    for page, name, part in links:
        text = (page.parent / name if name else page).read_text()
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
        assert part in anchors, (page, name, part)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z_]+)", README, re.M))))
def test_every_make_target_of_the_readme_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
