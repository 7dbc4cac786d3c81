"""The known MicroPython images: a manifest, by default releases.json beside this module.

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
from tokenctl.language import _

SIZE_MAX = 4 * 1024 * 1024  # bytes; half of it fits the flash before our own partitions

_MANIFEST = Path(__file__).with_suffix(".json")
_VERSION = re.compile(r"v?\d+\.\d+[\w.+-]*")


@dataclass(frozen=True)
class Release:
    """An image of MicroPython; `size` and `sha256` are None if unknown."""

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
    """Return all entries of the package's manifest."""
    return read(_MANIFEST)


def read(manifest: Path) -> tuple[Release, ...]:
    """Return all entries of a manifest; raise BadPayload, which names the faulty one."""
    try:
        entries = json.loads(manifest.read_text("utf-8"))
    except OSError:
        raise BadPayload(
            _("the file {manifest} cannot be read").format(manifest=manifest)
        ) from None
    except (ValueError, RecursionError):
        raise BadPayload(
            _("the manifest {manifest} is not JSON").format(manifest=manifest)
        ) from None
    if not isinstance(entries, list):
        raise BadPayload(
            _("the manifest {manifest} is not a list of images").format(manifest=manifest)
        )
    found: dict[tuple[str, str], Release] = {}
    for number, entry in enumerate(entries, 1):
        fault = _fault(entry)
        if not fault and (entry["board"], entry["version"]) in found:
            fault = _("it repeats the board and version of an earlier entry")
        if fault:
            raise BadPayload(
                _("entry {number} of the manifest {manifest} is not valid: {fault}").format(
                    fault=fault, manifest=manifest, number=number
                )
            )
        release = Release(**entry)
        found[release.board, release.version] = release
    return tuple(found.values())


def is_version(text: str) -> bool:
    """Return whether this may be a version of MicroPython, with or without its v."""
    return _VERSION.fullmatch(text) is not None


def find(chip: Chip, among: Sequence[Release], version: str | None = None) -> Release:
    """Return the release for the chip with this version, or the preferred one.

    Raises BadPayload, which names the known versions.
    """
    known = [each for each in among if each.board == chip.board]
    for each in known:
        if version is None or each.version.removeprefix("v") == version.removeprefix("v"):
            return each
    if not known:
        raise BadPayload(
            _("no MicroPython is known for the {title}: give a file with --micropython").format(
                title=chip.title
            )
        )
    versions = ", ".join(each.version for each in known)
    raise BadPayload(
        _(
            "there is neither a file nor a known MicroPython version '{version}' for "
            "the {title}; known versions: {versions}; for another one, give its .bin "
            "file"
        ).format(title=chip.title, version=version, versions=versions)
    )


def sha256(data: bytes) -> str:
    """Return the digest as it stands in a pin, in hex."""
    return hashlib.sha256(data).hexdigest()


def check_pin(
    data: bytes, chip: Chip, version: str, among: Sequence[Release] | None = None
) -> Release | None:
    """Return the pinned release that matches this image, None if there is no pin for it.

    Raises BadPayload when the image of this board and version is pinned and is not this one.
    """
    digest = sha256(data)
    for each in releases() if among is None else among:
        if each.sha256 and (each.board, each.version) == (chip.board, version):
            if each.sha256 == digest:
                return each
            raise BadPayload(
                _(
                    "this is not the MicroPython {version} released for {board}: its SHA-256 "
                    "is {digest}, not {sha256}; --unpinned accepts it anyway"
                ).format(board=chip.board, digest=digest, sha256=each.sha256, version=version)
            )
    return None


def _fault(entry: Any) -> str | None:
    """Return what is wrong with an entry of a manifest, in words."""
    names = [field.name for field in fields(Release)]
    if not isinstance(entry, dict) or sorted(entry) != sorted(names):
        return _("it must have {joined} and {last}, and nothing else").format(
            joined=", ".join(names[:-1]), last=names[-1]
        )
    for name in ("board", "version", "url"):
        if not isinstance(entry[name], str) or not entry[name].isprintable():
            return _("its {name} is not text").format(name=name)
    if not is_version(entry["version"]):
        return _("its version is not valid")
    offsets = {chip.board: chip.bootloader for chip in CHIPS}
    offset = entry["offset"]
    if type(offset) is not int or offset != offsets.get(entry["board"], offset):
        return _("its offset is not that of the board's boot loader")
    size, digest = entry["size"], entry["sha256"]
    if size is not None and (type(size) is not int or not 0 < size <= SIZE_MAX):
        return _("its size is neither null nor a number of bytes up to {most}").format(
            most=SIZE_MAX
        )
    if digest is not None and not re.fullmatch(r"[0-9a-f]{64}", str(digest)):
        return _("its sha256 is neither null nor 64 lowercase hex digits")
    return _url_fault(entry["url"])


def _url_fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return _("its url is not valid")
    if parts.scheme not in ("https", "http") or not host or not parts.path.strip("/"):
        return _("its url is not an https:// or http:// address with a host and a file")
    if parts.username is not None or parts.password is not None:
        return _("its url contains a password; put that in ~/.netrc instead")
    return None
