"""Methods about the token itself."""

import asyncio

from micropython import const

from otpcore import errors, messages
from otpcore.settings import LOCK_AFTER, OFF, ON, RADIO
from tokenfw.link.commands import SELDOM, WHILE_LOCKED, WHILE_STARTING
from tokenfw.link.link import ONCE, QUICK, URGENT
from tokenfw.system import on_demand
from tokenfw.vault.states import READY

_CLOCK_MS = const(20)
_STRONG = {ON: True, OFF: False}  # whether the radio was on when the vault key was drawn
# Features that were added to protocol 1; append-only.
_CAPABILITIES = ("find", "chip_key", "favourites")


async def _hello(token, request):
    """Return protocol number, firmware version, board, serial number and capabilities."""
    protocol = request.number("protocol", 1, 1 << 20)
    if protocol > messages.PROTOCOL:
        raise errors.NewerProtocol("protocol", messages.PROTOCOL)
    answer = dict(token.identity)
    answer["capabilities"] = _CAPABILITIES
    return answer


async def _status(token, request):
    """Return the state of vault, clock and battery."""
    vault, clock = token.vault, token.clock
    try:
        unix_time, state = clock.now(), "ok"
        if clock.without_chip:
            state = "no_answer"  # of the chip: the processor counts until the power fails
    except (errors.TimeUnknown, errors.ClockFault) as error:
        unix_time, state = None, errors.reason(error)
    history = clock.history
    rate, uncertainty = history.rate()
    return {
        "vault": vault.state,
        "account_count": vault.count() if vault.state == READY else None,
        "capacity": vault.capacity,
        "damaged_count": vault.damaged(),
        "changed": vault.changed(),
        "partial": vault.partial(),
        "restoring": vault.restoring,
        "has_pin": vault.has_pin(),
        "pin_length": vault.pin_length(),
        "pin_iterations": vault.iterations(),
        "pin_chain": vault.chain(),
        "bound": vault.bound(),
        "pin_attempts_left": vault.attempts_left(),
        "strong_key": _STRONG.get(vault.setting(RADIO)),
        "lock_after_s": vault.setting(LOCK_AFTER),
        "unix_time": unix_time,
        "clock": state,
        "clock_chip": clock.chip.NAME,
        "clock_set_at": history.last.time if history.last else None,
        "drift_ppb": rate,
        "drift_uncertainty_ppb": uncertainty,
        "drift_measured": history.measured() is not None,
        "drift_correction_ppb": history.correction,
        "codes_valid_until": history.codes_valid_until(),
        "battery": _battery(token.battery),
    }


def _battery(battery):
    if battery is None:
        return None
    battery.look()
    if not battery.there:
        return None
    return {"millivolts": battery.millivolts, "percent": battery.percent()}


async def _cancel(token, request):
    """Give up the request `request_id`, and no other; return whether it was in progress."""
    request_id = request.text(messages.REQUEST_ID)
    if len(request_id) != messages.ID_LENGTH:
        raise errors.BadRequest("parameter", messages.REQUEST_ID)
    return {"cancelled": token.give_up(request_id.encode())}


async def _wipe(token, request):
    """Erase every account and setting after a long hold; asked before other waiting requests."""

    async def ask(tell):
        if token.vault.state == READY:
            title, *detail = token.words.rows("wipe", token.vault.count())
        else:
            title, *detail = token.words.rows("wipe_all")
        await token.dialogs.questions.ask(title, detail, tell, hold=True)

    async def erase():
        while token.clock.setting:  # it is going to write to the vault
            await asyncio.sleep_ms(_CLOCK_MS)
        await token.vault.wipe()

    if token.wiping is None:
        module = on_demand.once("tokenfw.link.wiping")
        token.wiping = module.Wiping(token.dialogs.turn, token.dialogs.give_up)
    wiping = token.wiping
    try:
        await wiping.carry_out(request, ask, erase)
    finally:
        if wiping.over and token.wiping is wiping:
            token.wiping = None
    return {}


COMMANDS = {
    "hello": (_hello, QUICK | WHILE_LOCKED | WHILE_STARTING),
    "status": (_status, QUICK | WHILE_LOCKED | SELDOM),
    "cancel": (_cancel, QUICK | WHILE_LOCKED),
    "wipe": (_wipe, URGENT | ONCE | WHILE_LOCKED),
}
