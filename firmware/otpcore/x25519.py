"""X25519 (RFC 7748, section 5): two tokens agree on a secret that eavesdroppers do not have.

Montgomery's ladder in Python's own integers, whose time depends on their values: for keys that
are used once. It takes long on a token, so it runs in steps, between which other tasks get their
turn.
"""

_P = (1 << 255) - 19
_A24 = 121665
_TOP = (1 << 255) - 1
BASE = b"\x09" + bytes(31)
SIZE = 32  # bytes of a key, of a point and of what comes out


def multiply(scalar, point):
    """Yield None after each step, and at last the product, as bytes like both arguments.

    A product of all zeros, from a point of small order, is not secret: the caller refuses it.
    """
    k = int.from_bytes(scalar, "little")
    k = k & ~7 & _TOP | 1 << 254
    x1 = (int.from_bytes(point, "little") & _TOP) % _P
    x2, z2, x3, z3 = 1, 0, x1, 1
    before = 0
    for place in range(254, -1, -1):
        bit = k >> place & 1
        if bit != before:
            x2, z2, x3, z3 = x3, z3, x2, z2
        before = bit
        x2, z2, x3, z3 = _step(x1, x2, z2, x3, z3)
        yield None
    if before:
        x2, z2 = x3, z3
    inverse = yield from _inverse(z2)
    yield (x2 * inverse % _P).to_bytes(SIZE, "little")


def _step(x1, x2, z2, x3, z3):
    """Return the ladder's four numbers after one bit: a doubling and an addition."""
    a, b = x2 + z2, x2 - z2
    aa, bb = a * a % _P, b * b % _P
    e = aa - bb
    da, cb = (x3 - z3) * a % _P, (x3 + z3) * b % _P
    x3, z3 = da + cb, da - cb
    return (
        aa * bb % _P,
        e * (aa + _A24 * e) % _P,
        x3 * x3 % _P,
        z3 * z3 % _P * x1 % _P,
    )


def _inverse(z):
    """Yield None after each step; return z ** (p - 2), which is the inverse, or 0 of 0."""
    power = z
    for place in range(253, -1, -1):
        power = power * power % _P
        if place not in (2, 4):  # p - 2 is all ones in binary but for these two bits
            power = power * z % _P
        yield None
    return power
