"""What the clock is made of.

`second` finds where the chip's seconds begin, and counts on by the processor's ticks;
`history` is the log of changes, and the drift that it tells; `guard` says which change
wants somebody's word; `setting` sets the chip at a second's edge.
"""
