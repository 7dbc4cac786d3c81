"""What can go wrong: a class for each fault, with the exit code that it ends with (exit_codes).

Every exception carries one sentence without its full stop, so that a place
("line 3") can be set in front of it; `sentence` is the form to print. No
message holds a secret or an enrolment URI, and none holds a character that a
terminal would obey.
"""

import re
from typing import Any, Self

from otpcore.errors import WireError
from tokenctl.language import _
from tokenctl.printable import printable

_WORD = re.compile(r"[^\W\d_]+(?![\w/@]|\.\w)")  # a first word that is no name of a file or host


class TokenctlError(Exception):
    """The base of all: a fault that one sentence explains to the user."""

    exit_code = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))

    @property
    def sentence(self) -> str:
        """The message as a sentence: a capital in front, a full stop behind.

        A name in front, such as a file's or a host's, stays as it is written.
        """
        text = str(self)
        if _WORD.match(text):
            text = text[:1].upper() + text[1:]
        return text + ("" if text.endswith((".", "?", "!")) else ".")

    def at(self, place: str) -> Self:
        """Set `place` in front of the message, and return the exception itself."""
        self.args = (printable(f"{place}: {self}"),)
        return self

    def followed_by(self, outcome: str) -> Self:
        """Set a sentence on what was done behind the message, and return the exception itself."""
        text = str(self)
        end = "" if text.endswith((".", "?", "!")) else "."
        self.args = (printable(f"{text}{end} {outcome}"),)
        return self


class SourceError(TokenctlError):
    """A source of enrolments cannot be used: the picture, the text or the file.

    If it holds several, `more` are its other faults, and `good` its valid enrolments.
    """

    exit_code = 3

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.more: list[SourceError] = []
        self.good: list[Any] = []  # Enrolment, which imports this module

    def at(self, place: str) -> Self:
        """Set `place` in front of this message and those of the other faults."""
        for each in self.more:
            each.at(place)
        return super().at(place)


class NotAPicture(SourceError):
    """The file is not a picture that can be read, or it is damaged or cut short."""


class NoQRCode(SourceError):
    """The picture shows no QR code that can be read."""


class PartOfSet(SourceError):
    """The picture shows only a part of a text that is split over several QR codes.

    `missing` is a clause that says which codes have not been seen yet.
    """

    def __init__(self, missing: str) -> None:
        super().__init__(_("{missing}: read them all at once").format(missing=missing))
        self.missing = missing


class SeveralCodes(SourceError):
    """There are several enrolments, and it was not said which one is meant."""


class NotAnEnrolment(SourceError):
    """The text or QR code is something else; the message says what, and what to do."""


class Quit(TokenctlError):
    """The user quit at a question, with q or Ctrl-D. Not a fault."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__(_("nothing was changed"))


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a change; `outcome` is a sentence that says what was done."""

    def __init__(self, outcome: str) -> None:
        super().__init__()
        self.outcome = outcome


class IncompleteExport(SourceError):
    """Codes of a Google Authenticator export are missing, and --incomplete was not given.

    `missing` is the clause that says which.
    """

    def __init__(self, missing: str) -> None:
        super().__init__(
            _("{missing}: read them all at once, or import what is there with --incomplete").format(
                missing=missing
            )
        )
        self.missing = missing


class Ambiguous(SourceError):
    """An enrolment is ambiguous, and nobody is there to check the guess."""


class BadEnrolment(SourceError):
    """An enrolment breaks a rule. `field` is the wire name of the field that does, or `uri`."""

    def __init__(self, field: str, sentence: str, hint: str = "") -> None:
        super().__init__(sentence + hint)
        self.field = field
        self.clause, self.hint = sentence, hint

    def again(self) -> Self:
        """Return a new one that says the same, without the places in front."""
        return type(self)(self.field, self.clause, self.hint)


class NoName(BadEnrolment):
    """An enrolment has neither issuer nor account: somebody has to name it."""


class NoCounter(BadEnrolment):
    """An HOTP enrolment has no counter: somebody has to give it."""


class PortError(TokenctlError):
    """There is no token, or its port cannot be used."""

    exit_code = 4


class NoSuchPort(PortError):
    """The port does not exist."""


class PortBusy(PortError):
    """Another program has the port, or this user may not open it."""


class NoToken(PortError):
    """No token was found, or the port has something else on it."""


class SeveralTokens(PortError):
    """There are several tokens, and it was not said which one is meant."""


class OtherTokens(NoToken):
    """Tokens answer, but none has the serial number that was asked for."""


class NoFirmware(NoToken):
    """MicroPython itself answers at the port, not the token's firmware."""


class LinkError(TokenctlError):
    """The link to the token failed during a request.

    `says_outcome`: the message says what the token had done until then.
    """

    exit_code = 5
    says_outcome = False

    def followed_by(self, outcome: str) -> Self:
        """See TokenctlError."""
        self.says_outcome = True
        return super().followed_by(outcome)


class NoAnswer(LinkError):
    """The token stopped answering."""


class AmbiguousName(TokenctlError):
    """A name matches several accounts on the token."""

    exit_code = 6


class NoPin(TokenctlError):
    """The token has no PIN, so that it cannot be locked."""

    exit_code = 6

    def __init__(self) -> None:
        super().__init__(
            _("the token has no PIN, so it cannot be locked; set one with tokenctl pin set")
        )


class NoChipKey(TokenctlError):
    """The token's chip has no key of its own that a PIN could be bound to."""

    exit_code = 6


class VerificationFailed(TokenctlError):
    """The token's key check value is not that of the secret."""

    exit_code = 8


class VersionMismatch(TokenctlError):
    """Token and tokenctl speak different versions of the protocol."""

    exit_code = 9


class FlashingFailed(TokenctlError):
    """The board did not accept what was written, or was lost; the same command resumes."""

    exit_code = 10


class BadPayload(TokenctlError):
    """What would be flashed is refused: the MicroPython image, or the firmware."""

    exit_code = 11


class DownloadFailed(TokenctlError):
    """The MicroPython image cannot be downloaded, or the cache cannot hold it."""

    exit_code = 13


class WrongBoard(TokenctlError):
    """The board is not suitable for a token, because of its chip, its flash or its definition."""

    exit_code = 12


class ForeignData(TokenctlError):
    """The vault partition holds foreign data; nothing was written."""

    exit_code = 12


class NotAsReleased(TokenctlError):
    """What was read back from the board does not match the release."""

    exit_code = 14


class Downgrade(TokenctlError):
    """The board holds a newer firmware than this package; nothing was written."""

    exit_code = 15


class HardeningRefused(TokenctlError):
    """An eFuse was not burnt: the chip, the flash or the user forbids it."""

    exit_code = 16


class ComputerClockWrong(TokenctlError):
    """The computer's clock cannot be used to set a token's."""

    exit_code = 17


class NoDisplay(TokenctlError):
    """There is no clipboard, or no screen that a program may capture."""

    exit_code = 18


class NoCamera(TokenctlError):
    """There is no camera, no permission to use one, or no library for it."""

    exit_code = 18


class BackupFileError(TokenctlError):
    """A backup file cannot be read or written, or is not a backup."""

    exit_code = 21


class KeepingFailed(TokenctlError):
    """The file of --keep cannot be written; an existing one is unchanged."""

    exit_code = 22


# Answers of the token (otpcore.errors) other than plain refusals, which are 6.
_WIRE_EXIT_CODES = {
    "not_pressed": 7,
    "refused": 7,
    "cancelled": 7,
    "newer_protocol": 9,
    "fault": 19,
    "already_done": 5,
    "bad_backup": BackupFileError.exit_code,
}


def refused(error: WireError) -> TokenctlError:
    """Return the token's refusal as an exception with its exit code."""
    refusal = TokenctlError(str(error))
    refusal.exit_code = _WIRE_EXIT_CODES.get(error.code, 6)
    return refusal
