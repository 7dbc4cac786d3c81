"""framebuf as in MicroPython 1.24, whose blit() takes nothing but another FrameBuffer."""

import framebuf
from _strict import stand_in


class FrameBuffer(framebuf.FrameBuffer):
    """A FrameBuffer whose blit() does not take (buffer, width, height, format) as its source."""

    def blit(self, source, x, y, key=-1, palette=None):
        """Draw the FrameBuffer `source` at x, y."""
        if not isinstance(source, FrameBuffer):
            raise TypeError
        super().blit(source, x, y, key, palette)


MODULE = stand_in(framebuf, {"FrameBuffer": FrameBuffer})
