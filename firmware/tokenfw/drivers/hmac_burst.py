# ruff: noqa: F821  (ptr32 is viper's)
"""A run of chained HMACs in the chip's peripheral, in machine code: see chip_key.py.

Registers: Espressif's technical reference manuals of the ESP32-S2, -S3 and -C3, "HMAC
Accelerator". Loops are unrolled, and the two pointers come first, which viper keeps in processor
registers: the faster the owner's chain, the longer it can be, and the slower an attacker's search.
"""

import micropython


@micropython.viper
def burst(at: ptr32, block: ptr32, key: int, count: int, patience: int) -> int:
    """Replace the first 8 words of `block` by the HMAC of the block under a key, `count` times.

    `at` is the peripheral's address; `block` one padded block, 16 words in memory order;
    `key` the eFuse block (0 to 5). Returns how many HMACs are missing: 0, or more if the module
    reported an error, or was busy at `patience` polls within one HMAC.
    """
    while count:
        at[16] = 1  # START
        at[17] = 8  # PURPOSE: HMAC_UP
        at[18] = key  # KEY
        at[19] = 1  # PARA_FINISH
        left = patience
        while at[27]:  # BUSY
            left -= 1
            if not left:
                return count
        if at[26]:  # ERROR
            break
        at[32] = block[0]
        at[33] = block[1]
        at[34] = block[2]
        at[35] = block[3]
        at[36] = block[4]
        at[37] = block[5]
        at[38] = block[6]
        at[39] = block[7]
        at[40] = block[8]
        at[41] = block[9]
        at[42] = block[10]
        at[43] = block[11]
        at[44] = block[12]
        at[45] = block[13]
        at[46] = block[14]
        at[47] = block[15]
        at[20] = 1  # MESSAGE_ONE
        while at[27]:
            left -= 1
            if not left:
                return count
        at[61] = 1  # ONE_BLOCK
        while at[27]:
            left -= 1
            if not left:
                return count
        block[0] = at[48]
        block[1] = at[49]
        block[2] = at[50]
        block[3] = at[51]
        block[4] = at[52]
        block[5] = at[53]
        block[6] = at[54]
        block[7] = at[55]
        at[23] = 1  # RESULT_FINISH
        count -= 1
    return count
