"""The viper core of SHA-512 on a model of viper's arithmetic, in words of 32 and of 64 bits.

The unix port runs it in 64 bits only; the board has 32. The model knows what
differs: a word wraps, what a ptr32 loads is signed in 32 bits and not in 64, an
int shifts right with its sign and a uint without, a literal has 30 bits, and
signed and unsigned are not compared with each other.
"""

import ast
import hashlib
import struct
import sys
import types
from pathlib import Path

import pytest

from otpcore.sha512 import CONSTANTS, sha512

SOURCE = Path(__file__).parents[2] / "firmware" / "otpcore" / "sha512_viper.py"


def model(bits):
    """Return the names that viper code finds, for words of `bits`."""

    class Word:
        unsigned = False

        def __init__(self, value):
            value = int(value) & (1 << bits) - 1
            if not self.unsigned and value >> bits - 1:
                value -= 1 << bits
            self.value = value

        def __int__(self):
            return self.value

        __index__ = __int__

        def compared(self, other):
            if type(other) is not type(self):
                raise TypeError("comparison of int and uint")
            return other.value

        def __lt__(self, other):
            return self.value < self.compared(other)

        def __gt__(self, other):
            return self.value > self.compared(other)

        def __add__(self, other):
            return type(self)(self.value + int(other))

        def __lshift__(self, other):
            return type(self)(self.value << int(other))

        def __rshift__(self, other):
            return type(self)(self.value >> int(other))

        def __and__(self, other):
            return type(self)(self.value & int(other))

        def __or__(self, other):
            return type(self)(self.value | int(other))

        def __xor__(self, other):
            return type(self)(self.value ^ int(other))

    class Unsigned(Word):
        unsigned = True

    class Pointer:
        size, form = 4, "<I"

        def __init__(self, buffer):
            self.buffer = buffer.buffer if isinstance(buffer, Pointer) else buffer

        def __getitem__(self, index):
            return Word(struct.unpack_from(self.form, self.buffer, int(index) * self.size)[0])

        def __setitem__(self, index, value):
            value = int(value) & (1 << 8 * self.size) - 1
            struct.pack_into(self.form, self.buffer, int(index) * self.size, value)

    class Octets(Pointer):
        size, form = 1, "<B"

    return {"uint": Unsigned, "int": Word, "ptr8": Octets, "ptr32": Pointer}


@pytest.fixture(params=[32, 64])
def core(request, monkeypatch):
    """The viper core, run on the model."""
    fake = types.ModuleType("micropython")
    fake.__dict__["viper"] = viper
    monkeypatch.setitem(sys.modules, "micropython", fake)
    names = model(request.param)
    exec(compile(SOURCE.read_text("utf-8"), SOURCE, "exec"), names)  # noqa: S102
    return names["compress"]


def viper(function):
    """The decorator: gives the function its arguments as their annotations say."""

    def call(*arguments):
        kinds = function.__annotations__.values()
        function(*(kind(each) for kind, each in zip(kinds, arguments, strict=True)))

    return call


@pytest.mark.parametrize("length", [0, 3, 111, 112, 128, 300])
def test_hashes(core, length):
    for data in (bytes(length), b"\xff" * length, bytes(i * 151 & 255 for i in range(length))):
        assert sha512(data, core).digest() == hashlib.sha512(data).digest()


WORDS = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**63 + 2**31, 2**64 - 1]


@pytest.mark.parametrize("first", WORDS)
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_extremes(core, first, step):
    """Words at which a sum carries or a sign shows; against whole integers.

    With a step of 3 each word meets every third of the others, in both places.
    """
    for second in WORDS[WORDS.index(first) % step :: step]:
        state = bytearray(struct.pack("<8Q", *[first, second] * 4))
        block = struct.pack(">16Q", *[second, first] * 8)
        expected = reference(state, block)
        core(state, bytearray(block), CONSTANTS)
        assert struct.unpack("<8Q", state) == expected


def reference(state, block):
    """The function of FIPS 180-4, section 6.4.2, as it stands there."""
    mask = 2**64 - 1

    def rotr(x, n):
        return (x >> n | x << 64 - n) & mask

    words = list(struct.unpack(">16Q", block))
    for t in range(16, 80):
        x, y = words[t - 15], words[t - 2]
        small0 = rotr(x, 1) ^ rotr(x, 8) ^ x >> 7
        small1 = rotr(y, 19) ^ rotr(y, 61) ^ y >> 6
        words.append(small1 + words[t - 7] + small0 + words[t - 16] & mask)
    before = struct.unpack("<8Q", state)
    a, b, c, d, e, f, g, h = before
    for constant, word in zip(struct.unpack("<80Q", CONSTANTS), words, strict=True):
        large1 = rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41)
        one = h + large1 + (e & f ^ ~e & g) + constant + word
        large0 = rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39)
        two = large0 + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = one + two & mask, a, b, c, d + one & mask, e, f, g
    return tuple(x + y & mask for x, y in zip(before, (a, b, c, d, e, f, g, h), strict=True))


def test_literals_and_operators():
    """What mpy-cross or the board would make of it: 30 bits at most, and no unary operator."""
    for node in ast.walk(ast.parse(SOURCE.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            assert node.value < 2**30
        assert not isinstance(node, (ast.Invert, ast.USub))
