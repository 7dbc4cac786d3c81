"""HOTP (RFC 4226): the next code is made on request, its counter first.

The counter of an account that was restored from a backup may be behind the service's: its
screen says so until somebody has skipped codes, or said that it is right.
"""

from otpcore import otp
from otpcore.settings import BEHIND
from tokenfw.ui.screens import code


def make(vault, selection):
    """Make the next code of the account that is selected. WireErrors."""
    account = vault.advance(selection.number)
    selection.made = otp.code(account, 0), account.counter


def draw(canvas, words, account, selection, vault, tick):
    """Draw the code that was made last, see Selection, or how one is made."""
    behind = selection.number in vault.setting(BEHIND)
    if selection.made is None:
        digits, foot = "-" * account.digits, words("behind_hint" if behind else "hotp_hint")
    else:
        digits = selection.made[0]
        foot = words("behind" if behind else "counter") % selection.made[1]
    code.draw(canvas, account.issuer, account.name, digits, None, foot, tick)


def mend(vault, number, dialogs):
    """Ask about the counter of the account with this id, if it may be behind."""
    if number in vault.setting(BEHIND):
        dialogs.mend(number)
