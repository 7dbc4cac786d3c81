"""What can be wrong with another app's export, and with one entry of it.

No message holds a secret, a password or an enrolment URI.
"""

from collections.abc import Sequence

from tokenctl.errors import SourceError


class Unreadable(SourceError):
    """The file is an app's, and is damaged, cut short or of a kind that is not known."""


class WrongPassword(SourceError):
    """The password does not open the export."""


class NoPassword(SourceError):
    """The export is encrypted, and there is no password."""


class TooCostly(SourceError):
    """The file asks for more work or memory than an honest one does."""


class MissingLibrary(SourceError):
    """What opens the file is not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(
            f"this needs {library}, which is not installed: pip install 'otptoken[import]'"
        )


class SeveralFormats(SourceError):
    """More than one app writes files like this one; `names` are theirs."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"this may be an export of {' or '.join(names)}: say which with --format, "
            f"as in --format {names[0]}"
        )
        self.names = tuple(names)


class NoExport(SourceError):
    """The file is no app's export that is known; the message may say what it is."""


class BadEntry(Exception):
    """One entry is damaged: what the app wrote in it is missing or makes no sense."""


class Lacking(Exception):
    """One entry is something that the token does not have."""


WRONG = "the password is wrong"
WRONG_OR_DAMAGED = "the password is wrong, or the file is damaged: its format does not tell which"
DAMAGED = "the password is right, and the file is damaged or was cut short"
CUT = "it is damaged, or cut short"
