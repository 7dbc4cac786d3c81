"""What the token refuses, in words: one sentence for each code and reason of the link.

The token sends a code, a reason and perhaps a value; the exceptions are otpcore.errors',
whose `str()` is the sentence here, without its full stop. A code or a reason of later firmware
gets the sentence of what is known of it. docs/protocol.md has the list.
"""

from otpcore import errors
from otpcore.errors import WireError

BY_CODE: dict[str, type[WireError]] = {each.code: each for each in errors.CLASSES}

# Sentences by code, and by reason: "" is of none, and of one that is not known. In the place of
# %s comes the value.
SENTENCES: dict[str, dict[str, str]] = {
    "failed": {
        "": "the token failed to do it",
        "too_long": "the token's answer is too long",
        "no_memory": "the token ran out of memory",
        "exception": "the token's firmware failed with %s",
    },
    "bad_request": {
        "": "the token does not understand the request",
        "malformed": "a request is a JSON object with an id, and has no more than %s bytes",
        "not_unicode": "the request has text that is no Unicode",
        "no_method": "the request names no method",
        "params": "the request's params are no object",
        "parameter": "the request's parameter %s is missing, or beyond its bounds",
        "account": "the token takes no account with this %s",
        "empty_batch": "the batch is empty",
        "batch_names": "in a batch an account is replaced by one of its names only",
        "batch_used_up": "this batch was confirmed for fewer accounts",
        "no_pin": "the token has no PIN",
        "chip_key": "the chip's key cannot be relied on (%s)",
        "not_bound": "the vault is not bound to the chip",
        "clock_range": "the clock takes a time from 2020 to 2099",
    },
    "unknown_method": {
        "": "the token's firmware does not know this method: update it with tokenctl flash"
    },
    "newer_protocol": {
        "": "the token's firmware does not speak this protocol yet: update it with tokenctl flash",
        "protocol": "the token's firmware speaks protocol %s only: update it with tokenctl flash",
    },
    "busy": {"": "the token is busy with another request: look at it, and press its button"},
    "not_pressed": {
        "": "nobody pressed the button in time",
        "button": "nobody pressed the button within %s s",
        "pin": "nobody entered the PIN within %s s",
        "holds": "nobody held the button within %s s",
    },
    "refused": {
        "": "it was refused at the token",
        "pin": "no PIN was entered at the token",
        "pins_differ": "the new PIN was not entered twice alike",
    },
    "cancelled": {"": "the request was given up"},
    "account_exists": {"": "the token has an account of this issuer and name already"},
    "no_such_account": {"": "the token has no such account"},
    "vault_full": {
        "": "the token's vault is full",
        "accounts": "the token holds %s accounts, and no more fit",
        "batch": "%s more accounts fit on the token",
        "flash": "the token's vault is full",
        "memory": "the vault holds more accounts than fit the token's memory: "
        "remove some, restart it",
        "counter": "the counter of this account is at its end",
    },
    "vault_damaged": {
        "": "the token's vault cannot be read",
        "account": "one account in the vault is damaged and cannot be read",
        "keys": "the vault's keys are damaged, or its flash holds something else: "
        "wipe the token to begin anew",
        "flash": "the token's flash does not take what is written to it",
        "chip_key": "the vault is bound to a chip's key, and that does not answer: "
        "this is another chip, or the chip fails; no PIN was tried",
        "older": "an older firmware wrote the vault, and this one cannot take it over: "
        "go back to that firmware, or wipe the token",
    },
    "time_unknown": {
        "": "the token does not know the time: run tokenctl sync",
        "no_date": "the clock chip holds no date",
        "stopped": "the clock chip had stopped",
        "never_set": "the clock was never set",
        "past_2099": "the clock is past 2099",
        "interrupted": "setting it was interrupted",
        "went_back": "the clock went back",
    },
    "clock_fault": {
        "": "the clock chip does not work as it should",
        "no_answer": "the clock chip does not answer",
        "stands_still": "the clock chip stands still",
        "too_busy": "the token is too busy to set its clock: try again",
        "not_kept": "the clock chip does not keep the time that it was set to",
        "not_held": "the clock chip does not hold the time that it was set to",
    },
    "locked": {
        "": "the token is locked: enter its PIN at the token",
        "wiped": "too many wrong PINs: the token wiped itself",
        "delay": "the token takes its next PIN in %s s, after wrong ones",
    },
    "newer_vault": {
        "": "a newer firmware wrote the vault, which is left alone: update the firmware"
    },
    "entropy_failed": {"": "the token's random generator fails its health check"},
    "not_yet": {"": "the account's first code lies ahead: its T0 is later than now"},
    "too_early": {
        "": "the drift is not known well enough yet",
        "not_measured": "the drift was not measured yet: sync now, and calibrate a week after that",
        "not_sure": "the drift is not known well enough: it takes %s days between two syncs",
    },
    "restarted": {"": "the token has started anew: measure again"},
    "no_code": {"": "this is a static text: the token shows it, and never sends it"},
    "batch_over": {"": "this batch was not confirmed, or is over"},
    "already_done": {"": "this was done already, and its answer is not given again"},
    "fault": {
        "": "the token's firmware fails again and again: see tokenctl status",
        "repeated": "the token's firmware fails again and again: see tokenctl status",
        "damaged": "the token's firmware is damaged: write it again with tokenctl flash",
        "no_board": "the token does not know its board, and so neither button nor flash",
    },
}


def refusal(code: str, reason: str = "", value: int | str | None = None) -> WireError:
    """Return the exception for what the token refused; one of a new code is a WireError."""
    error = BY_CODE.get(code, WireError)(sentence(code, reason, value))
    error.code = code
    return error


def sentence(code: str, reason: str = "", value: int | str | None = None) -> str:
    """Return the sentence for a code and a reason, without its full stop."""
    known = SENTENCES.get(code)
    if known is None:
        return "the token refused the request: " + " ".join(filter(None, (code, reason)))
    found = known.get(reason)
    if found is None or ("%s" in found and value is None):
        return known[""] + (f" ({reason})" if reason and found is None else "")
    return found.replace("%s", str(value))


def why_no_time(reason: str) -> str:
    """Return the clause for a clock's reason to have no time, as `status` has it."""
    for code in ("time_unknown", "clock_fault"):
        if reason and reason in SENTENCES[code]:
            return SENTENCES[code][reason]
    return "it was not read" if reason == "not_read" else reason
