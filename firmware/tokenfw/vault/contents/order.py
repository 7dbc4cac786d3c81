"""The display order of accounts as the data of a record: their ids, 16 bits each, big-endian."""

import struct

from tokenfw.vault.flash.nor import PIECE


class Order:
    """The ids that `id_at(position)` returns, for positions from 0 to below `count`."""

    def __init__(self, id_at, count):
        self._id_at = id_at
        self._count = count

    def __len__(self):
        return 2 * self._count

    def pieces(self, data):
        """Yield `data` (bytes), then the ids, in pieces of PIECE bytes, as a seal takes them."""
        at, position, size = len(data), 0, len(data) + len(self)
        while size:
            piece = bytearray(min(PIECE, size))
            size -= len(piece)
            piece[:at] = data
            for offset in range(at, len(piece), 2):
                struct.pack_into(">H", piece, offset, self._id_at(position))
                position += 1
            yield piece
            at, data = 0, b""
