"""machine.I2C on the simulated bus; every transfer takes as long as on the wire."""

from _pin import number_of
from _simulator import call
from _strict import fill, integer, positional, readable, writable

_made = {}
_LARGEST = 65535  # bytes: the longest transfer that the request channel can encode


class I2C:
    """A bus; there is one object for each number."""

    def __new__(cls, number=-1, *settings, **named):
        if settings:
            raise TypeError("extra positional arguments given")
        number = integer(number)
        if number == -1:
            return SoftI2C(**named)
        if number not in _made:
            if not 0 <= number < call(b"s")[0]:
                raise ValueError("I2C(%d) doesn't exist" % number)
            _made[number] = object.__new__(cls)
            _made[number]._name = str(number)
        return _made[number]

    def __init__(self, number=-1, **named):
        self.init(**named)

    def init(self, *, scl=18, sda=19, freq=400000, timeout=50000):
        """Set the bus up again."""
        self._pins = number_of(scl)[0], number_of(sda)[0]
        self._freq, self._timeout = integer(freq), integer(timeout)
        call(b"f", self._freq.to_bytes(4, "little"))

    def __str__(self):
        name = "I2C(%s, scl=%d, sda=%d, freq=%d, timeout=%d)"
        return name % ((self._name,) + self._pins + (self._freq, self._timeout))

    __repr__ = __str__

    @positional(1)
    def scan(self):
        """Return a list of the addresses that acknowledge."""
        return [each for each in range(8, 120) if self._is_there(each)]

    def _is_there(self, address):
        try:
            _transfer(address, b"", 0)
            return True
        except OSError:
            return False

    @positional(3, 4)
    def writeto(self, address, data, stop=True):
        """Write; return how many bytes were acknowledged."""
        data = readable(data)
        _transfer(address, data, 0)
        return len(data)

    @positional(3, 4)
    def writevto(self, address, parts, stop=True):
        """Write several buffers in one transfer."""
        if not isinstance(parts, (tuple, list)):
            raise TypeError("object '%s' isn't a tuple or list" % type(parts).__name__)
        return self.writeto(address, b"".join([bytes(readable(each)) for each in parts]))

    @positional(3, 4)
    def readfrom(self, address, size, stop=True):
        """Read so many bytes."""
        return bytes(_transfer(address, b"", _size(size)))

    @positional(3, 4)
    def readfrom_into(self, address, buffer, stop=True):
        """Fill a buffer."""
        fill(buffer, _transfer(address, b"", len(writable(buffer))))

    def readfrom_mem(self, address, register, size, *, addrsize=8):
        """Read `size` registers."""
        return bytes(_transfer(address, _register(register, addrsize), _size(size)))

    def readfrom_mem_into(self, address, register, buffer, *, addrsize=8):
        """Read registers into a buffer."""
        count = len(writable(buffer))
        fill(buffer, _transfer(address, _register(register, addrsize), count))

    def writeto_mem(self, address, register, data, *, addrsize=8):
        """Write registers."""
        _transfer(address, _register(register, addrsize) + readable(data), 0)

    def start(self, *_):
        """Refuse: only a bus in software has this method and the next three."""
        raise OSError("I2C operation not supported")

    stop = readinto = write = start


class SoftI2C(I2C):
    """A bus in software, here on the same simulated bus."""

    _name = "-1"

    def __new__(cls, **named):
        return object.__new__(cls)

    def __init__(self, **named):
        self.init(**named)


def _size(size):
    size = integer(size)
    if size < 0:
        raise MemoryError("memory allocation failed, allocating %d bytes" % (size + (1 << 32)))
    return size


def _register(register, addrsize):
    """Return the bytes of a register's number, cut off to `addrsize` bits."""
    if not 0 <= addrsize <= 32 or addrsize & 7:
        raise ValueError("invalid addrsize")
    register = integer(register)
    return bytes([register >> each & 255 for each in range(addrsize - 8, -1, -8)])


def _transfer(address, data, size):
    address = integer(address)
    if not 0 <= address < 128:
        raise OSError(19)
    if size > _LARGEST:
        raise MemoryError("memory allocation failed, allocating %d bytes" % size)
    return call(b"i", bytes([address]) + size.to_bytes(2, "little") + data)
