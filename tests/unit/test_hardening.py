"""The table of measures: against espefuse's tables, and its rules."""

import pytest
from esptool.util import FatalError
from support.flashing.virtualefuses import virtual_chip

from tokenctl.errors import HardeningRefused, LinkError
from tokenctl.flashing.chips import CHIPS
from tokenctl.hardening import burning, efuses
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
