"""The checks of a chip's HMAC peripheral and its key, before they are relied on.

Each check excludes a failure that raises no error: an empty block with the right purpose, a key
that software can read, a module without its clock, plain memory in its place. `chip_key` is a
ChipKey, whose errors are OSErrors; see chip_key.py, and "eFuse Controller" in Espressif's
technical reference manuals.
"""

from micropython import const

# Offsets from the eFuses' base: read protection, purposes, key blocks.
_RD_DIS, _PURPOSES, _BLOCKS = const(0x30), const(0x34), const(0x9C)
KEYS = 6
_UP = const(8)  # the purpose "HMAC upstream": software may read the results
_DOWN = const(7)  # another purpose, which the module must refuse for such a key

# Offsets from the module's base.
_START, _PURPOSE, _KEY, _PARAMETERS = const(0x40), const(0x44), const(0x48), const(0x4C)
_ERROR, _BUSY = const(0x68), const(0x6C)
_PATIENCE = const(100)  # polls of BUSY, at least 10 us each; interrupts are off
_BYTE, _HALF = const(0xFF), const(0xFFFF)  # masks for words that may read as negative

# The questions; the answers of a block of zeros and of the published test key to the first.
PROBES = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
_KNOWN = (
    b"\xd8\xdf\xfc\x49\xdd\x01\x80\xda\x85\xda\x61\x01\x74\xb9\xf5\xa9"
    b"\x17\x98\x86\x7b\xcf\x19\x0b\x1b\x46\xa5\x66\x4b\x0b\x57\xcb\x51",
    b"\x57\x76\x3d\x64\xc9\x2c\x8b\x8c\xba\x63\x41\xfb\xa6\xee\x4a\xcf"
    b"\xe7\x75\x30\x5c\x76\xcf\xcd\x0a\xdc\x5f\x43\x92\x48\x0e\xde\x6b",
)

# Why a chip's key is not used.
ABSENT, NO_KEY, READABLE = "absent", "no_key", "readable"
NO_ANSWER, NO_SECRET, NO_FUNCTION = "no_answer", "no_secret", "no_function"
TEST_KEY = "test_key"


def usable(chip_key):
    """Return None, or why the chip has no key that can be relied on (ABSENT, …).

    `chip_key.key` is set to the first block that can be.
    """
    if not chip_key.efuses:
        return ABSENT
    why = NO_KEY
    for key in blocks(chip_key):
        chip_key.key = key
        found = examine(chip_key)
        if found is None:
            return None
        why = found if why == NO_KEY else why
    if why == NO_KEY and not _refuses_another_purpose(chip_key):
        return NO_ANSWER  # a key burnt now would be useless
    return why


def blocks(chip_key):
    """Return a list of the blocks (0 to 5) whose purpose is "HMAC upstream"."""
    if not chip_key.efuses:
        return []
    registers, at = chip_key.registers, chip_key.efuses + _PURPOSES
    purposes = registers[at] >> 24 & _BYTE | (registers[at + 4] & _HALF) << 8
    return [key for key in range(KEYS) if purposes >> 4 * key & 15 == _UP]


def examine(chip_key):
    """Return None, or why the key in the block of `chip_key` cannot be relied on."""
    if chip_key.key not in blocks(chip_key):
        return NO_KEY if chip_key.efuses else ABSENT
    if not _is_hidden(chip_key):
        return READABLE
    try:
        answers = [chip_key.answer(each) for each in PROBES]
    except OSError:
        return NO_ANSWER
    if not _refuses_another_purpose(chip_key):
        return NO_ANSWER
    if answers[0] == answers[1]:
        return NO_FUNCTION
    if answers[0] == _KNOWN[1]:
        return TEST_KEY
    return NO_SECRET if answers[0] == _KNOWN[0] else None


def _is_hidden(chip_key):
    """Return whether software cannot read a block: it is read-protected, and reads as zeros."""
    registers, at, key = chip_key.registers, chip_key.efuses, chip_key.key
    if not registers[at + _RD_DIS] >> key & 1:
        return False
    block = at + _BLOCKS + 32 * key
    return not any([registers[block + 4 * each] for each in range(8)])


def _refuses_another_purpose(chip_key):
    """Return whether the module refuses the key for another purpose, which shows that it works."""
    registers, base = chip_key.registers, chip_key.base
    state = chip_key.disable_irq()
    try:
        chip_key.switch_on()
        registers[base + _START] = 1
        registers[base + _PURPOSE] = _DOWN
        registers[base + _KEY] = chip_key.key
        registers[base + _PARAMETERS] = 1
        for _ in range(_PATIENCE):
            if not registers[base + _BUSY]:
                return registers[base + _ERROR] == 1
        return False
    except OSError:  # it cannot be switched on
        return False
    finally:
        chip_key.enable_irq(state)
