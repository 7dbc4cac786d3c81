"""The firmware that comes with this package: to the host a payload, never imported."""

from pathlib import Path


def firmware_folder() -> Path:
    """Return the folder that holds the firmware: in the installed package, or in the checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "firmware"
    return packaged if packaged.is_dir() else here.parents[1] / "firmware"
