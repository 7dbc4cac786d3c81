"""Methods about the token itself."""

import asyncio

from otpcore import errors, messages
from tokenfw.presence import GIVEN_UP


async def hello(token, request):
    """Give protocol number, firmware version, board, serial number and capabilities."""
    protocol = request.number("protocol", 1, 1 << 20)
    if protocol > messages.PROTOCOL:
        raise errors.NewerProtocol(
            "this token speaks protocol %d, the computer wants %d: update the token's firmware"
            % (messages.PROTOCOL, protocol)
        )
    return token.identity


async def status(token, request):
    """Give the state of vault and clock."""
    try:
        unix_time, why = token.clock.now(), None
    except (errors.TimeUnknown, errors.ClockFault) as error:
        unix_time, why = None, str(error)
    vault = token.vault
    return {
        "accounts": vault.count(),
        "capacity": vault.capacity,
        "damaged": vault.damaged(),
        "sealed": vault.sealed,
        "unix": unix_time,
        "clock": why or "ok",
    }


async def cancel(token, request):
    """Give up the request that waits for the button."""
    token.presence.answer(GIVEN_UP)
    return {}


async def wipe(token, request):
    """Erase every account and setting, after a long hold."""
    detail = ["%d accounts" % token.vault.count(), "will be erased"]
    await request.confirm(token.presence, "Wipe token?", detail, hold=True)
    for _ in token.vault.wipe():
        await asyncio.sleep_ms(0)
    return {}
