"""NOR flash in a file, so that a vault of the board's size leaves the heap to the vault."""

from norflash import check_piece


class FileFlash:
    """Like NorFlash, without power cuts."""

    SECTOR = 4096

    def __init__(self, path, sectors):
        self.sectors = sectors
        self.programs = self.erases = self.reads = 0
        self._file = open(path, "w+b")  # noqa: SIM115 (close() is there)
        for sector in range(sectors):
            self._write(sector * self.SECTOR, b"\xff" * self.SECTOR)

    def close(self):
        self._file.close()

    def read(self, address, length):
        check_piece(length)
        self.reads += 1
        self._file.seek(address)
        return self._file.read(length)

    def readinto(self, address, data):
        check_piece(len(data))
        self.reads += 1
        self._file.seek(address)
        self._file.readinto(data)

    def program(self, address, data):
        both = int.from_bytes(self.read(address, len(data)), "big") & int.from_bytes(data, "big")
        self._write(address, both.to_bytes(len(data), "big"))
        self.programs += 1

    def erase(self, sector):
        self._write(sector * self.SECTOR, b"\xff" * self.SECTOR)
        self.erases += 1

    def _write(self, address, data):
        self._file.seek(address)
        self._file.write(data)
