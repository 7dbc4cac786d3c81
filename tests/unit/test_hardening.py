"""The table of measures: against espefuse's tables, and its rules."""

from typing import cast

import pytest
from esptool.util import FatalError
from support.flashing.virtualefuses import virtual_chip

from tokenctl.errors import HardeningRefused, LinkError
from tokenctl.flashing.chips import CHIPS
from tokenctl.flashing.loader import Board
from tokenctl.hardening import burning, chip_key, efuses
from tokenctl.hardening.measures import BURNABLE, MEASURES, measures_for

NAMES = [chip.name for chip in CHIPS]
PAIRS = [(name, each) for name in NAMES for each in measures_for(name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_chip_can_close_its_loader_and_its_jtag(name):
    assert {"loader", "jtag"} <= {each.name for each in measures_for(name)}


@pytest.mark.parametrize(("name", "measure"), PAIRS, ids=lambda each: getattr(each, "name", each))
@pytest.mark.slow
def test_espefuse_knows_each_efuse_and_a_new_chip_has_none_burnt(name, measure):
    chip = efuses.Efuses(virtual_chip(name))
    assert chip.state(measure.efuses[name]) == efuses.OPEN


def test_what_stock_micropython_does_not_survive_is_never_burnt():
    assert not {"flash-encryption", "secure-boot"} & set(BURNABLE)
    explained = [each for each in MEASURES if each.name not in BURNABLE]
    assert all("tokenctl never burns it" in each.costs for each in explained)


def test_what_closes_the_loader_says_that_nothing_can_be_flashed_again():
    for each in MEASURES:
        if each.closes_loader:
            assert (
                "ever again" in each.costs
                and "no other measure can be burnt afterwards" in each.costs
            )


class Silent:
    """The commands of a chip that behaves in a certain way when it is burnt."""

    def __init__(self, commands, ending):
        self.efuses, self._ending = commands.efuses, ending

    def burn_efuse(self, pairs):
        if self._ending is not None:
            raise self._ending


@pytest.mark.parametrize("ending", [None, FatalError("the cable is out"), OSError(), SystemExit(1)])
def test_a_burning_that_did_not_take_is_no_success(ending):
    chip = efuses.Efuses(virtual_chip("esp32c3"))
    chip._commands = Silent(chip._commands, ending)
    for name in ("DIS_PAD_JTAG", "DIS_DOWNLOAD_MODE"):
        with pytest.raises(LinkError, match=name):
            chip.burn(name)


def test_a_loader_that_is_gone_after_its_burning_is_success():
    # espefuse ends the program, with success, when the chip cannot be reached after that.
    chip = efuses.Efuses(virtual_chip("esp32c3"))
    chip._commands = Silent(chip._commands, SystemExit(0))
    assert chip.burn("DIS_DOWNLOAD_MODE") == efuses.UNREADABLE
    with pytest.raises(LinkError):
        chip.burn("DIS_PAD_JTAG")


def test_nothing_goes_on_after_what_closes_the_loader():
    chip = efuses.Efuses(virtual_chip("esp32c3"))
    found = [burning._finding(each, "esp32c3", 3, chip) for each in measures_for("esp32c3")]
    for first, second in (("loader", "jtag"), ("secure-loader", "usb-jtag")):
        chosen = burning.chosen(found, [first, second])
        assert chosen[-1].measure.name == first
    with pytest.raises(HardeningRefused):
        burning.chosen(found, ["loader", "secure-loader"])


# the chip's own key

KEYED = [name for name in NAMES if name != "esp32"]


def words(chip):
    """Return the words of a chip's WR_DIS, RD_DIS and purposes."""
    base = chip.REGS.DR_REG_EFUSE_BASE
    return [chip.read_reg(base + offset) for offset in (0x2C, 0x30, 0x34, 0x38)]


def set_words(chip, **bits):
    """Set bits of those."""
    base = chip.REGS.DR_REG_EFUSE_BASE
    for name, value in bits.items():
        offset = {"wr_dis": 0x2C, "rd_dis": 0x30, "low": 0x34, "high": 0x38}[name]
        chip.update_reg(base + offset, 0xFFFFFFFF, value)


@pytest.mark.parametrize("name", KEYED)
def test_a_burnt_key_is_hidden_and_protected_for_good(name):
    chip = virtual_chip(name)
    back = efuses.Efuses(chip).burn_key(2, bytes(range(32)))
    assert back.has_hidden_key and back.is_empty and not back.is_open and not back.is_free
    wr_dis, rd_dis, _, high = words(chip)
    assert rd_dis == 1 << 2 and high & 15 == 8  # HMAC_UP
    assert wr_dis & 1 << 25 and wr_dis & 1 << 10  # the block, and its purpose
    with pytest.raises(LinkError):
        efuses.Efuses(chip).burn_key(2, bytes(range(1, 33)))


@pytest.mark.parametrize("name", KEYED)
def test_the_first_block_that_nothing_was_burnt_into_is_taken(name):
    chip = virtual_chip(name)
    assert chip_key.free_block(efuses.Efuses(chip)).number == 0
    base = chip.REGS.DR_REG_EFUSE_BASE
    set_words(chip, low=9 << 24)  # KEY0 has a purpose
    chip.update_reg(base + 0x9C + 32, 0xFFFFFFFF, 1)  # KEY1 is not empty
    set_words(chip, rd_dis=1 << 2)  # KEY2 cannot be read
    set_words(chip, wr_dis=1 << 26 | 1 << 12)  # KEY3 cannot be written, nor KEY4's purpose
    assert chip_key.free_block(efuses.Efuses(chip)).number == 5
    set_words(chip, high=4 << 12)
    with pytest.raises(HardeningRefused, match="none of the six key blocks is free"):
        chip_key.free_block(efuses.Efuses(chip))


def test_after_secure_boot_no_block_can_be_hidden():
    chip = virtual_chip("esp32c3")
    set_words(chip, wr_dis=1)  # of RD_DIS itself
    with pytest.raises(HardeningRefused, match="read protection"):
        chip_key.free_block(efuses.Efuses(chip))
    finding = burning._key_finding(MEASURES[0], efuses.Efuses(chip))
    assert finding.state == efuses.LOCKED and "Secure Boot" in finding.why


@pytest.mark.parametrize("key", [bytes(32), bytes(31), b""])
def test_what_is_no_key_is_never_burnt(key):
    chip = efuses.Efuses(virtual_chip("esp32c3"))
    with pytest.raises(ValueError):
        chip_key.burn(cast(Board, None), chip.key_blocks()[0], key)


@pytest.mark.parametrize("ending", [FatalError("the cable is out"), OSError(), SystemExit(0)])
def test_a_key_whose_burning_ends_early_is_no_success(ending):
    chip = efuses.Efuses(virtual_chip("esp32c3"))
    commands = chip._commands

    class Broken:
        efuses = commands.efuses

        def burn_key(self, *arguments):
            raise ending

    chip._commands = Broken()
    with pytest.raises(LinkError, match="BLOCK_KEY1"):
        chip.burn_key(1, bytes(32))
