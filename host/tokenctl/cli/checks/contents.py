"""What the token holds: the vault, the flash that it lies in, randomness, memory, and the PIN."""

from collections.abc import Iterator
from typing import Any

from otpcore.version import VERSION
from tokenctl.cli.checks.finding import FAIL, OK, WARN, Finding
from tokenctl.cli.protection import is_weak, protection
from tokenctl.device.examination import CHIP_WORD
from tokenctl.device.models import Identity, Status
from tokenctl.language import _, number, plural

_WORN, _WORN_OUT = 50_000, 100_000  # erases of a sector: what NOR flash is made for is the latter
_FEW_FREE = 3  # sectors
_LITTLE, _TOO_LITTLE = 16_384, 6_144  # bytes of memory
_BLOCK = 4096  # bytes: the largest that the firmware asks for after its start
_ATTEMPTS = 10


def _closed() -> dict[str, tuple[str, str]]:
    """Return why a vault is not open that no PIN opens, and what to do, by its state."""
    return {
        "older": (
            _("written by an older firmware, and this one cannot convert it"),
            _("go back to that firmware, or start afresh with tokenctl wipe"),
        ),
        "newer": (
            _("written by a newer firmware, and left unchanged"),
            _("update the firmware with tokenctl flash"),
        ),
        "no_chip_key": (
            _("bound to the key of another chip, or this chip is failing"),
            _("it opens on its own chip only; tokenctl wipe erases it and starts afresh"),
        ),
        "foreign": (
            _("its keys are damaged, or its flash holds foreign data"),
            _("start afresh with tokenctl wipe; what was in it is lost"),
        ),
        "no_entropy": (
            _("not made: the random generator fails its health check"),
            _("unplug the token and plug it in again; if that does not help, the chip is faulty"),
        ),
    }


def firmware(identity: Identity, board: dict[str, Any] | None, status: Status) -> Finding:
    """Return the versions of everything, without serial numbers."""
    values = {
        "firmware": identity.firmware,
        "tokenctl": VERSION,
        "micropython": identity.micropython,
        "board": identity.board,
        "chip": board["chip"] if board else None,
        "machine": board["machine"] if board else None,
        "development": identity.development,
    }
    text = _("{firmware} on MicroPython {micropython}, board {board}, {machine}").format(
        firmware=identity.firmware,
        micropython=identity.micropython or "?",
        board=identity.board,
        machine=board["machine"] if board else "?",
    )
    flash = _("run tokenctl flash")
    if status.fault is not None:
        text = _("it fails at every start: {fault}").format(fault=status.fault)
        advice = _("tokenctl flash rewrites it and keeps the accounts; tokenctl status says more")
        return Finding("firmware", FAIL, text, advice, values | {"fault": status.fault})
    if identity.development:
        text = _("{text}; a development build, which is not for real accounts").format(text=text)
        return Finding("firmware", WARN, text, flash, values)
    if identity.firmware != VERSION:
        text = _("{text}; tokenctl is {version}").format(text=text, version=VERSION)
        return Finding("firmware", WARN, text, _("run tokenctl flash, or update tokenctl"), values)
    return Finding("firmware", OK, text, "", values)


def vault(status: Status) -> Finding:
    """Return whether the vault can be read, and what is not told while it is locked."""
    values = {
        "state": status.vault,
        "account_count": status.account_count,
        "capacity": status.capacity,
        "damaged": status.damaged_count,
        "changed": status.changed,
        "partial": status.partial,
        "restoring": status.restoring,
    }
    if (closed := _closed().get(status.vault)) is not None:
        return Finding("vault", FAIL, *closed, values)
    if status.damaged_count:
        text = plural(
            "{number} record cannot be read",
            "{number} records cannot be read",
            status.damaged_count,
        ).format(number=status.damaged_count)
        advice = _("enrol the damaged accounts again: tokenctl list shows which")
        return Finding("vault", FAIL, text, advice, values)
    if status.changed:
        text = _("records are missing from the flash, or older ones were put back")
        advice = _(
            "compare tokenctl list with what should be there, and replace what may have "
            "been exposed"
        )
        return Finding("vault", FAIL, text, advice, values)
    if status.partial:
        text = _("memory has no room for all accounts: the others are kept, but not shown")
        advice = _(
            "remove accounts that you no longer use, then unplug the token and plug it in again"
        )
        return Finding("vault", FAIL, text, advice, values)
    if status.restoring:
        text = _("a restore is not finished: no account can be added or changed until it is")
        advice = _("unplug the token and plug it in again, then run tokenctl list")
        return Finding("vault", FAIL, text, advice, values)
    if status.vault == "locked":
        text = _("locked: the number of accounts and the PIN's length are not shown")
        return Finding("vault", OK, text, "", values)
    text = _("{count} of {capacity} accounts").format(
        count=status.account_count, capacity=status.capacity
    )
    if (status.account_count or 0) >= status.capacity:
        return Finding("vault", WARN, text, _("remove accounts that you no longer use"), values)
    return Finding("vault", OK, text, "", values)


def flash(survey: dict[str, Any]) -> Iterator[Finding]:
    """Yield the state and wear of the vault's sectors; see docs/protocol.md, examine.flash."""
    sectors, bad = survey["sectors"], survey["unclean"] + survey["damaged"]
    values = {key: survey[key] for key in ("sectors", "free", "unclean", "damaged")}
    text = _("{free} of {sectors} sectors are free").format(free=survey["free"], sectors=sectors)
    if bad:
        text = plural(
            "{number} of {sectors} sectors is bad", "{number} of {sectors} sectors are bad", bad
        ).format(number=bad, sectors=sectors)
        advice = _(
            "the flash is failing: move the accounts to another token while they can be read"
        )
        yield Finding("flash", FAIL, text, advice, values)
    elif survey["free"] <= _FEW_FREE:
        yield Finding("flash", WARN, text, _("remove accounts that you no longer use"), values)
    else:
        yield Finding("flash", OK, text, "", values)
    erases = survey["begun"] // max(1, sectors)
    text = _("about {number} of 100,000 erases are used up").format(number=number(erases, ","))
    state = FAIL if erases >= _WORN_OUT else WARN if erases >= _WORN else OK
    advice = _("move the accounts to another token") if state != OK else ""
    yield Finding("flash_wear", state, text, advice, {"erases": erases})


def randomness(is_random: bool, status: Status) -> Finding:
    """Return whether the generator works, and whether the vault's key is a good one."""
    values = {"passes": is_random, "strong_key": status.strong_key}
    if not is_random:
        text = _("the random generator fails its health check")
        advice = _(
            "unplug the token and plug it in again; if that does not help, the chip is faulty"
        )
        return Finding("randomness", FAIL, text, advice, values)
    if status.strong_key is False:
        text = _("the vault's key was drawn without the radio, and may be weak")
        return Finding("randomness", WARN, text, _("change the PIN: that draws a new key"), values)
    return Finding("randomness", OK, _("the generator passes its health check"), "", values)


def memory(left: dict[str, Any]) -> Finding:
    """Return how much memory is left; see docs/protocol.md, examine.memory."""
    text = _("{free} KB free, {used} KB in use, largest block {block} bytes or more").format(
        free=left["free"] // 1024, used=left["used"] // 1024, block=left["block"]
    )
    if left["word"] != CHIP_WORD:
        text = _("{text}; with {bits}-bit words, so not what a board would have").format(
            bits=8 * left["word"], text=text
        )
    state = OK
    if left["free"] < _TOO_LITTLE or left["block"] < _BLOCK // 2:
        state = FAIL
    elif left["free"] < _LITTLE or left["block"] < _BLOCK:
        state = WARN
    advice = ""
    if state != OK:
        advice = _(
            "unplug the token and plug it in again; if this happens again, report it "
            "with this output"
        )
    return Finding("memory", state, text, advice, dict(left))


def pin(status: Status) -> Finding:
    """Return how well the PIN protects the flash's content."""
    text, left = protection(status), status.pin_attempts_left
    values = {"set": status.has_pin, "attempts_left": left}
    if not status.has_pin:
        return Finding("pin", WARN, text, _("set one with tokenctl pin set"), values)
    if left < _ATTEMPTS:
        wrong = _ATTEMPTS - left
        text = plural(
            "{wrong} wrong PIN in a row; {left} more will erase everything",
            "{wrong} wrong PINs in a row; {left} more will erase everything",
            wrong,
        ).format(wrong=wrong, left=left)
        return Finding("pin", WARN, text, _("enter the right one on the token"), values)
    if is_weak(status):
        return Finding("pin", WARN, text, _("choose a longer one with tokenctl pin set"), values)
    return Finding("pin", OK, text, "", values)
