"""micropython as on the board; the simulator handles the character that interrupts."""

import micropython
from _simulator import call
from _strict import integer, stand_in

_NAMES = (
    "RingIO alloc_emergency_exception_buf const heap_lock heap_unlock kbd_intr mem_info opt_level"
    " qstr_info schedule stack_use"
)


def kbd_intr(character):
    """Set the character of the port's input that interrupts the firmware; -1: none."""
    call(b"b", bytes([character]) if integer(character) >= 0 else b"")


def alloc_emergency_exception_buf(size):
    """Do nothing: no exception is raised in an interrupt here."""
    integer(size)


def make(stack):
    """Return the stand-in for the module; `stack` is the Stack in use."""
    instead = {
        "alloc_emergency_exception_buf": alloc_emergency_exception_buf,
        "kbd_intr": kbd_intr,
        "stack_use": stack.use,
    }
    return stand_in(micropython, instead, _NAMES)
