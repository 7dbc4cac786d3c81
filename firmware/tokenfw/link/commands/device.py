"""Methods about the token itself."""

import asyncio

from micropython import const

from otpcore import errors, messages
from tokenfw.clock.clock import SILENT_CHIP
from tokenfw.ui.idle import LOCK_AFTER_S
from tokenfw.vault.states import READY

_CLOCK_MS = const(20)


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
    vault, clock = token.vault, token.clock
    try:
        unix_time, why = clock.now(), None
        if clock.without_chip:
            why = SILENT_CHIP + ": the processor counts on until the power goes"
    except (errors.TimeUnknown, errors.ClockFault) as error:
        unix_time, why = None, str(error)
    history = clock.history
    rate, within = history.rate()
    return {
        "accounts": vault.count() if vault.state == READY else None,
        "capacity": vault.capacity,
        "damaged": vault.damaged(),
        "changed": vault.changed(),
        "vault": vault.state,
        "sealed": vault.has_pin(),
        "pin_length": vault.pin_length(),
        "iterations": vault.iterations(),
        "attempts_left": vault.attempts_left(),
        "radio": vault.setting("radio"),
        "lock_after": vault.setting("lock_after", LOCK_AFTER_S),
        "unix": unix_time,
        "clock": why or "ok",
        "chip": clock.chip.NAME,
        "synced": history.last.time if history.last else None,
        "drift_ppb": rate,
        "drift_within_ppb": within,
        "drift_measured": history.measured() is not None,
        "correction_ppb": history.correction,
        "refused_from": history.refused_from(),
        "battery": _battery(token.battery),
    }


def _battery(battery):
    if battery is None:
        return None
    battery.look()
    if not battery.there:
        return None
    return {"mv": battery.millivolts, "percent": battery.percent()}


async def cancel(token, request):
    """Give up the request with the id `request`, and no other; tell whether it was there."""
    name = request.text("request")
    if len(name) != messages.ID_LENGTH:
        raise errors.BadRequest("request must be the id of a request")
    return {"cancelled": token.give_up(name.encode())}


async def wipe(token, request):
    """Erase every account and setting, after a long hold; asked before what else waits."""
    async with token.dialogs.turn(request, first=True):
        if token.vault.state == READY:
            title, *detail = token.words.rows("wipe", token.vault.count())
        else:
            title, *detail = token.words.rows("wipe_all")
        await token.dialogs.questions.ask(title, detail, request.tell, hold=True)
        while token.clock.setting:  # it writes down what it did
            await asyncio.sleep_ms(_CLOCK_MS)
        await token.vault.wipe()
    return {}
