"""Methods about the clock."""

import time

from otpcore import errors, utc


async def read(token, request):
    """Give the token's Unix time, or null and why it has none."""
    try:
        return {"unix": token.clock.now()}
    except (errors.TimeUnknown, errors.ClockFault) as error:
        return {"unix": None, "why": str(error)}


async def set(token, request):
    """Set the clock to `unix`, which is true at the moment the request arrives."""
    received = time.ticks_ms()
    unix_time = request.number("unix", 0, 1 << 40)
    clock = token.clock
    try:
        before = utc.text(clock.now())
    except errors.TimeUnknown:
        before = "not set"
    confirm = clock.needs_confirmation(unix_time)
    if confirm:
        await request.unlock(token)
        detail = [before, "new:", utc.text(unix_time)]
        await request.confirm(token.presence, "Set clock? (UTC)", detail)
    await token.vault.settled()
    return {"unix": await clock.set(unix_time, received, confirm)}
