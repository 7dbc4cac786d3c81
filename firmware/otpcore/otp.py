"""HOTP (RFC 4226), TOTP (RFC 6238) and Steam Guard codes.

Pure integer arithmetic: the board's floats have 24 bits, a Unix time has 31.
"""

from struct import unpack_from

from otpcore.mac import hmac

STEAM_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"


def hotp(secret, counter, digits=6, algorithm="SHA1"):
    """Return the code of `counter` as text of `digits` (4 to 10) digits; RFC 4226, section 5.

    The truncated value has 31 bits, so a ten-digit code begins with 0, 1 or 2.
    Raises ValueError for a counter that does not fit 64 bits or other digits.
    """
    if not 4 <= digits <= 10:
        raise ValueError("a code has 4 to 10 digits")
    if counter >> 64:  # too large, or below zero
        raise ValueError("the counter does not fit 64 bits")
    data = counter.to_bytes(8, "big")
    data = hmac(algorithm, secret, data)
    # Dynamic truncation (section 5.3): 31 bits, from where the last half byte says.
    number = unpack_from(">I", data, data[-1] & 0x0F)[0] & 0x7FFFFFFF
    return "%0*d" % (digits, number % 10**digits)


def time_step(unix_time, period=30, t0=0):
    """Return the number of the time step at `unix_time`; RFC 6238, section 4.2. All in seconds.

    Raises ValueError for a period under a second and for a time before `t0`.
    """
    if period < 1:
        raise ValueError("a period has at least one second")
    if unix_time < t0:
        raise ValueError("the time lies before T0")
    return (unix_time - t0) // period


def seconds_left(unix_time, period=30, t0=0):
    """Return for how many more seconds the code of `unix_time` is valid, from 1 to `period`."""
    return period - (unix_time - t0) % period


def totp(secret, unix_time, digits=6, period=30, algorithm="SHA1", t0=0):
    """Return the TOTP code at `unix_time` (whole seconds); RFC 6238, section 4."""
    unix_time = time_step(unix_time, period, t0)  # no name of its own: see otpcore.mac
    return hotp(secret, unix_time, digits, algorithm)


def steam(secret, unix_time):
    """Return the five letters of Steam Guard at `unix_time`: TOTP's value in base 26."""
    value = int(hotp(secret, time_step(unix_time), 10))
    letters = ""
    for _ in range(5):
        value, place = divmod(value, 26)
        letters += STEAM_ALPHABET[place]
    return letters


def code(account, unix_time):
    """Return the code that `account` (an otpcore.account.Account) shows at `unix_time`.

    For an HOTP account it is that of its stored counter; the time is ignored. A static
    text has none: ValueError.
    """
    if account.type == "static":
        raise ValueError("a static text has no code")
    if account.type == "hotp":
        return hotp(account.secret, account.counter, account.digits, account.algorithm)
    if account.type == "steam":
        return steam(account.secret, unix_time)
    return totp(
        account.secret,
        unix_time,
        account.digits,
        account.period,
        account.algorithm,
        account.t0,
    )
