"""The token's refusals in words: one sentence for each code and reason of the link.

The token sends a code, a reason and perhaps a value; the exceptions are otpcore.errors',
whose `str()` is the sentence here, without its full stop. A code or a reason of later firmware
gets the sentence of the part that is known. docs/protocol.md has the list.
"""

from otpcore import errors
from otpcore.errors import WireError
from tokenctl.core_sentences import named
from tokenctl.language import _, marked

BY_CODE: dict[str, type[WireError]] = {each.code: each for each in errors.CLASSES}

# Sentences by code, and by reason: "" is of none, and of one that is not known.
SENTENCES: dict[str, dict[str, str]] = {
    "failed": {
        "": marked("the token could not carry out the request"),
        "too_long": marked("the token's answer is too long"),
        "no_memory": marked("the token ran out of memory"),
        "exception": marked("the token's firmware failed with {value}"),
    },
    "bad_request": {
        "": marked("the token does not understand the request"),
        "malformed": marked("a request must be a JSON object with an id, of at most {value} bytes"),
        "not_unicode": marked("the request contains text that is not valid Unicode"),
        "no_method": marked("the request names no method"),
        "params": marked("the params of the request are not an object"),
        "parameter": marked("the request's parameter {value} is missing or out of range"),
        "account": marked("the token does not accept an account with this {value}"),
        "empty_batch": marked("the batch is empty"),
        "batch_names": marked("in a batch, a replacement must keep one of the account's names"),
        "batch_used_up": marked("this batch was confirmed for fewer accounts"),
        "no_pin": marked("the token has no PIN"),
        "chip_key": marked("the chip's key cannot be trusted ({value})"),
        "not_bound": marked("the vault is not bound to the chip"),
        "same_token": marked("a clone takes two tokens, and this is the same one twice"),
        "clock_range": marked("the clock accepts times from 2020 to 2099"),
    },
    "unknown_method": {
        "": marked("the token's firmware does not know this method: update it with tokenctl flash")
    },
    "newer_protocol": {
        "": marked(
            "the token's firmware does not support this protocol yet: update it with tokenctl flash"
        ),
        "protocol": marked(
            "the token's firmware supports only protocol {value}: update it with tokenctl flash"
        ),
    },
    "busy": {
        "": marked("the token is busy with another request: look at it, and press its button")
    },
    "not_pressed": {
        "": marked("nobody pressed the button in time"),
        "button": marked("nobody pressed the button within {value} s"),
        "pin": marked("nobody entered the PIN within {value} s"),
        "holds": marked("nobody held the button within {value} s"),
        "code": marked("nobody entered the recovery code within {value} s"),
    },
    "refused": {
        "": marked("the request was refused at the token"),
        "pin": marked("no PIN was entered on the token"),
        "code": marked("the recovery code was not entered on the token"),
        "pins_differ": marked("the two entries of the new PIN did not match"),
    },
    "cancelled": {"": marked("the request was cancelled")},
    "account_exists": {"": marked("the token already has an account with this issuer and name")},
    "no_such_account": {"": marked("the token has no such account")},
    "vault_full": {
        "": marked("the token's vault is full"),
        "accounts": marked("the token holds {value} accounts, which is its limit"),
        "batch": marked("the token has room for {value} more accounts"),
        "flash": marked("the token's vault is full"),
        "favourites": marked(
            "the token has {value} favourites, which is its limit: remove one first"
        ),
        "memory": marked(
            "the vault holds more accounts than fit in the token's memory: remove "
            "some, then restart it"
        ),
        "ids": marked(
            "the token has given out all its account numbers: wipe it, then restore the backup"
        ),
        "counter": marked("this account's counter has reached its end"),
    },
    "vault_damaged": {
        "": marked("the token's vault cannot be read"),
        "account": marked("one account in the vault is damaged and cannot be read"),
        "backup": marked(
            "the token's record of its backups is damaged: it can restore a backup, but cannot "
            "make one until it is wiped"
        ),
        "keys": marked(
            "the vault's keys are damaged, or its flash holds foreign data: wipe the "
            "token to start afresh"
        ),
        "flash": marked("the token's flash cannot be written"),
        "chip_key": marked(
            "the vault is bound to a chip's key, which does not answer: this is another chip, or "
            "the chip is failing; no PIN was tried. If the token is unlocked now, leave it on and "
            "run tokenctl pin unbind: once locked, it opens no more"
        ),
        "older": marked(
            "the vault was written by an older firmware, and this one cannot convert "
            "it: go back to the older firmware, or wipe the token"
        ),
    },
    "time_unknown": {
        "": marked("the token does not know the time: run tokenctl sync"),
        "no_date": marked("the clock chip has no date"),
        "stopped": marked("the clock chip had stopped"),
        "never_set": marked("the clock was never set"),
        "past_2099": marked("the clock is past 2099"),
        "interrupted": marked("setting the clock was interrupted"),
        "went_back": marked("the clock went backwards"),
    },
    "clock_fault": {
        "": marked("the clock chip is not working properly"),
        "no_answer": marked("the clock chip does not answer"),
        "stands_still": marked("the clock chip is not running"),
        "too_busy": marked("the token is too busy to set its clock: try again"),
        "not_kept": marked("the clock chip does not keep the time it was set to"),
        "not_held": marked("the clock chip did not store the time it was set to"),
    },
    "locked": {
        "": marked("the token is locked: enter its PIN on the token"),
        "wiped": marked("too many wrong PINs: the token has wiped itself"),
        "delay": marked("after wrong PINs, the token accepts the next one in {value} s"),
    },
    "newer_vault": {
        "": marked(
            "the vault was written by a newer firmware and is left unchanged: update the firmware"
        )
    },
    "entropy_failed": {"": marked("the token's random generator fails its health check")},
    "not_yet": {"": marked("the account's first code is still to come: its T0 is in the future")},
    "too_early": {
        "": marked("the drift is not known well enough yet"),
        "not_measured": marked(
            "the drift has not been measured yet: sync now, and calibrate a week later"
        ),
        "not_sure": marked(
            "the drift is not known well enough: it takes {value} days between two syncs"
        ),
    },
    "restarted": {"": marked("the token has restarted: measure again")},
    "no_code": {"": marked("this is an app password: the token shows it but never sends it")},
    "batch_over": {"": marked("this batch was not confirmed, or has ended")},
    "already_done": {"": marked("this was already done, and its answer is not sent again")},
    "bad_backup": {
        "": marked("the backup is damaged"),
        "form": marked("this is not a token's backup"),
        "version": marked(
            "this firmware does not know this form of backup: update it with tokenctl flash"
        ),
        "short": marked("the backup is truncated"),
        "long": marked("the backup has data after its end"),
        "changed": marked("the backup was changed or damaged since the token made it"),
        "account": marked("the backup holds something that this firmware does not know"),
        "code": marked(
            "the recovery code does not belong to this backup, or the start of the backup was "
            "changed"
        ),
        "commitment": marked(
            "the other token's key is not the one it had committed to: somebody may stand "
            "between the two, and nothing was copied"
        ),
        "key": marked("the other token's key cannot keep a secret, and nothing was copied"),
    },
    "backup_over": {
        "": marked(
            "the backup was abandoned: the token was locked or wiped, or something else began "
            "meanwhile"
        ),
        "off": marked("backups of this token are switched off; only tokenctl wipe undoes that"),
        "changed": marked("the accounts on the token changed meanwhile: run the command again"),
    },
    "fault": {
        "": marked("the token's firmware keeps failing: see tokenctl status"),
        "repeated": marked("the token's firmware keeps failing: see tokenctl status"),
        "damaged": marked("the token's firmware is damaged: reinstall it with tokenctl flash"),
        "no_memory": marked(
            "the token has too little memory to start its firmware: install a version that fits "
            "with tokenctl flash, or use another board"
        ),
        "no_board": marked(
            "the token does not know its board, and so has neither button nor flash"
        ),
    },
}


def refusal(code: str, reason: str = "", value: int | str | None = None) -> WireError:
    """Return the exception for a refusal; a code that is not known yet gives a plain WireError."""
    error = BY_CODE.get(code, WireError)(sentence(code, reason, value))
    error.code = code
    return error


def sentence(code: str, reason: str = "", value: int | str | None = None) -> str:
    """Return the sentence for a code and a reason, without its full stop."""
    known = SENTENCES.get(code)
    if known is None:
        said = " ".join(filter(None, (code, reason)))
        return _("the token refused the request: {reason}").format(reason=said)
    found = known.get(reason)
    if found is None or ("{value}" in found and value is None):
        return _(known[""]) + (f" ({reason})" if reason and found is None else "")
    if (code, reason) == ("bad_request", "account"):
        value = named(str(value))
    return _(found).format(value=value)


def why_no_time(reason: str) -> str:
    """Return the clause for why the clock has no time, from the reason in `status`."""
    for code in ("time_unknown", "clock_fault"):
        if reason and reason in SENTENCES[code]:
            return _(SENTENCES[code][reason])
    return _("it was not read") if reason == "not_read" else reason
