"""Cuts a code into groups that are easy to read."""

from otpcore.characters import characters

_SIZES = {
    5: (2, 3),
    6: (3, 3),
    7: (3, 4),
    8: (4, 4),
    9: (3, 3, 3),
    10: (5, 5),
}


def groups(code):
    """Return a list of the groups of a code: 137289 is 137 289. One with letters is not cut.

    Dashes in place of digits are grouped like digits.
    """
    if not all(character in "0123456789-" for character in characters(code)):
        return [code]
    cut = []
    for size in _SIZES.get(len(code), (len(code),)):
        cut.append(code[:size])
        code = code[size:]
    return cut
