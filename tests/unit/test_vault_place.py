"""A vault is known by what the firmware wrote, with no table of ours on the board.

The images are made by the firmware on MicroPython: whole, and cut in every operation of
the first start, of a change, and of a wipe.
"""

import subprocess
import sysconfig
from pathlib import Path

import pytest
from support.on_micropython import environment

from tokenctl.flashing import layout, plan

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
MICROPYTHON = Path(sysconfig.get_path("scripts")) / "micropython"
SIZE, SECTOR = 0x80000, 4096

# Writes every image that a cut leaves, one after the other, each of so many sectors.
CUTS = """
import sys, random
from norflash import NorFlash, PowerCut
from scenarios import PIN, several
from vaults import closed, power_up, request, run, totp

def first_start(flash):
    vault = closed(flash)
    run(vault.start())

def add(flash):
    vault = power_up(flash, PIN)
    vault.add(request(99), totp(99))
    run(vault.set_pin(PIN))

def wipe(flash):
    vault = power_up(flash, PIN)
    run(vault.wipe())

def whole(change):
    flash = NorFlash(12, START)
    change(flash)
    return flash.programs + flash.erases

START = None
if sys.argv[2] == "several":
    flash = NorFlash(12)
    vault = power_up(flash)
    several(vault)
    run(vault.set_pin(PIN))
    START = bytes(flash.memory)
change = {"start": first_start, "add": add, "wipe": wipe}[sys.argv[3]]
with open(sys.argv[1], "wb") as file:
    for number in range(1, whole(change) + 1):
        for torn in range(TORN):
            random.seed(number * 100 + torn)
            flash = NorFlash(12, START)
            flash.cut_after(number, torn > 0)
            try:
                change(flash)
            except PowerCut:
                pass
            file.write(flash.memory)
"""


class Board:
    """A flash with this in the vault's place, by default no table, and nothing elsewhere."""

    def __init__(self, vault, table=b""):
        self.parts = {
            layout.TABLE_OFFSET: table,
            layout.VAULT.offset: vault.ljust(SIZE, b"\xff"),
        }

    def read(self, offset, length):
        for start, part in self.parts.items():
            if start <= offset < start + len(part):
                return part[offset - start : offset - start + length].ljust(length, b"\xff")
        return b"\xff" * length

    def holds(self, offset, data):
        return self.read(offset, len(data)) == data


def place(vault):
    return plan.vault_place(Board(vault))


def images(tmp_path, prepare, change, torn=3):
    """Return the images after each cut, each different one once."""
    out, program = tmp_path / "out", tmp_path / "program.py"
    program.write_text(CUTS.replace("TORN", str(torn)))
    run = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=4M", program, out, prepare, change],
        env=environment(),
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    data, size = out.read_bytes(), 12 * SECTOR
    found = {data[start : start + size] for start in range(0, len(data), size)}
    assert len(found) > 1
    return found


def blank(image):
    return set(image) == {0xFF}


def test_cut_when_accounts_and_a_pin_are_written(tmp_path):
    assert all(place(each) == plan.OURS for each in images(tmp_path, "several", "add"))


@pytest.mark.parametrize("prepare, change", [("several", "wipe"), ("", "start")])
def test_cut_when_the_first_keys_are_written(tmp_path, prepare, change):
    """A wipe ends like a first start: blank, then the first keys are written.

    When the last key sector is torn, nothing is left to keep, and it cannot be told from
    what is somebody else's; with our table, which is there when the firmware runs, it can.
    """
    for each in images(tmp_path, prepare, change):
        if blank(each):
            assert place(each) == plan.BLANK
        elif not blank(each[2 * SECTOR :]) or b"OTK\1" in (each[:4], each[SECTOR : SECTOR + 4]):
            assert place(each) == plan.OURS
        assert plan.vault_place(Board(each, layout.table())) == plan.OURS


def test_one_sector_of_records_is_enough():
    """Of a vault whose keys are gone."""
    vault = bytearray(b"\xff" * SIZE)
    vault[5 * SECTOR : 6 * SECTOR] = bytes(SECTOR)
    vault[5 * SECTOR : 5 * SECTOR + 4] = b"OTR\1"
    assert place(bytes(vault)) == plan.OURS


@pytest.mark.parametrize("copy", [0, 1024])
@pytest.mark.parametrize("sector", [0, 1])
def test_one_block_of_keys_is_enough(sector, copy):
    vault = bytearray(bytes(SIZE))
    vault[sector * SECTOR + copy : sector * SECTOR + copy + 4] = b"OTK\1"
    assert place(bytes(vault)) == plan.OURS


@pytest.mark.parametrize(
    "content",
    [
        b"OTR\1 in the first sector, where keys are".ljust(SIZE, b"\0"),
        (b"\0" * 4096 * 3 + b"OTK\1").ljust(SIZE, b"\0"),
        (b"\0" * 4096 * 3 + b"a file with OTR in it").ljust(SIZE, b"\0"),
        bytes(SIZE),
    ],
)
def test_something_else(content):
    assert place(content) == plan.FOREIGN
