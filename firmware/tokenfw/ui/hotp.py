"""HOTP (RFC 4226): the next code is made on request, after its counter is stored.

The counter of an account that was restored from a backup may lag behind the service's: its
screen says so until the user has skipped codes, or confirmed that it is right.
"""

from otpcore import otp
from tokenfw.ui.screens import code


def make(vault, selection):
    """Make the next code of the selected account, into `selection.made`. Raises WireErrors."""
    account = vault.advance(selection.account_id)
    selection.made = otp.code(account, 0), account.counter


def draw(canvas, words, account, selection, tick):
    """Draw the code that was made last, see Selection.made, or the hint how to make one."""
    behind = account.behind
    if selection.made is None or not _is_last(account, *selection.made):
        digits, foot = "-" * account.digits, words("behind_hint" if behind else "hotp_hint")
    else:
        digits = selection.made[0]
        foot = words("behind" if behind else "counter") % selection.made[1]
    code.draw(canvas, account.issuer, account.name, digits, None, foot, tick)


def _is_last(account, made, counter):
    """Return whether the code `made` with a counter is the last one of an account, as it is now.

    It is not if a computer got one since, or replaced the account.
    """
    if account.counter != counter + 1:
        return False
    account.counter = counter
    return otp.code(account, 0) == made
