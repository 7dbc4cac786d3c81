"""A board in its ROM's loader, through esptool. The only module that touches its flash.

The vault partition is never written: write() refuses it, and only erase_vault() changes
it. The ROM's loader reads 64 bytes at a time; fast() loads esptool's own loader into the
board's RAM, which reads whole regions. Before writing, regions are compared on the board
by their MD5.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

import serial
from esptool.cmds import (
    attach_flash,
    detect_chip,
    detect_flash_size,
    erase_region,
    reset_chip,
    run_stub,
    write_flash,
)
from esptool.loader import ESPLoader
from esptool.logger import EsptoolLogger, TemplateLogger
from esptool.reset import ResetStrategy
from esptool.util import FatalError, PrintOnce, flash_size_bytes

from tokenctl.device.port_advice import no_loader
from tokenctl.device.transport import has_reset_line
from tokenctl.errors import FlashingFailed, NoToken, WrongBoard
from tokenctl.flashing import loader_port
from tokenctl.flashing.chips import chip_named
from tokenctl.flashing.layout import FLASH_MIN, SECTOR, VAULT, VFS, Row
from tokenctl.language import _, marked

FAST = 460800  # baud
_TWO_CORES, _OCTAL = "esp32", "esp32s3"  # the chips of which some have one core, or octal flash
_MEGABYTE = 1024 * 1024

WRITING = marked("writing the flash")


class Loader:
    """The loader of the chip at `port`. A context manager that closes the port.

    `secure` says that it is in its secure mode and reads nothing; else `mac` is the serial
    number, `revision` the chip's (major * 100 + minor), `has_one_core` and `has_octal_flash` what
    its eFuses say. On leaving, and where it raises, the board is restarted if there is a reset
    line, unless its flash is half written.

    Raises PortError if the port cannot be used, NoToken if no loader answers,
    WrongBoard if the chip is not suitable for a token; later FlashingFailed.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        self.has_reset_line = has_reset_line(port)
        self._starts_again = self.has_reset_line
        self._log = _Log()
        logger: Any = EsptoolLogger()
        logger.set_logger(self._log)
        # It kept the logger of before, and names options of esptool's command line.
        ResetStrategy.print_once = PrintOnce(self._log.warning)
        self._serial = loader_port.opened(port)
        try:
            self._begin()
        except BaseException:
            self._leave()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        """Let what was running on the board go on, and close the port."""
        if self._starts_again:
            self.reset()
        self._serial.close()

    @property
    def esp(self) -> Any:
        """esptool's loader object, for other uses."""
        return self._esp

    def wake(self) -> None:
        """Make sure that the loader answers after a pause, reconnecting if necessary.

        For what may take minutes before the first write, a download: the port stays open
        meanwhile, since closing it resets some boards, but somebody may press EN, or a
        network port may be dropped for its silence. Before fast(). Raises as Loader does.
        """
        mac = self.mac
        try:
            self._look()
        except (FatalError, serial.SerialException, OSError):
            self._reconnect()
        self._require(mac)

    def _require(self, mac: str) -> None:
        """Raise NoToken unless the board is the one with this serial number."""
        if self.mac != mac:
            raise NoToken(
                _("the board at {port} is now a different one: run the command again").format(
                    port=self.port
                )
            )

    def reset(self) -> None:
        """Start what is in the flash; without a reset line, return to the ROM's loader.

        A port that disappears with the reset, as a chip's own USB does, is not a fault.
        """
        self._starts_again = False
        with suppress(FatalError, serial.SerialException, OSError):
            reset_chip(self._esp, "hard-reset" if self.has_reset_line else "no-reset")

    def _reconnect(self) -> None:
        """Open the port again, and begin anew."""
        self._serial.close()
        self._serial = loader_port.opened(self.port)
        self._begin()

    def _begin(self) -> None:
        anything: Any = self._serial
        self._esp: Any = ESPLoader(anything)  # enough for a reset, whatever is there
        self._esp = self._connect()
        self.chip = chip_named(self._esp.CHIP_NAME)
        with _explained(marked("detecting the flash")):
            self._look()

    def _connect(self) -> ESPLoader:
        mode = "default-reset" if self.has_reset_line else "no-reset"
        try:
            return detect_chip(self._serial, connect_mode=mode)  # pyrefly: ignore[bad-argument-type]
        except (FatalError, serial.SerialException, OSError):
            raise NoToken(
                _("no board answers in its loader at {port}: {no_loader}").format(
                    no_loader=no_loader(self.port), port=self.port
                )
            ) from None

    def _look(self) -> None:
        """Read the chip's identity."""
        self.secure = bool(self._esp.secure_download_mode)
        self.mac, self.revision = "", 0
        self.has_one_core = self.has_octal_flash = False
        if not self.secure:
            mac: Any = self._esp.read_mac("BASE_MAC")
            self.mac = bytes(mac).hex().upper()
            self.revision = int(self._esp.get_chip_revision())
            if self.chip.name == _TWO_CORES:
                features: Any = self._esp.get_chip_features()
                self.has_one_core = any("Single" in each for each in features)
            elif self.chip.name == _OCTAL:
                self.has_octal_flash = self._esp.flash_type() == 1


class Board(Loader):
    """The board at `port`, in its loader, and its flash; otherwise as Loader.

    Raises WrongBoard if the board is not suitable for a token.
    """

    def _look(self) -> None:
        self._check_security()
        super()._look()
        self.flash_size = self._attach()

    def read(self, offset: int, length: int) -> bytes:
        """Return a piece of the flash: a small one before fast()."""
        with _explained(marked("reading the flash")):
            return self._esp.read_flash(offset, length)

    def read_firmware(self, address: int, length: int) -> bytes:
        """Return a piece of the firmware's partition, from its beginning."""
        return self.read(VFS.offset + address, length)

    def fast(self) -> None:
        """Switch to the fast loader, and to a higher speed if the port has one that works.

        Some USB chips, their drivers and hubs do not manage it, though they say so.
        """
        with _explained(marked("preparing the flash")):
            self._run_stub()
            if not self._esp.IS_STUB or "://" in self.port:
                return
            try:
                self._esp.change_baud(FAST)
                self._attach()
                return
            except (FatalError, serial.SerialException, OSError):
                mac = self.mac
            self._reconnect()
            self._require(mac)
            self._run_stub()

    def _run_stub(self) -> None:
        """Have the fast loader run, at the speed that there is."""
        if not self._esp.IS_STUB:
            self._esp = run_stub(self._esp)
        self._esp.WRITE_FLASH_ATTEMPTS = 1  # else it waits for a board that is not coming back
        self._attach()

    def holds(self, offset: int, data: bytes) -> bool:
        """Return whether the flash has this data at this offset."""
        with _explained(marked("verifying the flash")):
            digest = self._esp.flash_md5sum(offset, len(data))
        return digest == hashlib.md5(data).hexdigest()

    def write(self, offset: int, data: bytes, progress: Callable[[int, int], None]) -> None:
        """Write whole sectors from `offset` on; `progress` gets the bytes done and the total."""
        end = offset + -(-len(data) // SECTOR) * SECTOR
        if offset % SECTOR or (offset < VAULT.end and end > VAULT.offset):
            raise ValueError("that is no place to write to")
        self._starts_again = False
        self._log.progress = progress
        try:
            with _explained(WRITING):
                write_flash(self._esp, [(offset, data)], flash_size="keep")
        finally:
            self._log.progress = None

    def erase_vault(self, elsewhere: Sequence[Row] = ()) -> None:
        """Erase the vault partition, and those of another table. This cannot be undone."""
        self._starts_again = False
        with _explained(marked("erasing the flash")):
            for row in (VAULT, *elsewhere):
                first = row.offset // SECTOR * SECTOR
                end = min(-(-row.end // SECTOR) * SECTOR, self.flash_size)
                if first < end:
                    erase_region(self._esp, first, end - first)

    def _check_security(self) -> None:
        if self._esp.secure_download_mode or self._esp.get_flash_encryption_enabled():
            raise WrongBoard(
                _("the board has flash encryption or a closed loader, so it cannot be used")
            )
        if self._esp.get_secure_boot_enabled():
            raise WrongBoard(
                _("the board has secure boot, and starts only what its manufacturer signed")
            )

    def _attach(self) -> int:
        """Attach the flash and return its size (bytes); raise WrongBoard."""
        attach_flash(self._esp)
        length = flash_size_bytes(detect_flash_size(self._esp))
        if length is None:
            raise WrongBoard(_("the size of the board's flash cannot be determined"))
        if length < FLASH_MIN:
            raise WrongBoard(
                _("the board has {kilobytes} KB of flash; a token needs {megabytes} MB").format(
                    kilobytes=length // 1024, megabytes=FLASH_MIN // _MEGABYTE
                )
            )
        self._esp.flash_set_parameters(length)
        return length


class _Log(TemplateLogger):
    """Receives esptool's messages; only progress is passed on."""

    progress: Callable[[int, int], None] | None = None

    def print(self, *args: object, **kwargs: object) -> None:
        """Discard the message, as do the others."""

    def note(self, message: str) -> None:
        """See print()."""

    def warning(self, message: str) -> None:
        """See print()."""

    def error(self, message: str) -> None:
        """See print()."""

    def stage(self, finish: bool = False) -> None:
        """See print()."""

    def set_verbosity(self, verbosity: str) -> None:
        """See print()."""

    def progress_bar(
        self,
        cur_iter: int,
        total_iters: int,
        prefix: str = "",
        suffix: str = "",
        bar_length: int = 30,
    ) -> None:
        """Pass on the progress, in bytes sent."""
        if self.progress is not None:
            self.progress(cur_iter, total_iters)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn errors of esptool and of the port into FlashingFailed."""
    try:
        yield
    except (FatalError, serial.SerialException, OSError):
        sentence = _(
            "the board was disconnected or failed during this step: {step}; check the cable, and "
            "run the same command again"
        )
        if what == WRITING:
            sentence = _(
                "the board was disconnected or failed during this step: {step}; check the cable, "
                "and run the same command again to resume"
            )
        raise FlashingFailed(sentence.format(step=_(what))) from None
