"""Methods about the chip's own key, to which the vault can be bound."""

from otpcore import errors
from tokenfw.link.commands import WHILE_LOCKED
from tokenfw.link.link import ONCE, QUICK
from tokenfw.system import on_demand

_ANSWERS = 64  # bytes


async def _key(token, request):
    """Return whether the chip has a key that can be relied on, and in which eFuse block."""
    keys, block = token.vault.chip_keys, None
    key = keys.open(0)
    state = keys.checks().usable(key)
    if state is None:
        state, block = "usable", key.key
    return {"state": state, "block": block, "bound": token.vault.bound()}


async def _bind(token, request):
    """Bind the vault to the key in `block`, in a dialog at the token.

    `answers` are what the computer computed from the key that it burnt; if given, the chip's
    must match them.
    """
    block = request.number("block", 0, 5)
    expected = None
    if request.value("answers") is not None:
        expected = request.bytes("answers", _ANSWERS)
    token.vault.require_usable()
    keys, binding = token.vault.chip_keys, on_demand.once("tokenfw.vault.keys.binding")
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
    """Unbind the vault from the chip's key, in a dialog at the token."""
    token.vault.require_usable()
    if not token.vault.bound():
        raise errors.BadRequest("not_bound")
    await token.dialogs.pin_dialogs(request).bind(b"")
    return {}


async def _examine(token, request):
    """Examine the HMAC peripheral of a chip with the published test key.

    `blocks` are two padded messages (64 bytes each), `results` their HMACs (32 bytes each), and
    `states` the expected intermediate states of the SHA engine (32 bytes each), which would be
    secret under any other key. Only the results of comparisons are returned.
    """
    states = request.bytes("states")
    if not states or len(states) % 32:
        raise errors.BadRequest("parameter", "states")
    blocks = request.bytes("blocks", 128)
    results = request.bytes("results", 64)
    keys = token.vault.chip_keys
    key, checks = keys.open(0), keys.checks()
    for block in checks.blocks(key):
        key.key = block
        if checks.examine(key) == "test_key":
            break
    else:
        raise errors.BadRequest("chip_key", "no_test_key")
    examination = keys.examination(key)
    blocks = [blocks[:64], blocks[64:]]
    expected = [results[:32], results[32:]]
    try:
        answer = {
            "finish_one": examination.two_in_a_row(blocks, 1) == expected,
            "finish_two": examination.two_in_a_row(blocks, 2) == expected,
            "states_readable": examination.shows(
                [states[at : at + 32] for at in range(0, len(states), 32)]
            ),
            "without_clock": examination.without_clock(),
            "in_reset": examination.in_reset(),
            "per_second": examination.per_second(),
        }
    except OSError:
        raise errors.BadRequest("chip_key", "no_answer")
    return answer


COMMANDS = {
    "key": (_key, QUICK | WHILE_LOCKED),
    "bind": (_bind, ONCE | WHILE_LOCKED),
    "unbind": (_unbind, ONCE | WHILE_LOCKED),
    "examine": (_examine, WHILE_LOCKED),
}
