"""An I2C bus with one chip's registers on it, which records what drivers send."""


class RegisterBus:
    """A bus with a chip at `address` that has `registers` (bytearray); the first follows the last.

    `log` is the list of transfers. With `broken`, and at other addresses, nothing acknowledges.
    `between()` is called after each transfer.
    """

    def __init__(self, address, size):
        self.address = address
        self.registers = bytearray(size)
        self.log = []
        self.broken = False
        self.between = lambda: None

    def _note(self, *entry):
        if self.broken or entry[1] != self.address:
            raise OSError(19)
        self.log.append(entry)

    def writeto_mem(self, address, register, data):
        self._note("write", address, register, bytes(data))
        self.registers[register : register + len(data)] = data
        self.between()

    def readfrom_mem_into(self, address, register, buffer):
        self._note("read", address, register, len(buffer))
        for at in range(len(buffer)):
            buffer[at] = self.registers[(register + at) % len(self.registers)]
        self.between()

    def hold(self, register, *values):
        """Set the chip's registers to these values, from a register on."""
        self.registers[register : register + len(values)] = bytes(values)

    def writes(self):
        """Return a list of (register, data) of each write."""
        return [entry[2:] for entry in self.log if entry[0] == "write"]
