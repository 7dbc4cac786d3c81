"""A panel's pages: the picture to draw on, a copy of what the panel holds, and what to send.

A page is eight rows, one byte a column, the lowest bit on top: so framebuf.MONO_VLSB
and the controllers of these panels have them. They also agree on how a stretch of a
page goes over the bus, in page addressing: B0h and the page, unless that is chosen
already, 00h and 10h with the column's nibbles, then data. Nothing is sent that the panel
already shows.
"""

import framebuf
from micropython import const

_COMMAND, _DATA = 0x80, 0x40  # control bytes: what follows is one command byte, is data
_PAGE, _COLUMN_LOW, _COLUMN_HIGH = 0xB0, 0x00, 0x10
_HEAD = const(7)  # bytes: three commands with a control byte each, and the one before the data
_SAME_PAGE = const(2)  # bytes of the head that a second stretch of a page does without
_GAP = const(7)  # a new place costs 6 bytes and a START: over a shorter gap it does not pay


class Pages:
    """`buffer` (bytearray) and `framebuf` of `width` x `height` pixels are what to draw on.

    `write(message)` puts a message on the bus, for the panel. `left` is the controller's
    column at which the panel begins.
    """

    def __init__(self, width, height, write, left=0):
        self.buffer = bytearray(width * height // 8)
        self.framebuf = framebuf.FrameBuffer(self.buffer, width, height, framebuf.MONO_VLSB)
        self._write = write
        self._left = left
        held = bytearray(len(self.buffer))
        starts = range(0, len(self.buffer), width)
        self._new = [memoryview(self.buffer)[at : at + width] for at in starts]
        self._held = [memoryview(held)[at : at + width] for at in starts]
        self._known = bytearray(height // 8)  # 1 where the copy is what the panel holds
        self._message = memoryview(bytearray(_HEAD + width))

    def forget(self):
        """What the panel holds is unknown from now on."""
        for page in range(len(self._known)):
            self._known[page] = 0

    def changed(self):
        """Return the indices of the pages that differ from what the panel holds, from the top."""
        changed = []
        for page in range(len(self._new)):
            if not self._known[page] or self._new[page] != self._held[page]:
                changed.append(page)
        return changed

    def send(self, page):
        """Send the columns of `page` that changed, in one write or more.

        Where unchanged columns between two changed stretches outweigh the commands, each
        stretch has its own write. After an OSError the page counts as changed still.
        """
        new = self._new[page]
        if not self._known[page]:
            self._send(page, 0, len(new) - 1, 0)
            self._known[page] = 1
            return
        held = self._held[page]
        first = last = -1
        begin = 0
        for column in range(len(new)):
            if new[column] != held[column]:
                if first < 0:
                    first = column
                elif column - last > _GAP:
                    self._send(page, first, last, begin)
                    first, begin = column, _SAME_PAGE
                last = column
        if first >= 0:
            self._send(page, first, last, begin)

    def _send(self, page, first, last, begin):
        """Send columns `first` to `last` of `page` in one write and note them as held.

        The head goes from its byte `begin` on.
        """
        message = self._message
        column = self._left + first
        message[0] = message[2] = message[4] = _COMMAND
        message[1] = _PAGE | page
        message[3] = _COLUMN_LOW | column & 0x0F
        message[5] = _COLUMN_HIGH | column >> 4
        message[6] = _DATA
        end = _HEAD + last - first + 1
        message[_HEAD:end] = self._new[page][first : last + 1]
        self._write(message[begin:end])
        self._held[page][first : last + 1] = message[_HEAD:end]
