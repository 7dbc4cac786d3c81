"""The part of this package that goes to a board: on the host, data that is never imported."""

import functools
from pathlib import Path


@functools.cache
def firmware_folder() -> Path:
    """Return the folder that holds the firmware: in the installed package, or in the checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "firmware"
    return packaged if packaged.is_dir() else here.parents[1] / "firmware"


def board_definition(chip: str) -> Path:
    """Return the board definition for the development boards with this chip ("esp32s3")."""
    return definitions_folder() / f"{chip}-devkit.json"


@functools.cache
def definitions_folder() -> Path:
    """Return the folder of the board definitions: in the installed package, or in the checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "boards" / "definitions"
    return packaged if packaged.is_dir() else here.parents[1] / "hardware" / "boards"
