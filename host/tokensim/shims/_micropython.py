"""micropython as it is on the board, where the simulator has the characters that interrupt."""

import micropython
from _simulator import call
from _strict import integer, stand_in

_NAMES = (
    "RingIO alloc_emergency_exception_buf const heap_lock heap_unlock kbd_intr mem_info opt_level"
    " qstr_info schedule stack_use"
)


def kbd_intr(character):
    """Have this character of the port's input interrupt the firmware; -1: none."""
    call(b"b", bytes([character]) if integer(character) >= 0 else b"")


def alloc_emergency_exception_buf(size):
    """Nothing is raised in an interrupt here."""
    integer(size)


def make(stack):
    """Return the module's stand-in, with the Stack that is in use."""
    instead = {
        "alloc_emergency_exception_buf": alloc_emergency_exception_buf,
        "kbd_intr": kbd_intr,
        "stack_use": stack.use,
    }
    return stand_in(micropython, instead, _NAMES)
