"""The MicroPython images that are known: a manifest, by default releases.json beside this.

A manifest is a JSON list, and each entry an object with exactly these fields:

    board    MicroPython's name of the board, as in "ESP32_GENERIC_S3"
    version  as the image says it of itself at its prompt, as in "v1.25.0"
    url      of the .bin file for a whole board: https, or http with a SHA-256
    offset   where that file belongs in the flash: 4096, or 0 for an S3 or C3
    size     in bytes, or null where nobody looked
    sha256   in hex, or null; it is a pin: an image with another digest is refused

The first entry of a board is the one that is preferred. To add one, add it to
releases.json, with size and digest if you have the file from a place you trust; the
test suite says when something is wrong with it. --releases takes another manifest.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tokenctl.errors import BadPayload
from tokenctl.flashing.chips import CHIPS, Chip

SIZE_MAX = 4 * 1024 * 1024  # bytes; half of it fits the flash before our own partitions

_MANIFEST = Path(__file__).with_suffix(".json")
_VERSION = re.compile(r"v?\d+\.\d+[\w.+-]*")


@dataclass(frozen=True)
class Release:
    """An image of MicroPython; `size` and `sha256` are None where they are not known."""

    board: str
    version: str
    url: str
    offset: int
    size: int | None
    sha256: str | None

    @property
    def name(self) -> str:
        """The file's name."""
        return urlsplit(self.url).path.rpartition("/")[2]


@cache
def releases() -> tuple[Release, ...]:
    """Return all of the package's manifest."""
    return read(_MANIFEST)


def read(manifest: Path) -> tuple[Release, ...]:
    """Return all of a manifest; raise BadPayload, which names the entry, when it is none."""
    try:
        entries = json.loads(manifest.read_text("utf-8"))
    except OSError:
        raise BadPayload(f"the file {manifest} cannot be read") from None
    except (ValueError, RecursionError):
        raise BadPayload(f"the manifest {manifest} is no JSON") from None
    if not isinstance(entries, list):
        raise BadPayload(f"the manifest {manifest} is no list of images")
    found: dict[tuple[str, str], Release] = {}
    for number, entry in enumerate(entries, 1):
        fault = _fault(entry)
        if not fault and (entry["board"], entry["version"]) in found:
            fault = "board and version are those of an entry before"
        if fault:
            raise BadPayload(f"entry {number} of the manifest {manifest} is wrong: {fault}")
        release = Release(**entry)
        found[release.board, release.version] = release
    return tuple(found.values())


def is_version(text: str) -> bool:
    """Tell whether this may be a version of MicroPython, with or without its v."""
    return _VERSION.fullmatch(text) is not None


def find(chip: Chip, among: Sequence[Release], version: str | None = None) -> Release:
    """Return the release for the chip with this version, or the preferred one.

    Raises BadPayload, which names what there is.
    """
    known = [each for each in among if each.board == chip.board]
    for each in known:
        if version is None or each.version.removeprefix("v") == version.removeprefix("v"):
            return each
    if not known:
        raise BadPayload(
            f"no MicroPython is known for the {chip.title}: give a file with --micropython"
        )
    versions = ", ".join(each.version for each in known)
    raise BadPayload(
        f"there is neither a file nor a known MicroPython '{version}' for the {chip.title}; "
        f"known is {versions}; for another, give its .bin file"
    )


def sha256(data: bytes) -> str:
    """Return the digest that a pin has, in hex."""
    return hashlib.sha256(data).hexdigest()


def check_pin(
    data: bytes, chip: Chip, version: str, among: Sequence[Release] | None = None
) -> Release | None:
    """Return the pinned release that this image is, None when there is no pin for it.

    Raises BadPayload when the image of this board and version is pinned and is not this one.
    """
    digest = sha256(data)
    for each in releases() if among is None else among:
        if each.sha256 and (each.board, each.version) == (chip.board, version):
            if each.sha256 == digest:
                return each
            raise BadPayload(
                f"this is not the MicroPython {version} that was released for {chip.board}: its "
                f"SHA-256 is {digest}, not {each.sha256}; --unpinned takes it nevertheless"
            )
    return None


def _fault(entry: Any) -> str | None:
    """Return what is wrong with an entry of a manifest, in words."""
    names = [field.name for field in fields(Release)]
    if not isinstance(entry, dict) or sorted(entry) != sorted(names):
        return f"it must have {', '.join(names[:-1])} and {names[-1]}, and nothing else"
    for name in ("board", "version", "url"):
        if not isinstance(entry[name], str) or not entry[name].isprintable():
            return f"its {name} is no text"
    if not is_version(entry["version"]):
        return "its version is none"
    offsets = {chip.board: chip.bootloader for chip in CHIPS}
    offset = entry["offset"]
    if type(offset) is not int or offset != offsets.get(entry["board"], offset):
        return "its offset is not that of the board's boot loader"
    size, digest = entry["size"], entry["sha256"]
    if size is not None and (type(size) is not int or not 0 < size <= SIZE_MAX):
        return f"its size is neither null nor a number of bytes up to {SIZE_MAX}"
    if digest is not None and not re.fullmatch(r"[0-9a-f]{64}", str(digest)):
        return "its sha256 is neither null nor 64 hex digits in lower case"
    return _url_fault(entry["url"])


def _url_fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "its url is none"
    if parts.scheme not in ("https", "http") or not host or not parts.path.strip("/"):
        return "its url is neither https:// nor http:// with a host and a file"
    if parts.username is not None or parts.password is not None:
        return "its url has a password in it; ~/.netrc is the place for that"
    return None
