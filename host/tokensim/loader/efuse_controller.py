"""The registers of the eFuse controller: espefuse's virtual one, which has its coding and rules.

It differs from a chip in that it forgets a key once that is read-protected. So the keys are in the
board's Efuses, from where the HMAC peripheral has them, and go there when they are burnt.
"""

from typing import Any

from espefuse import get_esp
from esptool.util import FatalError

from tokensim.chips.hmac_peripheral import KEYS, PURPOSES, RD_DIS, WR_DIS, Efuses

# What a new chip has: one in which all measures of tokenctl harden work.
_REVISIONS = {"esp32": 300, "esp32s2": 0, "esp32s3": 1, "esp32c3": 3}  # major * 100 + minor
_NO_LOADER = {"esp32": "UART_DOWNLOAD_DIS"}  # elsewhere _NO_LOADER_USUAL
_NO_LOADER_USUAL = "DIS_DOWNLOAD_MODE"
_SECURE_LOADER = "ENABLE_SECURITY_DOWNLOAD"
_FIRST_KEY = 4  # the number of the block of KEY0
_MAC = 0x44  # from the base of the eFuses; on an ESP32 _MAC_ESP32
_MAC_ESP32 = 0x04
_WRITE_PROTECTED = 23  # the bit of WR_DIS for KEY0


class EfuseController:
    """The controller of a chip ("esp32c3") with the serial number `mac` (6 bytes).

    What is burnt is in `efuses` at once, and efuses.on_burn() is called. Bits with a wrong error
    correction are not burnt, as they would be on a chip: write() raises ValueError.
    """

    def __init__(self, chip: str, efuses: Efuses, mac: bytes) -> None:
        self._chip, self._efuses = chip, efuses
        self._virtual: Any = get_esp(chip=chip, virt=True)
        regs = self._virtual.REGS  # pyrefly: ignore[missing-attribute]
        self._base = regs.DR_REG_EFUSE_BASE
        self._places = range(self._base, self._base + regs.EFUSE_MEM_SIZE)
        self._beside = getattr(regs, "APB_CTL_DATE_ADDR", None)  # has a bit of the revision
        self._load(mac)

    def has(self, address: int) -> bool:
        """Return whether a register belongs to the controller."""
        return address in self._places or address == self._beside

    def read(self, address: int) -> int:
        """Return a register."""
        return self._virtual.read_reg(address)

    def write(self, address: int, value: int) -> None:
        """Write to a register, by which eFuses may be burnt."""
        if address not in self._places:
            return
        if not self._commands(address):
            self._virtual.write_reg(address, value)
            return
        key, before = self._key_to_burn(value), self._memory()
        try:
            self._virtual.write_reg(address, value)
        except FatalError:
            self._virtual.write_reg(address, 0)
            raise ValueError("these bits have another error correction") from None
        if key is not None or self._memory() != before:
            self._keep(key)

    @property
    def loader_is_off(self) -> bool:
        """Whether the loader was disabled for good."""
        return self._flag(_NO_LOADER.get(self._chip, _NO_LOADER_USUAL))

    @property
    def loader_is_secure(self) -> bool:
        """Whether the loader was put into its secure mode for good."""
        return self._chip != "esp32" and self._flag(_SECURE_LOADER)

    def _flag(self, name: str) -> bool:
        return bool(self._virtual.read_field(name, bitstring=False))

    # to and from the board's

    def _load(self, mac: bytes) -> None:
        """Set the registers to what the chip was made with, and what is burnt."""
        chip = self._virtual
        for number, word in enumerate(_words(self._efuses.registers)):
            chip.update_reg(self._base + 4 * number, 0xFFFFFFFF, word)
        chip.set_chip_revision(_REVISIONS[self._chip])
        high, low = int.from_bytes(mac[:2], "big"), int.from_bytes(mac[2:], "big")
        at = self._base + (_MAC_ESP32 if self._chip == "esp32" else _MAC)
        chip.update_reg(at, 0xFFFFFFFF, low)
        chip.update_reg(at + 4, 0xFFFF, high)
        if self._chip == "esp32":
            return
        for place in (WR_DIS, RD_DIS, PURPOSES, PURPOSES + 4):
            chip.update_reg(self._base + place, 0xFFFFFFFF, self._efuses.word(place))
        for number in range(KEYS):
            first = chip.Blocks.get(chip.Blocks.BLOCKS[_FIRST_KEY + number]).rd_addr
            for at in range(first, first + 32, 4):
                chip.update_reg(at, 0xFFFFFFFF, self._efuses.word(at - self._base))

    def _key_to_burn(self, value: int) -> tuple[int, bytes] | None:
        """Return the number of the key that this command burns, and its bits, or None."""
        regs = self._virtual.REGS
        if self._chip == "esp32":
            return None
        number = (value >> 2 & 15) - _FIRST_KEY
        protected = self._efuses.write_protected >> number & 1 if 0 <= number < KEYS else 1
        if not value & regs.EFUSE_PGM_CMD or protected:
            return None
        words = (self.read(regs.EFUSE_PGM_DATA0_REG + 4 * each) for each in range(8))
        return number, b"".join(word.to_bytes(4, "little") for word in words)

    def _commands(self, address: int) -> bool:
        regs = self._virtual.REGS
        return address == getattr(regs, "EFUSE_CMD_REG", getattr(regs, "EFUSE_REG_CMD", None))

    def _keep(self, key: tuple[int, bytes] | None) -> None:
        """Pass what is burnt to the board's Efuses."""
        efuses = self._efuses
        efuses.registers = self._memory()
        if key is not None:
            number, bits = key
            efuses.keys[number] = bytes(
                a | b for a, b in zip(efuses.keys[number], bits, strict=True)
            )
        if self._chip != "esp32":
            high, low = (self.read(self._base + each) for each in (PURPOSES + 4, PURPOSES))
            purposes = high << 8 | low >> 24
            efuses.purposes = [purposes >> 4 * number & 15 for number in range(KEYS)]
            every_key = (1 << KEYS) - 1
            efuses.read_protected = self.read(self._base + RD_DIS) & 0x7F
            efuses.write_protected = self.read(self._base + WR_DIS) >> _WRITE_PROTECTED & every_key
        efuses.on_burn()

    def _memory(self) -> bytes:
        """Return the eFuses as software reads them, without the registers for programming."""
        chip = self._virtual
        blocks = [chip.Blocks.get(each) for each in chip.Blocks.BLOCKS]
        memory = bytearray(len(self._places))
        for block in blocks:
            at = block.rd_addr - self._base
            for place in range(at, at + 4 * block.len, 4):
                memory[place : place + 4] = self.read(self._base + place).to_bytes(4, "little")
        return bytes(memory)


def _words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
