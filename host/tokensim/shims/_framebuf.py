"""framebuf as in MicroPython 1.24, which draws another FrameBuffer only."""

import framebuf
from _strict import stand_in


class FrameBuffer(framebuf.FrameBuffer):
    """Its blit takes no (buffer, width, height, format) in a FrameBuffer's place."""

    def blit(self, source, x, y, key=-1, palette=None):
        """Draw `source` at a place."""
        if not isinstance(source, FrameBuffer):
            raise TypeError
        super().blit(source, x, y, key, palette)


MODULE = stand_in(framebuf, {"FrameBuffer": FrameBuffer})
