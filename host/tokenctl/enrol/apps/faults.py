"""What can be wrong with another app's export, and with one entry of it.

No message holds a secret, a password or an enrolment URI.
"""

from collections.abc import Sequence

from tokenctl.errors import SourceError
from tokenctl.language import _, marked


class Unreadable(SourceError):
    """The file is an app's, but damaged, cut short or of an unknown kind."""


class WrongPassword(SourceError):
    """The password does not open the export."""


class NoPassword(SourceError):
    """The export is encrypted, and there is no password."""


class TooCostly(SourceError):
    """The file asks for more work or memory than any honest one."""


class MissingLibrary(SourceError):
    """The library that opens the file is not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(
            _(
                "this needs {library}, which is not installed: pip install 'otptoken[import]'"
            ).format(library=library)
        )


class SeveralFormats(SourceError):
    """More than one app writes files like this one; `names` are theirs."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            _(
                "this may be an export from one of: {names}; say which with --format, as in "
                "--format {name}"
            ).format(names=", ".join(names), name=names[0])
        )
        self.names = tuple(names)


class NoExport(SourceError):
    """The file is not an export of any known app; the message may say what it is."""


class BadEntry(Exception):
    """One entry is damaged: what the app wrote in it is missing or makes no sense."""


class Lacking(Exception):
    """One entry is of a kind that the token does not support."""


WRONG = marked("the password is wrong")
WRONG_OR_DAMAGED = marked(
    "the password is wrong, or the file is damaged: the format does not show which"
)
DAMAGED = marked("the password is right, but the file is damaged or was cut short")
CUT = marked("it is damaged or cut short")
