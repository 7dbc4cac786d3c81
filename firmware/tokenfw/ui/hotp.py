"""HOTP (RFC 4226): the next code is made on request, its counter first."""

from otpcore import otp
from tokenfw.ui.screens import code


def make(vault, selection):
    """Make the next code of the account that is selected. WireErrors."""
    account = vault.advance(selection.number)
    selection.made = otp.code(account, 0), account.counter


def draw(canvas, words, account, made, tick):
    """Draw the code that was `made` last, see Selection, or how one is made."""
    if made is None:
        digits, foot = "-" * account.digits, words("hotp_hint")
    else:
        digits, foot = made[0], words("counter") % made[1]
    code.draw(canvas, account.issuer, account.name, digits, None, foot, tick)
