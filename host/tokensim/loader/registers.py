"""The registers that esptool and espefuse read and write, by address.

Modelled are the eFuses, the controller of the flash as far as it gives the flash's identity, and
what tells the chip. All others keep what is written to them, and read as 0 before.

Addresses are from Espressif's technical reference manuals (SPI1, UART0).
"""

from dataclasses import dataclass

from tokensim.loader.chip_flash import JEDEC_ID
from tokensim.loader.efuse_controller import EfuseController

_USER_COMMAND = 1 << 18  # of the first SPI register: carry out the command in USR2
_RDID = 0x9F
_CRYSTAL_HZ, _BAUD = 40_000_000, 115_200


@dataclass(frozen=True)
class Addresses:
    """Where a chip has SPI1, from there the command (USR2) and the data (W0), and UART0's divider.

    `magic` is the word at MAGIC, by which chips are told that have no number of their own.
    """

    spi: int
    usr2: int
    w0: int
    divider: int
    magic: int = 0


MAGIC = 0x4000_1000
CHIPS = {
    "esp32": Addresses(0x3FF4_2000, 0x24, 0x80, 0x3FF4_0014, 0x00F0_1D83),
    "esp32s2": Addresses(0x3F40_2000, 0x20, 0x58, 0x3F40_0014, 0x0000_07C6),
    "esp32s3": Addresses(0x6000_2000, 0x20, 0x58, 0x6000_0014),
    "esp32c3": Addresses(0x6000_2000, 0x20, 0x58, 0x6000_0014),
}


class Registers:
    """The registers of a chip, one of CHIPS, whose eFuses are behind `efuses`."""

    def __init__(self, chip: str, efuses: EfuseController) -> None:
        self._places = CHIPS[chip]
        self._efuses = efuses
        self._kept = {
            MAGIC: self._places.magic,
            self._places.divider: _CRYSTAL_HZ // _BAUD,
        }

    def read(self, address: int) -> int:
        """Return a word."""
        if self._efuses.has(address):
            return self._efuses.read(address)
        return self._kept.get(address, 0)

    def write(self, address: int, value: int, mask: int) -> None:
        """Change the bits of `mask` of a word."""
        value = self.read(address) & ~mask | value & mask
        if self._efuses.has(address):
            self._efuses.write(address, value)
            return
        self._kept[address] = value
        if address == self._places.spi and value & _USER_COMMAND:
            self._ask_the_flash()

    def _ask_the_flash(self) -> None:
        """Carry out a command of the flash at once: RDID; others find nothing."""
        spi = self._places
        command = self._kept.get(spi.spi + spi.usr2, 0) & 0xFF
        self._kept[spi.spi] = 0
        self._kept[spi.spi + spi.w0] = JEDEC_ID if command == _RDID else 0
