"""Reed-Solomon as QR codes use it: corrects the codewords of a block.

Polynomials over GF(256) with x^8 + x^4 + x^3 + x^2 + 1, the first root being 1
(ISO/IEC 18004:2015, 7.5.2). Errors are located by Berlekamp-Massey and by trying all
places, and valued by Forney's formula.
"""

_FIELD = 0x11D


def _tables() -> tuple[list[int], list[int]]:
    powers, logarithms = [0] * 510, [0] * 256
    value = 1
    for power in range(255):
        powers[power] = powers[power + 255] = value
        logarithms[value] = power
        value = value << 1 ^ (_FIELD if value & 0x80 else 0)
    return powers, logarithms


_POWERS, _LOGARITHMS = _tables()


class TooDamaged(Exception):
    """There are more errors than the block can correct."""


def corrected(block: bytes, checks: int) -> bytes:
    """Return the data of a block, whose last `checks` codewords are its checks.

    Raises TooDamaged.
    """
    syndromes = [_value(block, power) for power in range(checks)]
    if not any(syndromes):
        return block[: len(block) - checks]
    locator = _locator(syndromes)
    count = len(locator) - 1
    places = [
        place
        for place in range(len(block))
        if _at(locator, 255 - (len(block) - 1 - place) % 255) == 0
    ]
    if len(places) != count or 2 * count > checks:
        raise TooDamaged
    mended = bytearray(block)
    for place, value in zip(places, _values(syndromes, locator, places, len(block)), strict=True):
        mended[place] ^= value
    if any(_value(mended, power) for power in range(checks)):
        raise TooDamaged
    return bytes(mended[: len(block) - checks])


def _times(one: int, other: int) -> int:
    return _POWERS[_LOGARITHMS[one] + _LOGARITHMS[other]] if one and other else 0


def _value(block: bytes | bytearray, power: int) -> int:
    """Return the value of the block, the highest power first, at the root with this power."""
    value = 0
    for each in block:
        if value:
            value = _POWERS[_LOGARITHMS[value] + power]
        value ^= each
    return value


def _at(polynomial: list[int], power: int) -> int:
    """Return the value of a polynomial, the lowest power first, at a power of the root 2."""
    value = 0
    for exponent, each in enumerate(polynomial):
        if each:
            value ^= _POWERS[(_LOGARITHMS[each] + exponent * power) % 255]
    return value


def _locator(syndromes: list[int]) -> list[int]:
    """Return the polynomial whose roots are the inverses of the errors' places."""
    locator, before = [1], [1]
    length, shift, last = 0, 1, 1
    for number, syndrome in enumerate(syndromes):
        gap = syndrome
        for index in range(1, min(length, len(locator) - 1) + 1):
            gap ^= _times(locator[index], syndromes[number - index])
        if not gap:
            shift += 1
            continue
        factor = _times(gap, _POWERS[255 - _LOGARITHMS[last]])
        changed = locator + [0] * (len(before) + shift - len(locator))
        for index, each in enumerate(before):
            changed[index + shift] ^= _times(factor, each)
        if 2 * length <= number:
            length, before, last, shift = number + 1 - length, locator, gap, 1
        else:
            shift += 1
        locator = changed
    while len(locator) > 1 and not locator[-1]:
        locator.pop()
    return locator


def _values(syndromes: list[int], locator: list[int], places: list[int], size: int) -> list[int]:
    """Return what is to be added at each place."""
    evaluator = [0] * len(syndromes)
    for index, each in enumerate(locator):
        for number in range(len(syndromes) - index):
            evaluator[index + number] ^= _times(each, syndromes[number])
    slope = [each if index % 2 else 0 for index, each in enumerate(locator)][1:]
    found: list[int] = []
    for place in places:
        power = (size - 1 - place) % 255
        inverse = (255 - power) % 255
        below = _at(slope, inverse)
        if not below:
            raise TooDamaged
        value = _times(_at(evaluator, inverse), _POWERS[255 - _LOGARITHMS[below]])
        found.append(_times(value, _POWERS[power]))
    return found
