"""What can go wrong, one class for each, and the exit code that each ends with.

Every exception carries one sentence without its full stop, so that a place
("line 3") can be set in front of it; `sentence` is the form to print. No
message holds a secret or an enrolment URI, and none holds a character that a
terminal would obey.
"""

from typing import Any, Self

from otpcore.errors import WireError
from tokenctl.printable import printable

EXIT_CODES = {
    0: "done",
    1: "an unexpected fault",
    2: "the command line is wrong",
    3: "the source is no enrolment: the picture, the URI or the secret is refused",
    4: "there is no token to talk to, or the port cannot be used",
    5: "the token stopped answering, or the link failed",
    6: "the token refused: the account exists already or does not exist, the vault is full",
    7: "nobody pressed the button, or somebody refused at the token",
    8: "the verification failed: the key check value of the token is another one",
    9: "token and tokenctl speak different versions of the protocol",
    10: "flashing failed or was not verified: nothing is lost, run the same command again",
    11: "the MicroPython image or the firmware to be flashed is refused",
    12: "the board is not one for a token, or holds something else, and was left as it was",
    13: "the MicroPython image could not be downloaded",
    14: "the flash does not hold what was released",
    15: "a downgrade was refused, and nothing was written",
    16: "hardening was refused, nothing was burnt",
    17: "the computer's clock is not synchronised, or impossible",
    18: "there is no clipboard, no screen or no camera that can be used here",
    19: "the token's firmware fails at every start: tokenctl status says where",
    130: "interrupted",
}


class TokenctlError(Exception):
    """The base of all: a fault that one sentence explains to the user."""

    exit_code = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))

    @property
    def sentence(self) -> str:
        """The message as a sentence: a capital in front, a full stop behind."""
        text = str(self)
        return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")

    def at(self, place: str) -> Self:
        """Set `place` in front of the message, and return the exception itself."""
        self.args = (printable(f"{place}: {self}"),)
        return self


class SourceError(TokenctlError):
    """A source of enrolments cannot be used: the picture, the text or the file.

    Where it holds several, `more` are its other faults, and `good` the enrolments beside them.
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
    """The file is no picture that can be read, or it is damaged or cut short."""


class NoQRCode(SourceError):
    """The picture shows no QR code that can be read."""


class PartOfSet(SourceError):
    """The picture shows a part of a text that is spread over several QR codes, and no more.

    `missing` is the clause that says which codes were not seen yet.
    """

    def __init__(self, missing: str) -> None:
        super().__init__(f"{missing}: read all of them at once")
        self.missing = missing


class SeveralCodes(SourceError):
    """There are several enrolments, and nobody said which one is meant."""


class NotAnEnrolment(SourceError):
    """The text or QR code is something else; the message says what, and what to do."""


class NothingChosen(SourceError):
    """Somebody was asked what to add, and chose nothing."""


class IncompleteExport(SourceError):
    """Codes of a Google Authenticator export are missing, and nobody allowed a part.

    `missing` is the clause that says which.
    """

    def __init__(self, missing: str) -> None:
        super().__init__(f"{missing}: read all of them at once, or allow a part with --incomplete")
        self.missing = missing


class Ambiguous(SourceError):
    """An enrolment is ambiguous, and nobody is there to look at what was guessed."""


class BadEnrolment(SourceError):
    """An enrolment breaks a rule. `field` is the wire name of what does, or `uri`."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class NoName(BadEnrolment):
    """An enrolment has neither issuer nor account: somebody has to name it."""


class NoCounter(BadEnrolment):
    """An HOTP enrolment does not say its counter: somebody has to."""


class PortError(TokenctlError):
    """There is no token to talk to, or the port cannot be used."""

    exit_code = 4


class NoSuchPort(PortError):
    """The port does not exist."""


class PortBusy(PortError):
    """Another program has the port, or this user may not open it."""


class NoToken(PortError):
    """No token was found, or the port has something else on it."""


class SeveralTokens(PortError):
    """There are several tokens, and nobody said which one is meant."""


class NoFirmware(NoToken):
    """MicroPython itself is at the port, and not the token's firmware."""


class LinkError(TokenctlError):
    """The link to the token failed in the middle."""

    exit_code = 5


class NoAnswer(LinkError):
    """The token stopped answering."""


class AmbiguousName(TokenctlError):
    """A name means several accounts on the token."""

    exit_code = 6


class VerificationFailed(TokenctlError):
    """The key check value that the token gives is not the one of the secret."""

    exit_code = 8


class VersionMismatch(TokenctlError):
    """Token and tokenctl speak different versions of the protocol."""

    exit_code = 9


class FlashingFailed(TokenctlError):
    """The board did not take what was written, or went away; the same command goes on."""

    exit_code = 10


class BadPayload(TokenctlError):
    """What would be flashed is refused: the MicroPython image, or the firmware."""

    exit_code = 11


class DownloadFailed(TokenctlError):
    """The MicroPython image cannot be had from the network, or has no place in the cache."""

    exit_code = 13


class WrongBoard(TokenctlError):
    """The board is not one for a token: its chip, its flash or its definition."""

    exit_code = 12


class ForeignData(TokenctlError):
    """Where the vault has its place the board holds something else; nothing was written."""

    exit_code = 12


class NotAsReleased(TokenctlError):
    """What was read back from the board is not what was released."""

    exit_code = 14


class Downgrade(TokenctlError):
    """The board holds a newer firmware than this package; nothing was written."""

    exit_code = 15


class HardeningRefused(TokenctlError):
    """An eFuse is not burnt: the chip, the flash or the person at the terminal is against it."""

    exit_code = 16


class ComputerClockWrong(TokenctlError):
    """The computer's clock is no measure for a token's."""

    exit_code = 17


class NoDisplay(TokenctlError):
    """There is no clipboard, or no screen that a program may look at."""

    exit_code = 18


class NoCamera(TokenctlError):
    """There is no camera, none that may be used, or not what it takes to use one."""

    exit_code = 18


# What the token answers (otpcore.errors) and is not simply a refusal, which is 6.
_WIRE_EXIT_CODES = {
    "not_pressed": 7,
    "refused": 7,
    "cancelled": 7,
    "newer_protocol": 9,
    "fault": 19,
    "already_done": 5,
}


def refused(error: WireError) -> TokenctlError:
    """Return the token's refusal as an exception with its exit code."""
    refusal = TokenctlError(str(error))
    refusal.exit_code = _WIRE_EXIT_CODES.get(error.code, 6)
    return refusal
