"""The files and folders that a source names: their bytes, or why they cannot be read.

Messages repeat a path only if it certainly is not a secret that was given
in place of one.
"""

import os
import re
from pathlib import Path
from typing import NoReturn

from tokenctl import system_sentences
from tokenctl.errors import SourceError
from tokenctl.language import _

FILES_MAX = 1000  # in a folder and the folders in it


def read(path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file; raise SourceError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        raise SourceError(_why_unreadable(path, error)) from None


def files_in(folder: Path) -> list[Path]:
    """Return the files in a folder and its subfolders, sorted by name, without hidden ones."""
    paths: list[Path] = []

    def refuse(error: OSError) -> NoReturn:
        raise SourceError(
            _("the folder {filename} cannot be read: {reason}").format(
                filename=error.filename, reason=reason(error)
            )
        ) from None

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        paths += [Path(place, each) for each in sorted(files) if not each.startswith(".")]
        if len(paths) > FILES_MAX:
            raise SourceError(
                _("the folder {folder} has more than {files_max} files").format(
                    files_max=FILES_MAX, folder=folder
                )
            )
    return [path for path in paths if path.is_file()]


def _why_unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError) and not _may_be_named(str(path)):
        return _(
            "the argument is neither a file nor an otpauth URI; to enter just a "
            "secret, run tokenctl provision with no source, which asks for it and "
            "does not show it"
        )
    if isinstance(error, FileNotFoundError):
        return _("there is no file {path}").format(path=path)
    if not _may_be_named(str(path)):
        return _("the argument is neither an otpauth URI nor a readable file")
    return _("the file {path} cannot be read: {reason}").format(path=path, reason=reason(error))


def _may_be_named(argument: str) -> bool:
    """Return whether an argument that is not a file certainly contains no secret.

    It is not when it is a URI spelled wrong, or has as long a run of base32 or
    hex digits as a secret has, and not the ending of a file's name.
    """
    if len(argument) > 1000 or re.search(r"[=&?]", argument):
        return False
    if re.search(r"\.[a-z]{3,4}$", argument, re.IGNORECASE):
        return True
    squeezed = re.sub(r"[ -]", "", argument)
    return not (
        re.search(r"[A-Z2-7]{16}|[0-9A-F]{16}", squeezed, re.IGNORECASE)
        or re.fullmatch(r"[A-Z2-7]{8,}", squeezed, re.IGNORECASE)
    )


def reason(error: OSError | ValueError) -> str:
    """Return the system's reason as a clause."""
    otherwise = _("it is not a valid path")
    return system_sentences.reason(error, otherwise) if isinstance(error, OSError) else otherwise
