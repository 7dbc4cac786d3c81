"""What README and hardware/ say must be so."""

import json
import re
from pathlib import Path

import pytest

from otpcore.version import VERSION
from tokenctl.errors import EXIT_CODES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


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


def test_the_changelog_knows_this_version():
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(name):
    assert (ROOT / name).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z_]+)", README, re.M))))
def test_every_make_target_of_the_readme_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
