"""The token's time: read, set, corrected, and doubted.

`clock` is what others ask; `second` finds where the chip's seconds begin, and continues by
the processor's ticks; `history` is the log of changes, and the drift that it tells; `guard`
says which change needs confirmation; `setting` sets the chip at a second's edge.
"""
