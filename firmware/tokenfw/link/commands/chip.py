"""Methods about the chip's own key, to which the vault can be bound."""

import binascii

from otpcore import errors
from tokenfw.link.commands import WHILE_LOCKED
from tokenfw.link.link import ONCE, QUICK
from tokenfw.system import on_demand
from tokenfw.vault.states import LOCKED

_ANSWERS = 64  # bytes


async def _key(token, request):
    """Tell whether the chip has a key that may be relied on, and in which eFuse block."""
    keys, block = token.vault.chip_keys, None
    key = keys.open(0)
    state = keys.checks().usable(key)
    if state is None:
        state, block = "usable", key.key
    return {"state": state, "block": block, "bound": token.vault.bound()}


async def _bind(token, request):
    """Have the vault bound to the key in `block`, in a dialog at the token.

    `answers` are those that the computer had of the key when it burnt it; without them the
    chip's own are taken.
    """
    block = request.number("block", 0, 5)
    expected = _answers(request.value("answers"))
    _require_vault(token.vault)
    keys, binding = token.vault.chip_keys, on_demand.once("tokenfw.vault.binding")
    key = keys.open(block)
    why = keys.checks().examine(key)
    if why is not None:
        raise errors.BadRequest("chip_key", why)
    try:
        answers = binding.ask(key)
        if answers != (expected or binding.ask(key)):
            raise errors.BadRequest("chip_key", "other_answers")
    except OSError:
        raise errors.BadRequest("chip_key", "no_answer")
    chip = binding.pack(1, block, answers)
    del keys, key, binding
    await token.dialogs.pin_dialogs(request).bind(chip)
    return {"pin_chain": token.vault.chain()}


async def _unbind(token, request):
    """Have the vault opened without the chip's key again, in a dialog at the token."""
    _require_vault(token.vault)
    if not token.vault.bound():
        raise errors.BadRequest("not_bound")
    await token.dialogs.pin_dialogs(request).bind(b"")
    return {}


def _answers(text):
    """Return the bytes of a parameter, None where there is none."""
    if text is None:
        return None
    try:
        answers = binascii.a2b_base64(text)
    except (TypeError, ValueError):
        answers = b""
    if len(answers) != _ANSWERS:
        raise errors.BadRequest("parameter", "answers")
    return answers


def _require_vault(vault):
    """Raise what is the matter with a vault that cannot be bound."""
    if vault.state != LOCKED:
        vault.count()


COMMANDS = {
    "key": (_key, QUICK | WHILE_LOCKED),
    "bind": (_bind, ONCE | WHILE_LOCKED),
    "unbind": (_unbind, ONCE | WHILE_LOCKED),
}
