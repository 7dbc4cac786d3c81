"""WinAuth: otpauth URIs a line, in a ZIP archive that AES may encrypt.

An account without an issuer of its own has WinAuth for one, and the issuer as the
account. Archives of other apps are named; one within the other is refused.
"""

import io
import zipfile
import zlib
from typing import Any

from tokenctl.enrol.apps import uris
from tokenctl.enrol.apps.drafts import Export
from tokenctl.enrol.apps.faults import (
    CUT,
    DAMAGED,
    WRONG,
    MissingLibrary,
    NoExport,
    TooCostly,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_uri, label_of
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_MAGIC = b"PK\x03\x04"
_MEMBERS_MAX = 100
_TEXT_MAX = 4 << 20  # bytes, when it is unpacked
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may take any memory
_PACKED = marked("it is compressed with an unsupported method")
_OWN = "WinAuth"
_OTHERS = {
    "raivo-otp-export.json": marked("this is a Raivo export; tokenctl does not read it"),
    "export.data": marked("this is a 1Password export; tokenctl does not read it"),
    "data.json": marked(
        "this is a Bitwarden export with attachments; unpack it, and use the data.json in it"
    ),
}


def claims(file: File) -> bool:
    """Return whether the file is an archive, or WinAuth's URIs in the clear."""
    if file.data.startswith(_MAGIC):
        return True
    uris_there = _lines(file.text or "")
    return 2 * sum(map(_is_own, uris_there)) > len(uris_there)


def read(file: File, opening: Opening) -> Export:
    """Return what the archive's text holds; raise SourceError."""
    text, encrypted = file.text, False
    if file.data.startswith(_MAGIC):
        text, encrypted = _unpacked(file.data, opening)
    if text is None:
        raise Unreadable(_("it is neither an archive nor text"))
    export = Export("winauth", disposable=not encrypted)
    export.collect(_lines(text), _draft, label_of)
    return export


def _lines(text: str) -> list[str]:
    return [uri for line in text.splitlines() for uri in uris.uris_in(line)]


def _is_own(uri: str) -> bool:
    folded = uri.casefold()
    return "issuer=winauth" in folded or folded.startswith(
        ("otpauth://totp/winauth:", "otpauth://totp/winauth%3a")
    )


def _draft(uri: str) -> Draft:
    found = from_uri(uri)
    if found.issuer != _OWN or not found.account:
        return found
    return from_uri(uri, found.account, "")


def _unpacked(data: bytes, opening: Opening) -> tuple[str, bool]:
    """Return the one text in an archive, and whether it was encrypted."""
    try:
        import pyzipper
    except ImportError:
        raise MissingLibrary(_("the package pyzipper")) from None
    try:
        with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
            member = _member(archive.infolist())
            encrypted = bool(member.flag_bits & 1)
            if encrypted:
                archive.setpassword(opening.ask())
            return _text(archive, member), encrypted
    except (EOFError, OSError, ValueError, *_bad_archives()):
        raise Unreadable(_(CUT)) from None
    except NotImplementedError:
        raise Unreadable(_(_PACKED)) from None


def _member(members: list[Any]) -> Any:
    if len(members) > _MEMBERS_MAX:
        raise TooCostly(
            _("it contains {count:,} files; the limit is {limit}").format(
                count=len(members), limit=_MEMBERS_MAX
            )
        )
    for each in members:
        if (name := each.filename.rsplit("/", 1)[-1].lower()) in _OTHERS:
            raise NoExport(_(_OTHERS[name]))
    texts = [each for each in members if not each.is_dir()]
    if len(texts) != 1:
        raise NoExport(
            _(
                "this archive contains {count} files, and is not the export of a known "
                "app; unpack it, and use the file that is"
            ).format(count=len(texts))
        )
    if texts[0].compress_type not in _PACKINGS:
        raise Unreadable(_(_PACKED))
    if texts[0].file_size > _TEXT_MAX:
        raise TooCostly(
            _("it would unpack to {megabytes:,} MB; the limit is 4 MB").format(
                megabytes=texts[0].file_size >> 20
            )
        )
    return texts[0]


def _text(archive: Any, member: Any) -> str:
    try:
        with archive.open(member) as stream:
            data = stream.read(_TEXT_MAX + 1)
    except NotImplementedError:  # which is a RuntimeError, too
        raise
    except RuntimeError:  # the check bytes of the password
        raise WrongPassword(_(WRONG)) from None
    except (zlib.error, EOFError, *_bad_archives()):
        raise Unreadable(_(DAMAGED) if member.flag_bits & 1 else _(_(CUT))) from None
    if len(data) > _TEXT_MAX:
        raise TooCostly(_("it unpacks to more than it declares"))
    if data.startswith(b"PK"):
        raise NoExport(_("there is an archive in this archive; unpack it, and use the file in it"))
    text = File(data).text
    if text is None:
        raise NoExport(
            _("the content of this archive is neither text nor the export of a known app")
        )
    return text


def _bad_archives() -> tuple[type[Exception], ...]:
    import pyzipper

    return pyzipper.BadZipFile, zipfile.BadZipFile
