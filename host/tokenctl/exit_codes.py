"""The exit codes: what a script branches on. Append-only."""

from typing import NamedTuple

from tokenctl.language import marked


class ExitCode(NamedTuple):
    """`name` is for programs, in the errors of --json; `meaning` a clause for people."""

    name: str
    meaning: str


EXIT_CODES = {
    0: ExitCode("done", marked("done")),
    1: ExitCode("unexpected", marked("an unexpected error")),
    2: ExitCode("usage", marked("the command line is not valid")),
    3: ExitCode(
        "source",
        marked("the source was rejected: the picture, URI or secret is not a valid enrolment"),
    ),
    4: ExitCode("no_token", marked("no token was found, or the port cannot be used")),
    5: ExitCode("link", marked("the token stopped answering, or the link failed")),
    6: ExitCode(
        "refused",
        marked(
            "the token refused: the account already exists or does not exist, the vault is full, "
            "it has no PIN to be locked with, or its chip no key to bind a PIN to"
        ),
    ),
    7: ExitCode(
        "not_confirmed",
        marked("nobody pressed the button, or the request was refused at the token"),
    ),
    8: ExitCode(
        "verification", marked("verification failed: the token's key check value does not match")
    ),
    9: ExitCode("version", marked("the token and tokenctl use different protocol versions")),
    10: ExitCode(
        "flashing",
        marked(
            "flashing failed or could not be verified; nothing is lost, so run the same command "
            "again"
        ),
    ),
    11: ExitCode("payload", marked("the MicroPython image or the firmware was rejected")),
    12: ExitCode(
        "board",
        marked("the board is not suitable for a token or holds other data, and was left unchanged"),
    ),
    13: ExitCode("download", marked("the MicroPython image could not be downloaded")),
    14: ExitCode("not_as_released", marked("the flash contents do not match the release")),
    15: ExitCode("downgrade", marked("a downgrade was refused, and nothing was written")),
    16: ExitCode("hardening", marked("hardening was refused, and nothing was burnt")),
    17: ExitCode(
        "computer_clock",
        marked("the computer's clock is not synchronised, or is set to an impossible date"),
    ),
    18: ExitCode("no_capture", marked("no clipboard, screen or camera is available")),
    19: ExitCode(
        "faulty",
        marked(
            "something is wrong with the token or this computer (tokenctl doctor); from another "
            "command: the firmware fails at every start"
        ),
    ),
    20: ExitCode(
        "token_clock",
        marked(
            "the token's clock and this computer's are 30 s or more apart: the code was given, but "
            "will be refused"
        ),
    ),
    21: ExitCode(
        "backup",
        marked("the backup file was rejected, or cannot be read or written; nothing was changed"),
    ),
    22: ExitCode(
        "not_kept",
        marked("the accounts were not kept: the file given with --keep cannot be written"),
    ),
    130: ExitCode("interrupted", marked("interrupted, or you quit at a question")),
}

SOMETHING_WRONG, CLOCK_WRONG = 19, 20
