"""The firmware as the littlefs image that fills its partition.

It is what tokenctl.release makes: a loader, an archive, and main.py, which MicroPython runs as
a source and by that name only. There is no boot.py. The same firmware gives the same bytes:
files go in sorted, and carry no times. The parameters are those MicroPython formats with
(extmod/vfs_lfs.c); the block count must be that of the partition, or it does not mount.
"""

from pathlib import Path

import littlefs

from tokenctl.boards.definition import parse
from tokenctl.boards.devices import PANELS
from tokenctl.errors import BadPayload, WrongBoard
from tokenctl.flashing.chips import Chip
from tokenctl.flashing.layout import SECTOR, VFS
from tokenctl.language import _
from tokenctl.release import build as release

MAIN, BOARD = release.MAIN, "board.json"


def build(firmware: Path, chip: Chip, board: bytes | None = None) -> bytes:
    """Return the image of the firmware in this folder, of the partition's size.

    `board` is a board definition (JSON) in the place of the firmware's own. Raises
    WrongBoard if it is for another chip or its panel has no driver, BadPayload if the
    firmware is incomplete.
    """
    return _image(firmware, compiled(firmware, chip), chip, board)


def build_development(firmware: Path, chip: Chip, board: bytes | None = None) -> bytes:
    """Return the image of a development build; otherwise as build()."""
    return _image(firmware, development(firmware, chip), chip, board)


def _image(firmware: Path, files: dict[str, bytes], chip: Chip, board: bytes | None) -> bytes:
    files[BOARD] = _checked(files[BOARD] if board is None else board, chip)
    return pack(files)


def compiled(firmware: Path, chip: Chip) -> dict[str, bytes]:
    """Return the files of a release build, as paths and contents; raise BadPayload."""
    return release.build(firmware, chip.arch).files | {BOARD: _read(firmware, BOARD)}


def development(firmware: Path, chip: Chip) -> dict[str, bytes]:
    """Return the files of a development build, as paths and contents; raise BadPayload."""
    made = release.build(firmware, chip.arch, development=True)
    return made.files | {BOARD: _read(firmware, BOARD)}


def pack(files: dict[str, bytes], size: int = VFS.size) -> bytes:
    """Return a littlefs image of the partition's size with these files; raise BadPayload."""
    system = littlefs.LittleFS(
        block_size=SECTOR,
        block_count=size // SECTOR,
        read_size=32,
        prog_size=32,
        lookahead_size=32,
        cache_size=128,
        name_max=255,
        disk_version=0x00020001,
    )
    try:
        for name, content in sorted(files.items()):
            if "/" in name:
                system.makedirs(name.rpartition("/")[0], exist_ok=True)
            with system.open(name, "wb") as file:
                file.write(content)
    except littlefs.LittleFSError:
        raise BadPayload(_("the firmware does not fit into its partition")) from None
    return bytes(system.context.buffer)


def _read(firmware: Path, name: str) -> bytes:
    try:
        return (firmware / name).read_bytes()
    except OSError:
        raise BadPayload(
            _("the firmware of this tokenctl lacks {name}: reinstall tokenctl").format(name=name)
        ) from None


def _checked(board: bytes, chip: Chip) -> bytes:
    """Return the part of a definition that the board gets; raise WrongBoard. Pins are not checked:
    what an older tokenctl flashed can still be verified."""
    definition = parse(board)
    name, panel = definition.name, definition.whole["panel"]["driver"]
    if definition.chip != chip.name:
        raise WrongBoard(
            _(
                "the board definition '{name}' is for the chip {chip}, but the board has "
                "the {found}: give the definition of your wiring with --board"
            ).format(chip=definition.chip, found=chip.name, name=name)
        )
    if panel not in PANELS:
        raise WrongBoard(
            _("the board definition '{name}' has a panel with no driver: {panel}").format(
                name=name, panel=panel
            )
        )
    return definition.for_board()
