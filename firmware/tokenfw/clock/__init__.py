"""The token's time: read, set, corrected, and doubted.

`clock` is what others call; `second` finds where the chip's seconds begin, and continues by
the processor's ticks; `history` is the log of changes, and the drift derived from it; `guard`
says which change needs confirmation; `setting` sets the chip at a second's edge.
"""
