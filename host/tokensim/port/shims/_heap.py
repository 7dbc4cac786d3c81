"""Lowers the limit of MicroPython's heap by the memory that the radio keeps until a restart."""

_PIECE = 1024
_held = []
lessened = 0  # bytes


def lessen(size):
    """Lower the limit by so many bytes of a board: here twice as many, see interpreter.py.

    As on a board it is not an error until that memory is needed.
    """
    global lessened
    try:
        while lessened < 2 * size:
            _held.append(bytearray(_PIECE))
            lessened += _PIECE
    except MemoryError:
        pass
