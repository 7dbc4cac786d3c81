"""What MicroPython's heap cannot grow by, since the radio has it until the chip's next start."""

_PIECE = 1024
_held = []
lessened = 0  # bytes


def lessen(size):
    """Take so many bytes of a board away: two of this interpreter's for each, see interpreter.py.

    A board would not notice before it wants them; neither is it an error here.
    """
    global lessened
    try:
        while lessened < 2 * size:
            _held.append(bytearray(_PIECE))
            lessened += _PIECE
    except MemoryError:
        pass
