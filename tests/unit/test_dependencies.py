"""What is installed with the package: no version with a known hole, and no licence unsaid."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = {each.name: each for each in map(Requirement, PROJECT["dependencies"])}

# The last version with the hole that the bound is there for.
HOLES = {
    "requests": "2.32.3",  # CVE-2024-47081: .netrc's password to another host
    "urllib3": "2.5.0",  # CVE-2025-66418, 66471: answers that unpack without end
    "filelock": "3.20.0",  # CVE-2025-68146: a link in the place of the lock
    "pillow": "10.2.0",  # CVE-2024-28219: a buffer overflow
}
COPYLEFT = re.compile(r"\b([AL]?GPL|EUPL|CDDL|MPL)\b|GNU|Eclipse|Mozilla")


@pytest.mark.parametrize("name", HOLES)
def test_a_version_with_a_known_hole_is_not_installed(name: str):
    assert not NEEDED[name].specifier.contains(HOLES[name])


def test_everything_has_a_lower_bound_that_the_pins_keep():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {}
    for pin in (Requirement(line) for line in lines if line and not line.startswith("#")):
        pins[pin.name.lower().replace("_", "-")] = next(iter(pin.specifier)).version
    for name, requirement in NEEDED.items():
        assert any(each.operator == ">=" for each in requirement.specifier), name
        assert requirement.specifier.contains(pins[name]), name


def test_what_is_under_a_copyleft_licence_is_named():
    """esptool alone, of what the package imports: LICENSE says what that means."""
    found = set()
    for name in NEEDED:
        about = metadata.metadata(name).json
        said = [about.get(each, "") for each in ("license_expression", "license", "classifier")]
        if COPYLEFT.search(str(said)):
            found.add(name)
    assert found == {"esptool"}
    text = (ROOT / "LICENSE").read_text()
    assert "esptool" in text and "GNU General Public License, version 2" in " ".join(text.split())
