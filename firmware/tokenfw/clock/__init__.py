"""The token's time: read, set, corrected, and doubted.

`clock` is what others ask; `second` finds where the chip's seconds begin, and counts on by
the processor's ticks; `history` is the log of changes, and the drift that it tells; `guard`
says which change wants somebody's word; `setting` sets the chip at a second's edge.
"""
