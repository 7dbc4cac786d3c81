"""The chip at its start, as its flash and its eFuses are: in the loader, or with the firmware.

What starts is this installation's firmware: it is built for the computer's processor, where the
flash has it for the chip's. A new board has it although its flash is blank. Once a computer has
written to the flash, the firmware starts only if the flash holds it, in this version, with all
that a chip needs to start it; and it gets the board's definition from there.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from otpcore.version import VERSION
from tokenctl.flashing.layout import FACTORY, TABLE_OFFSET, TABLE_SIZE, VAULT, VFS, table
from tokensim.board import boot_messages
from tokensim.board.board import Board
from tokensim.board.definition_folder import DefinitionFolder
from tokensim.board.wiring import DEFINITION
from tokensim.loader import stored_image
from tokensim.loader.chip_flash import ChipFlash

if TYPE_CHECKING:
    from tokensim.loader.commands import RomLoader

_BOOTLOADERS = {"esp32": 0x1000, "esp32s2": 0x1000, "esp32s3": 0x0, "esp32c3": 0x0}
_MAIN = "main.py"
_RELEASE_ONLY = b"kbd_intr"  # in main.py: a development build leaves Ctrl-C alone


class BootRom:
    """What starts on a board, and the loader of its chip; `flash` is all of its flash.

    `loader` is the loader while it runs; `has_loader` is False where the firmware is files instead
    of what is in the flash, so that neither is looked at. `obstacle` says, as a sentence, why no
    firmware started from the flash, None if it did.
    """

    def __init__(self, board: Board, has_loader: bool = True) -> None:
        self._board = board
        self._chip = board.wiring.chip()
        self._has_loader = has_loader and board.flash.size == VAULT.size
        self._folder = DefinitionFolder(board.wiring)
        self.flash = ChipFlash(board.flash_around, board.flash)
        self.loader: RomLoader | None = None
        self.obstacle: str | None = None

    def enter(self) -> bytes:
        """Start the loader, as a reset with BOOT held does; return what the chip writes first."""
        # Here, not above: espefuse takes long to load.
        from tokensim.loader.commands import RomLoader
        from tokensim.loader.efuse_controller import EfuseController
        from tokensim.loader.registers import Registers

        controller = EfuseController(self._chip, self._board.efuses, self._board.serial)
        if controller.loader_is_off or not self._has_loader:
            return boot_messages.NO_DOWNLOAD
        registers = Registers(self._chip, controller)
        self.loader = RomLoader(self._chip, registers, self.flash, controller.loader_is_secure)
        return boot_messages.DOWNLOAD

    def leave(self) -> None:
        """End the loader, as a reset does."""
        self.loader = None

    def look(self) -> bool:
        """Look at the flash for firmware that starts; return whether there is some."""
        written = self._has_loader and self.flash.was_written
        self.obstacle = self._obstacle() if written else None
        return self.obstacle is None

    def files(self) -> Path | None:
        """Return the folder with files that replace the firmware's, or None."""
        written = self._has_loader and self.flash.was_written
        return self._folder.path(self._flashed().get(DEFINITION) if written else None)

    def close(self) -> None:
        """Remove the folder of files()."""
        self._folder.close()

    def _obstacle(self) -> str | None:
        read, size = self.flash.read, self.flash.size
        places = (("boot loader", self._bootloader), ("MicroPython", FACTORY.offset))
        for name, address in places:
            if not stored_image.is_there(read, address):
                return f"the flash has no {name}, so nothing starts: run tokenctl flash"
            fault = stored_image.fault(read, address, self._chip, size)
            if fault is not None:
                return f"the {name} in the flash is {fault}: run tokenctl flash"
        if stored_image.needs(read, self._bootloader) > size:
            return "the boot loader is for a larger flash, so MicroPython crashes at its start"
        if read(TABLE_OFFSET, TABLE_SIZE) != table():
            return "the flash has another partition table, so no token starts: run tokenctl flash"
        from tokenctl.flashing import firmware_files

        version = firmware_files.version(self._read_firmware)
        main = self._flashed().get(_MAIN)
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

    def _flashed(self) -> dict[str, bytes]:
        """Return the files of the firmware in the flash, none if there is no file system."""
        from tokenctl.flashing import firmware_files  # littlefs takes long to load

        return firmware_files.files(self._read_firmware(0, VFS.size)) or {}

    @property
    def _bootloader(self) -> int:
        return _BOOTLOADERS[self._chip]

    def _read_firmware(self, address: int, length: int) -> bytes:
        return self.flash.read(VFS.offset + address, length)
