"""SHA-512 (FIPS 180-4, section 6.4), which no MicroPython has.

Two cores of one signature compress a block: `compress_portable` runs
everywhere, `compress_viper` is machine code and there where MicroPython has
the viper emitter, else None. A core gets the state (bytearray of 64), the block
(bytearray of 128, which it may overwrite) and CONSTANTS. State and constants
are 64-bit words, little-endian. All three begin at a machine word, as what is on
the heap does: the viper core reads them as 32-bit halves.
"""

# pyright: reportArgumentType=false
# (bytes-like objects are what MicroPython gives to a ptr32 parameter)

import struct

try:
    from otpcore.sha512_viper import compress as compress_viper
except (ImportError, AttributeError):  # CPython; the latter where a folder has that name
    compress_viper = None
except (SyntaxError, ValueError):  # no emitter in this MicroPython; machine code of another chip
    compress_viper = None
except MemoryError:  # of that which code can run from, an ESP32-S2, -S3 or -C3 may have none left
    compress_viper = None

_MASK = 0xFFFFFFFFFFFFFFFF

# Fractional parts of the roots of the first primes: one literal each, since an
# int of more than 30 bits is an object of its own on the board.
_INITIAL = (
    b"\x08\xc9\xbc\xf3\x67\xe6\x09\x6a\x3b\xa7\xca\x84\x85\xae\x67\xbb"
    b"\x2b\xf8\x94\xfe\x72\xf3\x6e\x3c\xf1\x36\x1d\x5f\x3a\xf5\x4f\xa5"
    b"\xd1\x82\xe6\xad\x7f\x52\x0e\x51\x1f\x6c\x3e\x2b\x8c\x68\x05\x9b"
    b"\x6b\xbd\x41\xfb\xab\xd9\x83\x1f\x79\x21\x7e\x13\x19\xcd\xe0\x5b"
)

CONSTANTS = (
    b"\x22\xae\x28\xd7\x98\x2f\x8a\x42\xcd\x65\xef\x23\x91\x44\x37\x71"
    b"\x2f\x3b\x4d\xec\xcf\xfb\xc0\xb5\xbc\xdb\x89\x81\xa5\xdb\xb5\xe9"
    b"\x38\xb5\x48\xf3\x5b\xc2\x56\x39\x19\xd0\x05\xb6\xf1\x11\xf1\x59"
    b"\x9b\x4f\x19\xaf\xa4\x82\x3f\x92\x18\x81\x6d\xda\xd5\x5e\x1c\xab"
    b"\x42\x02\x03\xa3\x98\xaa\x07\xd8\xbe\x6f\x70\x45\x01\x5b\x83\x12"
    b"\x8c\xb2\xe4\x4e\xbe\x85\x31\x24\xe2\xb4\xff\xd5\xc3\x7d\x0c\x55"
    b"\x6f\x89\x7b\xf2\x74\x5d\xbe\x72\xb1\x96\x16\x3b\xfe\xb1\xde\x80"
    b"\x35\x12\xc7\x25\xa7\x06\xdc\x9b\x94\x26\x69\xcf\x74\xf1\x9b\xc1"
    b"\xd2\x4a\xf1\x9e\xc1\x69\x9b\xe4\xe3\x25\x4f\x38\x86\x47\xbe\xef"
    b"\xb5\xd5\x8c\x8b\xc6\x9d\xc1\x0f\x65\x9c\xac\x77\xcc\xa1\x0c\x24"
    b"\x75\x02\x2b\x59\x6f\x2c\xe9\x2d\x83\xe4\xa6\x6e\xaa\x84\x74\x4a"
    b"\xd4\xfb\x41\xbd\xdc\xa9\xb0\x5c\xb5\x53\x11\x83\xda\x88\xf9\x76"
    b"\xab\xdf\x66\xee\x52\x51\x3e\x98\x10\x32\xb4\x2d\x6d\xc6\x31\xa8"
    b"\x3f\x21\xfb\x98\xc8\x27\x03\xb0\xe4\x0e\xef\xbe\xc7\x7f\x59\xbf"
    b"\xc2\x8f\xa8\x3d\xf3\x0b\xe0\xc6\x25\xa7\x0a\x93\x47\x91\xa7\xd5"
    b"\x6f\x82\x03\xe0\x51\x63\xca\x06\x70\x6e\x0e\x0a\x67\x29\x29\x14"
    b"\xfc\x2f\xd2\x46\x85\x0a\xb7\x27\x26\xc9\x26\x5c\x38\x21\x1b\x2e"
    b"\xed\x2a\xc4\x5a\xfc\x6d\x2c\x4d\xdf\xb3\x95\x9d\x13\x0d\x38\x53"
    b"\xde\x63\xaf\x8b\x54\x73\x0a\x65\xa8\xb2\x77\x3c\xbb\x0a\x6a\x76"
    b"\xe6\xae\xed\x47\x2e\xc9\xc2\x81\x3b\x35\x82\x14\x85\x2c\x72\x92"
    b"\x64\x03\xf1\x4c\xa1\xe8\xbf\xa2\x01\x30\x42\xbc\x4b\x66\x1a\xa8"
    b"\x91\x97\xf8\xd0\x70\x8b\x4b\xc2\x30\xbe\x54\x06\xa3\x51\x6c\xc7"
    b"\x18\x52\xef\xd6\x19\xe8\x92\xd1\x10\xa9\x65\x55\x24\x06\x99\xd6"
    b"\x2a\x20\x71\x57\x85\x35\x0e\xf4\xb8\xd1\xbb\x32\x70\xa0\x6a\x10"
    b"\xc8\xd0\xd2\xb8\x16\xc1\xa4\x19\x53\xab\x41\x51\x08\x6c\x37\x1e"
    b"\x99\xeb\x8e\xdf\x4c\x77\x48\x27\xa8\x48\x9b\xe1\xb5\xbc\xb0\x34"
    b"\x63\x5a\xc9\xc5\xb3\x0c\x1c\x39\xcb\x8a\x41\xe3\x4a\xaa\xd8\x4e"
    b"\x73\xe3\x63\x77\x4f\xca\x9c\x5b\xa3\xb8\xb2\xd6\xf3\x6f\x2e\x68"
    b"\xfc\xb2\xef\x5d\xee\x82\x8f\x74\x60\x2f\x17\x43\x6f\x63\xa5\x78"
    b"\x72\xab\xf0\xa1\x14\x78\xc8\x84\xec\x39\x64\x1a\x08\x02\xc7\x8c"
    b"\x28\x1e\x63\x23\xfa\xff\xbe\x90\xe9\xbd\x82\xde\xeb\x6c\x50\xa4"
    b"\x15\x79\xc6\xb2\xf7\xa3\xf9\xbe\x2b\x53\x72\xe3\xf2\x78\x71\xc6"
    b"\x9c\x61\x26\xea\xce\x3e\x27\xca\x07\xc2\xc0\x21\xc7\xb8\x86\xd1"
    b"\x1e\xeb\xe0\xcd\xd6\x7d\xda\xea\x78\xd1\x6e\xee\x7f\x4f\x7d\xf5"
    b"\xba\x6f\x17\x72\xaa\x67\xf0\x06\xa6\x98\xc8\xa2\xc5\x7d\x63\x0a"
    b"\xae\x0d\xf9\xbe\x04\x98\x3f\x11\x1b\x47\x1c\x13\x35\x0b\x71\x1b"
    b"\x84\x7d\x04\x23\xf5\x77\xdb\x28\x93\x24\xc7\x40\x7b\xab\xca\x32"
    b"\xbc\xbe\xc9\x15\x0a\xbe\x9e\x3c\x4c\x0d\x10\x9c\xc4\x67\x1d\x43"
    b"\xb6\x42\x3e\xcb\xbe\xd4\xc5\x4c\x2a\x7e\x65\xfc\x9c\x29\x7f\x59"
    b"\xec\xfa\xd6\x3a\xab\x6f\xcb\x5f\x17\x58\x47\x4a\x8c\x19\x44\x6c"
)


class sha512:
    """Hash object with update() and digest(), as hashlib's; update() works after digest(), too.

    `compress` chooses the core; by default it is the fastest there is.
    """

    def __init__(self, data=b"", compress=None):
        self._compress = compress or compress_viper or compress_portable
        self._state = bytearray(_INITIAL)
        self._block = bytearray(128)
        self._filled = 0  # bytes in the block
        self._length = 0  # bytes in all
        self.update(data)

    def update(self, data):
        """Add `data`, any buffer of bytes."""
        data = memoryview(data)
        self._length += len(data)
        at = 0
        while at < len(data):
            piece = data[at : at + 128 - self._filled]
            self._block[self._filled : self._filled + len(piece)] = piece
            self._filled += len(piece)
            at += len(piece)
            if self._filled == 128:
                self._compress(self._state, self._block, CONSTANTS)
                self._filled = 0

    def digest(self):
        """Return the hash of all data so far, 64 bytes."""
        state = bytearray(self._state)
        block = self._block[: self._filled] + b"\x80" + bytes(127 - self._filled)
        if self._filled >= 112:  # no room for the length
            self._compress(state, block, CONSTANTS)
            block = bytearray(128)
        block[112:] = (self._length * 8).to_bytes(16, "big")
        self._compress(state, block, CONSTANTS)
        return struct.pack(">8Q", *struct.unpack("<8Q", state))


def compress_portable(state, block, constants):
    """Compress a block into the state, with whole 64-bit words."""
    words = list(struct.unpack(">16Q", block))
    old = struct.unpack("<8Q", state)
    a, b, c, d, e, f, g, h = old
    for i in range(80):
        word = words[i & 15]
        if i >= 16:
            word += words[i + 9 & 15]
            x = words[i + 1 & 15]
            # Shifted right, the low half of y is x rotated; the rest falls to the sum's mask.
            y = x | x << 64
            word += y >> 1 ^ y >> 8 ^ x >> 7
            x = words[i + 14 & 15]
            y = x | x << 64
            word += y >> 19 ^ y >> 61 ^ x >> 6
            words[i & 15] = word = word & _MASK
        x = e | e << 64
        word += h + (x >> 14 ^ x >> 18 ^ x >> 41) + (g ^ e & (f ^ g))
        word += struct.unpack_from("<Q", constants, 8 * i)[0]
        h, g, f, e = g, f, e, d + word & _MASK
        x = a | a << 64
        word += (x >> 28 ^ x >> 34 ^ x >> 39) + (a & b | c & (a | b))
        d, c, b, a = c, b, a, word & _MASK
    new = (a, b, c, d, e, f, g, h)
    state[:] = struct.pack("<8Q", *[old[i] + new[i] & _MASK for i in range(8)])
