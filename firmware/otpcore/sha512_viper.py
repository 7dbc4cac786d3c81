# ruff: noqa: F821  (uint, ptr8 and ptr32 are viper's)
"""The SHA-512 core in machine code; for MicroPython only, see otpcore.sha512.

A viper word has 32 bits on the board and 64 on a computer, so a 64-bit word is
two halves of 32: `...h` is the high one, `...l` the low one. To be right on both:
- halves are uint, so that `>>` and `<` are unsigned: on the board a load is signed;
- a half is masked before it is shifted right or compared, since on a computer sums
  and left shifts go past bit 31; on the board the mask is all ones;
- a sum carries when it is smaller than what was added to it;
- no literal has more than 30 bits, which the board's compiler refuses, and there is
  no unary `~` or `-`, which change their operand (MicroPython issue 14397).

MicroPython 1.24 cannot branch over more than 2 KB of Xtensa code: it prints an error
to the serial port and makes a wrong branch. So each loop is a function of its own.
"""

# pyright: reportArgumentType=false
# (bytes-like objects are what MicroPython gives to a ptr32 parameter)

import micropython


def compress(state, block, constants):
    """Compress a block into the state; its bytes become the message schedule."""
    words = bytearray(state)
    _from_big_endian(block)
    for first in range(0, 160, 32):
        if first:
            _extend(block)
        _rounds(words, block, constants, first)
    _add(state, words)


@micropython.viper
def _from_big_endian(block: ptr32):
    octets = ptr8(block)
    for i in range(0, 32, 2):
        j = 4 * i
        high = octets[j] << 24 | octets[j + 1] << 16 | octets[j + 2] << 8 | octets[j + 3]
        j += 4
        low = octets[j] << 24 | octets[j + 1] << 16 | octets[j + 2] << 8 | octets[j + 3]
        block[i] = low
        block[i + 1] = high


@micropython.viper
def _extend(block: ptr32):
    """Put the next 16 words of the schedule in the place of the last 16."""
    m = uint(0xFFFF)
    m = m << 16 | m
    for i in range(0, 32, 2):
        tl, th = uint(block[i]), uint(block[i + 1])
        j = i + 18 & 31
        xl = uint(block[j])
        tl = tl + xl & m
        th += uint(block[j + 1])
        if tl < xl:
            th += 1
        j = i + 2 & 31
        xl, xh = uint(block[j]), uint(block[j + 1])
        yl = (xl >> 1 ^ xh << 31 ^ xl >> 8 ^ xh << 24 ^ xl >> 7 ^ xh << 25) & m
        tl = tl + yl & m
        th += xh >> 1 ^ xl << 31 ^ xh >> 8 ^ xl << 24 ^ xh >> 7
        if tl < yl:
            th += 1
        j = i + 28 & 31
        xl, xh = uint(block[j]), uint(block[j + 1])
        yl = (xl >> 19 ^ xh << 13 ^ xh >> 29 ^ xl << 3 ^ xl >> 6 ^ xh << 26) & m
        tl = tl + yl & m
        th += xh >> 19 ^ xl << 13 ^ xl >> 29 ^ xh << 3 ^ xh >> 6
        if tl < yl:
            th += 1
        block[i] = tl
        block[i + 1] = th


@micropython.viper
def _rounds(words: ptr32, block: ptr32, constants: ptr32, first: int):
    """Sixteen rounds: with the schedule in `block`, and the constants from half `first` on."""
    m = uint(0xFFFF)
    m = m << 16 | m
    al, ah = uint(words[0]), uint(words[1])
    bl, bh = uint(words[2]), uint(words[3])
    cl, ch = uint(words[4]), uint(words[5])
    dl, dh = uint(words[6]), uint(words[7])
    el, eh = uint(words[8]), uint(words[9])
    fl, fh = uint(words[10]), uint(words[11])
    gl, gh = uint(words[12]), uint(words[13])
    hl, hh = uint(words[14]), uint(words[15])
    for i in range(0, 32, 2):
        # t = the schedule's word + h + S1(e) + Ch(e, f, g) + K
        tl, th = uint(block[i]), uint(block[i + 1])
        tl = tl + hl & m
        th += hh
        if tl < hl:
            th += 1
        yl = (el >> 14 ^ eh << 18 ^ el >> 18 ^ eh << 14 ^ eh >> 9 ^ el << 23) & m
        tl = tl + yl & m
        th += eh >> 14 ^ el << 18 ^ eh >> 18 ^ el << 14 ^ el >> 9 ^ eh << 23
        if tl < yl:
            th += 1
        yl = gl ^ el & (fl ^ gl)
        tl = tl + yl & m
        th += gh ^ eh & (fh ^ gh)
        if tl < yl:
            th += 1
        j = first + i
        yl = uint(constants[j])
        tl = tl + yl & m
        th += uint(constants[j + 1])
        if tl < yl:
            th += 1
        # h, g, f = g, f, e; e = d + t
        hl, hh = gl, gh
        gl, gh = fl, fh
        fl, fh = el, eh
        el = dl + tl & m
        eh = dh + th
        if el < tl:
            eh += 1
        eh &= m
        # t += S0(a) + Maj(a, b, c)
        yl = (al >> 28 ^ ah << 4 ^ ah >> 2 ^ al << 30 ^ ah >> 7 ^ al << 25) & m
        tl = tl + yl & m
        th += ah >> 28 ^ al << 4 ^ al >> 2 ^ ah << 30 ^ al >> 7 ^ ah << 25
        if tl < yl:
            th += 1
        yl = al & bl | cl & (al | bl)
        tl = tl + yl & m
        th += ah & bh | ch & (ah | bh)
        if tl < yl:
            th += 1
        # d, c, b = c, b, a; a = t
        dl, dh = cl, ch
        cl, ch = bl, bh
        bl, bh = al, ah
        al, ah = tl, th & m
    words[0] = al
    words[1] = ah
    words[2] = bl
    words[3] = bh
    words[4] = cl
    words[5] = ch
    words[6] = dl
    words[7] = dh
    words[8] = el
    words[9] = eh
    words[10] = fl
    words[11] = fh
    words[12] = gl
    words[13] = gh
    words[14] = hl
    words[15] = hh


@micropython.viper
def _add(state: ptr32, words: ptr32):
    m = uint(0xFFFF)
    m = m << 16 | m
    for i in range(0, 16, 2):
        xl = uint(state[i])
        yl = uint(words[i]) + xl & m
        yh = uint(words[i + 1]) + uint(state[i + 1])
        if yl < xl:
            yh += 1
        state[i] = yl
        state[i + 1] = yh
