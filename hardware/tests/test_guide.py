"""What is made of the board definitions: it is up to date, and the pages say what is so."""

import re

import pytest
from known_builds import ROOT

from guide.__main__ import made_of
from tokenctl.boards.chips import NAMES, numbers, pins_of


def test_what_is_made_is_up_to_date():
    # If this fails: make hardware, and look at the pictures.
    files = made_of()
    there = (ROOT / "hardware" / "builds").rglob("*")
    names = {path.relative_to(ROOT).as_posix() for path in there if path.is_file()}
    assert names == {name for name in files if name.startswith("hardware/builds/")}
    for name, content in files.items():
        assert (ROOT / name).read_bytes() == content, name


PAGES = sorted((ROOT / "hardware").glob("builds/*/*.md")) + [ROOT / "hardware" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_page_says_which_pins_wake_which_chip():
    page = (ROOT / "hardware" / "README.md").read_text()
    rows = re.findall(
        r"^- (ESP32[^:]*): GPIO (.+) \(`esp32.wake_on_(\w+)`, from ([\d.]+)\)$", page, re.M
    )
    said = {
        title: (numbers(pins.replace("–", "-")), by, since)
        for titles, pins, by, since in rows
        for title in titles.split(", ")
    }
    pins = [pins_of(chip) for chip in NAMES]
    assert said == {each.title: (each.wakes, each.wake_by, each.wake_since) for each in pins}
