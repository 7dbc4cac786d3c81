"""The recovery code: what a backup is sealed under, shown once on the token and kept on paper.

Ten groups of five digits, each four drawn at random and a check digit: 40 random digits hold
132.8 bits. Digits, since no two of them look alike in the token's font, and its PIN pad has
them: they take fewer presses than letters of the same strength.

The check digit is Damm's (H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004):
it catches every wrong digit and every exchange of two neighbours. A group begins with its own
number, so that it also catches every group that stands in another one's place.
"""

from otpcore.mac import hmac

GROUPS = 10
DIGITS = 5  # in a group, with its check digit
_DRAWN = GROUPS * (DIGITS - 1)

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


class WrongGroup(ValueError):
    """A group's check digit does not match: `args[0]` is the group's number, from 0."""


def draw(random):
    """Return a code (50 digits, text) from random bytes; 64 are enough, but once in 10**23.

    Raises ValueError if they are not.
    """
    digits = "".join([str(each % 10) for each in random if each < 250])[:_DRAWN]
    if len(digits) < _DRAWN:
        raise ValueError
    size = DIGITS - 1
    groups = [digits[size * each : size * each + size] for each in range(GROUPS)]
    return "".join([group + check_digit(number, group) for number, group in enumerate(groups)])


def check_digit(number, digits):
    """Return the check digit (text) for the digits (text) of the group with this number."""
    state = number
    for each in digits:
        state = int(_DAMM[state][int(each)])
    return str(state)


def check_group(number, group):
    """Raise WrongGroup unless these five digits (text) are valid as the group of this number."""
    if len(group) != DIGITS or check_digit(number, group) != "0":
        raise WrongGroup(number)


def read(text):
    """Return the code (50 digits) from typed text, which may have spaces and dashes anywhere.

    Raises WrongGroup, or ValueError if there are not 50 digits.
    """
    code = "".join([each for each in text if each not in " -\t\r\n"])
    if len(code) != GROUPS * DIGITS or any([each not in "0123456789" for each in code]):
        raise ValueError
    for number in range(GROUPS):
        check_group(number, code[DIGITS * number : DIGITS * (number + 1)])
    return code


def key(code):
    """Return the key (32 bytes) of a complete code. There is no key stretching."""
    return hmac("SHA256", b"otptoken recovery code 1", code.encode())
