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
"""

import micropython


@micropython.viper
def compress(state: ptr32, block: ptr32, constants: ptr32):
    """Take a block into the state; the block's bytes become the message schedule."""
    m = uint(0xFFFF)
    m = m << 16 | m
    octets = ptr8(block)
    for i in range(0, 32, 2):
        j = 4 * i
        high = octets[j] << 24 | octets[j + 1] << 16 | octets[j + 2] << 8 | octets[j + 3]
        j += 4
        low = octets[j] << 24 | octets[j + 1] << 16 | octets[j + 2] << 8 | octets[j + 3]
        block[i] = low
        block[i + 1] = high

    al, ah = uint(state[0]), uint(state[1])
    bl, bh = uint(state[2]), uint(state[3])
    cl, ch = uint(state[4]), uint(state[5])
    dl, dh = uint(state[6]), uint(state[7])
    el, eh = uint(state[8]), uint(state[9])
    fl, fh = uint(state[10]), uint(state[11])
    gl, gh = uint(state[12]), uint(state[13])
    hl, hh = uint(state[14]), uint(state[15])

    for i in range(0, 160, 2):
        # t = the schedule's word, renewed in place from round 16 on
        j = i & 31
        tl, th = uint(block[j]), uint(block[j + 1])
        if i >= 32:
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
            j = i & 31
            block[j] = tl
            block[j + 1] = th
        # t += h + S1(e) + Ch(e, f, g) + K
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
        yl = uint(constants[i])
        tl = tl + yl & m
        th += uint(constants[i + 1])
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

    # The schedule has served: its place takes the eight words, to be added in a loop.
    block[0] = al
    block[1] = ah
    block[2] = bl
    block[3] = bh
    block[4] = cl
    block[5] = ch
    block[6] = dl
    block[7] = dh
    block[8] = el
    block[9] = eh
    block[10] = fl
    block[11] = fh
    block[12] = gl
    block[13] = gh
    block[14] = hl
    block[15] = hh
    for i in range(0, 16, 2):
        xl = uint(state[i])
        yl = uint(block[i]) + xl & m
        yh = uint(block[i + 1]) + uint(state[i + 1])
        if yl < xl:
            yh += 1
        state[i] = yl
        state[i + 1] = yh
