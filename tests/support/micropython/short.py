"""A flash for which memory is short at one of its operations, and at some that follow."""

from norflash import NorFlash


class Short(NorFlash):
    """Raises MemoryError instead of the operation after `left`, and of `more` after that."""

    left = None
    more = 0

    def _short(self):
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            if self.left == -1 - self.more:
                self.left = None
            raise MemoryError

    def read(self, address, length):
        self._short()
        return super().read(address, length)

    def program(self, address, data):
        self._short()
        super().program(address, data)
