"""The errors that cross the link: one class for each code.

An error has a reason, a word that says more, and a value (a number or a word) if the reason
takes one: VaultFull("accounts", 1000). Codes and reasons are append-only, and
docs/protocol.md has them all. The words for people are elsewhere: on the token in
tokenfw.ui.words, on the computer in tokenctl.device.refusals.
"""


class WireError(Exception):
    """A request that the token refused. `code` is what crosses the link."""

    code = "failed"


class BadRequest(WireError):
    """The request is malformed, or a field breaks a limit."""

    code = "bad_request"


class UnknownMethod(WireError):
    """This firmware has no such method."""

    code = "unknown_method"


class NewerProtocol(WireError):
    """The computer speaks a protocol that this firmware does not know yet."""

    code = "newer_protocol"


class Busy(WireError):
    """The token is carrying out another request."""

    code = "busy"


class NotPressed(WireError):
    """Nobody pressed the button in time."""

    code = "not_pressed"


class Refused(WireError):
    """Somebody refused at the token."""

    code = "refused"


class Cancelled(WireError):
    """The request was abandoned in favour of another one."""

    code = "cancelled"


class AccountExists(WireError):
    """There already is an account with this issuer and name."""

    code = "account_exists"


class NoSuchAccount(WireError):
    """The vault has no account with this id."""

    code = "no_such_account"


class VaultFull(WireError):
    """The vault holds no more."""

    code = "vault_full"


class VaultDamaged(WireError):
    """The vault, or one account in it, cannot be read."""

    code = "vault_damaged"


class Locked(WireError):
    """The token requires its PIN first."""

    code = "locked"


class NewerVault(WireError):
    """A newer firmware wrote the vault: this one leaves it alone."""

    code = "newer_vault"


class EntropyFailed(WireError):
    """The random generator fails its health check: no key can be made."""

    code = "entropy_failed"


class TimeUnknown(WireError):
    """The token does not know the time, so that it has no code to give."""

    code = "time_unknown"


class ClockFault(WireError):
    """The clock chip does not answer, or cannot hold this time."""

    code = "clock_fault"


class NotYet(WireError):
    """The account's first code lies ahead: its T0 is later than now."""

    code = "not_yet"


class TooEarly(WireError):
    """The clock's drift is not known well enough yet to be corrected."""

    code = "too_early"


class Restarted(WireError):
    """The token has restarted, so the ticks in a request mean nothing any more."""

    code = "restarted"


class NoCode(WireError):
    """The account is a static text, which has no code and never leaves the token."""

    code = "no_code"


class BatchOver(WireError):
    """The batch was not confirmed, or has ended; a new one can be requested."""

    code = "batch_over"


class AlreadyDone(WireError):
    """The request was carried out before: its answer is not sent again."""

    code = "already_done"


class Fault(WireError):
    """The firmware fails at every start: it says where, and accepts only a wipe."""

    code = "fault"


class BadBackup(WireError):
    """The backup is damaged, incomplete, of another version, or not of this recovery code."""

    code = "bad_backup"


class BackupOver(WireError):
    """The backup or restore was abandoned, or backups are switched off."""

    code = "backup_over"


# All of them are in memory from the start: where one is raised there may be no room to load it.
CLASSES = (
    WireError,
    BadRequest,
    UnknownMethod,
    NewerProtocol,
    Busy,
    NotPressed,
    Refused,
    Cancelled,
    AccountExists,
    NoSuchAccount,
    VaultFull,
    VaultDamaged,
    Locked,
    NewerVault,
    EntropyFailed,
    TimeUnknown,
    ClockFault,
    NotYet,
    TooEarly,
    Restarted,
    NoCode,
    BatchOver,
    AlreadyDone,
    Fault,
    BadBackup,
    BackupOver,
)


def to_wire(error):
    """Return the `error` object of an answer."""
    wire = {"code": error.code}
    if error.args:
        wire["reason"] = error.args[0]
    if len(error.args) > 1:
        wire["value"] = error.args[1]
    return wire


def reason(error):
    """Return the reason of an error, or an empty text."""
    return error.args[0] if error.args else ""
