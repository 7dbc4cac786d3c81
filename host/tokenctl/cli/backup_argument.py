"""The backup file that a command is given; what tokenctl provision reads is told apart from one."""

from pathlib import Path

from tokenctl.device import backup_file
from tokenctl.device.backup_file import BackupFile
from tokenctl.errors import BackupFileError, SourceError
from tokenctl.language import _


def read(path: Path) -> BackupFile:
    """Return the backup in a file; raise BackupFileError, which names the command that reads it."""
    try:
        return backup_file.read(path)
    except BackupFileError as error:
        if _is_for_provision(path):
            advice = _("It may hold accounts of another kind: tokenctl provision reads it.")
            raise error.followed_by(advice) from None
        raise


def _is_for_provision(path: Path) -> bool:
    """Return whether a file is a picture, a list of URIs, or an export that says of which app."""
    from tokenctl import pictures  # here, not above: a backup needs none of it
    from tokenctl.enrol import apps, files, sources

    try:
        data = files.read(path, apps.BYTES_MAX + 1)
        is_list = sources.may_hold_some(path)
    except SourceError:
        return False
    return is_list or pictures.is_picture(data) or apps.is_certain(data)
