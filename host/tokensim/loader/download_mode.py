"""The chip at its start, as its flash and its eFuses are: in the loader, or with the firmware.

What starts is this installation's firmware: it is built for the computer's processor, where the
flash has it for the chip's. A new board has it although its flash is blank. Once a computer has
written to the flash, the firmware starts only if the flash holds it, in this version, with all
that a chip needs to start it; and it gets the board's definition from there.
"""

from otpcore.version import VERSION
from tokenctl.flashing import firmware_files
from tokenctl.flashing.layout import FACTORY, TABLE_OFFSET, TABLE_SIZE, VAULT, VFS, table
from tokensim.board import Board
from tokensim.loader.chip_flash import ChipFlash
from tokensim.loader.commands import RomLoader

_BOOTLOADERS = {"esp32": 0x1000, "esp32s2": 0x1000, "esp32s3": 0x0, "esp32c3": 0x0}
_MAGIC = b"\xe9"  # begins an image that the chip starts
_MAIN, _DEFINITION = "main.py", "board.json"
_RELEASE_ONLY = b"kbd_intr"  # in main.py: a development build leaves Ctrl-C alone


class DownloadMode:
    """The loader of a board; `flash` is all of its flash."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._chip = board.wiring.chip()
        self.flash = ChipFlash(board.flash_around, board.flash)

    def enter(self) -> RomLoader | None:
        """Return the loader, as after a reset with BOOT held; None if it was disabled."""
        # Here, not above: espefuse takes long to load.
        from tokensim.loader.efuse_controller import EfuseController
        from tokensim.loader.registers import Registers

        controller = EfuseController(self._chip, self._board.efuses, self._board.serial)
        if controller.loader_is_off or self._board.flash.size != VAULT.size:
            return None
        registers = Registers(self._chip, controller)
        return RomLoader(self._chip, registers, self.flash, controller.loader_is_secure)

    def obstacle(self) -> str | None:
        """Return why no firmware starts from the flash, as a sentence; None if it does."""
        if not self.flash.was_written:
            return None
        read = self.flash.read
        for name, address in (("boot loader", self._bootloader), ("MicroPython", FACTORY.offset)):
            if read(address, 1) != _MAGIC:
                return f"the flash has no {name}, so nothing starts: run tokenctl flash"
        if read(TABLE_OFFSET, TABLE_SIZE) != table():
            return "the flash has another partition table, so no token starts: run tokenctl flash"
        version = firmware_files.version(self._read_firmware)
        main = self._files().get(_MAIN)
        if version is None or main is None:
            return "the flash has no firmware of a token, so none starts: run tokenctl flash"
        if version != VERSION:
            return (
                f"the flash has firmware {version}, but tokensim can run {VERSION} only: run "
                "tokenctl flash"
            )
        if _RELEASE_ONLY not in main:
            return "the flash has a development build, which tokensim runs with --development only"
        return None

    def definition(self) -> bytes | None:
        """Return the board's definition in the flash; None if nothing was ever flashed."""
        if not self.flash.was_written:
            return None
        return self._files().get(_DEFINITION)

    def _files(self) -> dict[str, bytes]:
        """Return the files of the firmware in the flash, none if there is no file system."""
        return firmware_files.files(self._read_firmware(0, VFS.size)) or {}

    @property
    def _bootloader(self) -> int:
        return _BOOTLOADERS[self._chip]

    def _read_firmware(self, address: int, length: int) -> bytes:
        return self.flash.read(VFS.offset + address, length)
