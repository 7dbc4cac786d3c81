"""The parameters of an account's codes: what decides them besides the secret and the time."""

from dataclasses import dataclass

from otpcore.account import STATIC, STEAM_LETTERS


@dataclass(frozen=True)
class CodeParameters:
    """Units and limits are those of otpcore's Account, which checks them."""

    type: str = "totp"
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30
    t0: int = 0
    counter: int = 0


USUAL = CodeParameters()
STEAM = CodeParameters("steam", digits=STEAM_LETTERS)
TEXT = CodeParameters(STATIC)  # a static text has no codes
