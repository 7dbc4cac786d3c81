"""When a token sleeps: what the manual tells is what the firmware and the definitions do."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware" / "tokenfw"
BOARDS = ROOT / "hardware" / "boards"


def section() -> str:
    text = (ROOT / "docs" / "manual.md").read_text()
    return " ".join(text.partition("\n## Sleep and battery\n")[2].partition("\n## ")[0].split())


def test_for_how_long_a_computer_finds_it_awake():
    stated = re.search(r"for (\w+) minutes after a computer asked for something", section())
    found = re.search(
        r"^_REACHABLE_MS = const\((\d+)\)$", (FIRMWARE / "power" / "sleep.py").read_text(), re.M
    )
    assert stated and found
    assert {"five": 5 * 60_000}[stated[1]] == int(found[1])
    assert f"{stated[1]} minutes after the last command" in section(), "of a DevKit, too"


@pytest.mark.parametrize("name", ["esp32-devkit", "minimal-esp32"])
def test_a_devkit_sleeps_and_senses_no_usb_power(name):
    definition = json.loads((BOARDS / f"{name}.json").read_text())
    assert definition.get("sleep", True) and "usb_power" not in definition
    assert any(each["state"] == "asleep" for each in definition["currents"])
    assert "A DevKit cannot sense USB power" in section()
