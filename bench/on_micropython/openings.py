"""Opening a vault with 10, 100 and 1,000 accounts: time in HMACs, heap, and flash operations.

The flash is a file, so that the heap has about the size of a board's: the collector's time
depends on it.
"""

import asyncio
import gc
import json
import os
import time

from fileflash import FileFlash

from otpcore.account import Account
from otpcore.mac import hmac
from tokenfw.system.entropy import Entropy
from tokenfw.vault.vault import Vault

SECTORS = 128
PATH = "/tmp/bench-openings-%d" % hash(object())  # noqa: S108, UP031
COUNTS = (10, 100, 1000)
REPEATS = 5


class Nothing:
    """A context manager that replaces the radio and the processor's full speed."""

    def __enter__(self):
        return True

    def __exit__(self, *_):
        pass


def open_vault(flash):
    vault = Vault(flash, Entropy(Nothing, lambda: b""), Nothing)
    asyncio.run(vault.start())
    return vault


def account(number):
    """Return an account of realistic length."""
    return Account("Example Company", f"someone{number:04}@example.com", os.urandom(20))


def took(function):
    start = time.ticks_us()
    function()
    return time.ticks_diff(time.ticks_us(), start)


def measure(flash, vault, count):
    """Fill the vault up to `count` accounts; return the cost of the last one and of an opening."""
    before = 0, 0
    while vault.count() < count:
        before = flash.programs, flash.erases
        vault.add(b"%08d" % vault.count(), account(vault.count()))
    last = flash.programs - before[0], flash.erases - before[1]
    unit = took(lambda: [hmac("SHA256", bytes(32), bytes(32)) for _ in range(200)]) / 200
    times = [took(lambda: open_vault(flash)) / unit for _ in range(REPEATS)]
    gc.collect()
    empty = gc.mem_alloc()
    opened = open_vault(flash)
    gc.collect()
    held = gc.mem_alloc() - empty
    assert opened.count() == count
    return {"hmacs": sorted(times)[REPEATS // 2], "held": held, "operations": last}


def main():
    flash = FileFlash(PATH, SECTORS)
    vault = open_vault(flash)
    found = {str(count): measure(flash, vault, count) for count in COUNTS}
    found["all"] = {"programs": flash.programs, "erases": flash.erases}
    flash.close()
    os.unlink(PATH)
    print(json.dumps(found))


main()
