"""PINs: how long they are, which are easily guessed, and how long an offline search takes."""

MIN, MAX = 4, 32  # digits
SHORT = 6  # digits; below that a search is over at once

# SHA-256 compressions a second of one graphics card, four to an iteration of PBKDF2: hashcat's
# published figure for an RTX 4090 is 9 million PBKDF2-HMAC-SHA-256 of 999 iterations a second.
SEARCH_RATE = 9 * 10**9  # iterations a second


def weakness(pin, before=0):
    """Return a word for why a PIN (text of digits) is easy to guess, or an empty text.

    `before` is the number of digits of the PIN that it replaces, 0 without one.
    """
    if len(pin) < SHORT:
        return "short"
    if any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3) if len(pin) % size == 0):
        return "repeats"
    steps = {(int(pin[i + 1]) - int(pin[i])) % 10 for i in range(len(pin) - 1)}
    if steps in ({1}, {9}):
        return "counts"
    if len(pin) < before:
        return "shorter"
    return ""


def search_seconds(length, iterations):
    """Return how many seconds one graphics card takes to try all PINs of this length."""
    return 10**length * iterations // SEARCH_RATE
