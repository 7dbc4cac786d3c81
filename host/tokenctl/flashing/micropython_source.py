"""Which MicroPython image a board gets: a file, or a known release from cache or network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenctl.errors import BadPayload
from tokenctl.flashing import image_cache, micropython_image, releases
from tokenctl.flashing.chips import Chip
from tokenctl.flashing.micropython_image import MicroPythonImage
from tokenctl.language import _

FILE, CACHE, DOWNLOAD = "file", image_cache.CACHE, image_cache.DOWNLOAD

_Check = Callable[[bytes], tuple[MicroPythonImage, bool]]

# Who vouches that the image is the released one.
PIN, TLS, NOBODY = "pin", "tls", "nobody"


@dataclass(frozen=True)
class Choice:
    """What the options say: a file or a version or None, another manifest or None."""

    micropython: str | None = None
    manifest: Path | None = None
    unpinned: bool = False


@dataclass(frozen=True)
class Obtained:
    """An intact image for the chip. `sha256` is the whole file's, in hex."""

    image: MicroPythonImage
    sha256: str
    source: str
    vouched: str

    def describe(self) -> dict[str, Any]:
        """Return it as an event."""
        return {
            "event": "micropython",
            "version": self.image.version,
            "sha256": self.sha256,
            "pinned": self.vouched == PIN,
            "source": self.source,
            "vouched": self.vouched,
        }


def obtain(chip: Chip, choice: Choice, report: Callable[[dict[str, Any]], None]) -> Obtained:
    """Return the chosen image for this chip, and tell `report` where it came from.

    Raises BadPayload, DownloadFailed. It may take as long as a download takes.
    """
    ours = releases.releases()
    manifest = ours if choice.manifest is None else releases.read(choice.manifest)

    def check(data: bytes) -> tuple[MicroPythonImage, bool]:
        """Return the parts of an image, and whether its bytes are pinned; raise BadPayload."""
        image = micropython_image.split(data, chip)
        if choice.unpinned:
            return image, False
        pinned = releases.check_pin(data, chip, image.version, (*manifest, *ours))
        return image, pinned is not None

    named = choice.micropython
    if named is not None and Path(named).is_file():
        obtained = _from_file(Path(named), check)
    else:
        obtained = _released(releases.find(chip, manifest, named), check, report)
    report(obtained.describe())
    return obtained


def _from_file(path: Path, check: _Check) -> Obtained:
    try:
        data = path.read_bytes()
    except OSError:
        raise BadPayload(_("the file {path} cannot be read").format(path=path)) from None
    image, pinned = check(data)
    return Obtained(image, releases.sha256(data), FILE, PIN if pinned else NOBODY)


def _released(
    release: releases.Release, check: _Check, report: Callable[[dict[str, Any]], None]
) -> Obtained:
    def check_release(data: bytes) -> tuple[MicroPythonImage, bool]:
        """As check(), and it must be this release: --unpinned is about files."""
        digest = releases.sha256(data)
        if release.sha256 not in (None, digest):
            raise BadPayload(
                _(
                    "this is not the MicroPython {version} released for {board}: its SHA-256 "
                    "is {digest}, not {sha256}"
                ).format(
                    board=release.board,
                    digest=digest,
                    sha256=release.sha256,
                    version=release.version,
                )
            )
        image, pinned = check(data)
        if image.version != release.version:
            raise BadPayload(
                _("this is MicroPython {version}, not {wanted}").format(
                    version=image.version, wanted=release.version
                )
            )
        return image, pinned or release.sha256 is not None

    found = image_cache.obtain(release, check_release, report)
    image, pinned = found.checked
    # Without a pin nothing but https gets through, except from this computer itself. What
    # was kept since: nobody remembers who vouched for it.
    fresh = found.origin == DOWNLOAD
    tls = TLS if fresh and release.url.startswith("https:") else NOBODY
    return Obtained(image, releases.sha256(found.data), found.origin, PIN if pinned else tls)
