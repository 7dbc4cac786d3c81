"""Shared by tests of the vault: vaults on flash in RAM, with keys and time of their own."""

import asyncio
import hashlib

import keeping  # noqa: F401 (before the firmware, which imports gc)
from chipkeys import ChipKeys
from norflash import NorFlash

from otpcore.account import Account
from tokenfw.vault import gate as module
from tokenfw.vault import vault
from tokenfw.vault.flash.log import Log
from tokenfw.vault.keys import kdf
from tokenfw.vault.states import READY, WrongPin


class Keys:
    """Replaces tokenfw.system.entropy.Entropy: keys that never repeat, the same in each run."""

    count = 0
    strong = True
    ahead = b""

    def keys(self, count, radio=True, more=b""):
        Keys.count += count
        return [
            hashlib.sha256(b"key %d" % number).digest()
            for number in range(Keys.count - count, Keys.count)
        ]


class Clock:
    """Replaces `time` in the vault, so that no test waits for a delay."""

    def __init__(self):
        self.now = 0

    def ticks_ms(self):
        return self.now

    def ticks_diff(self, one, other):
        return one - other


clock = Clock()
module.time = clock


async def calibrate(_):
    """Replaces kdf.calibrate(), which test_kdf.py is about: measures nothing."""
    return kdf.ITERATIONS_MIN


kdf.calibrate = calibrate
kdf.ITERATIONS_MIN = kdf.ITERATIONS_MAX = 4


class AnySpeed:
    """Replaces Board.full_speed()."""

    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


class Vault(vault.Vault):
    """A Vault that lists its accounts."""

    def ids(self):
        """Return the ids in display order."""
        return [self.id_at(place) for place in range(self.count())]


class Blind:
    """The owner of a Log, without keys."""

    def may_copy(self, record):
        return False


def run(coroutine):
    """Run a coroutine, and return its result."""
    return asyncio.run(coroutine)


own = ChipKeys(b"this chip")  # the default keys of the chip that a vault is on


def closed(flash, entropy=None, chip_keys=own):
    """Return a Vault on `flash` as after a power-up, with nothing read yet."""
    return Vault(flash, entropy or Keys(), AnySpeed, 1, chip_keys)


def power_up(flash, *pins, tidy=True):
    """Return the Vault on `flash` after a power-up, unlocked by the first right one of `pins`.

    With `tidy`, tidy_up() was called too.
    """
    vault = closed(flash)
    run(vault.start())
    for pin in pins:
        if vault.state == READY:
            break
        clock.now += 1000 * vault.seconds_to_wait()
        try:
            run(vault.unlock(pin))
        except WrongPin:
            pass
    if tidy:
        run(vault.tidy_up())
    return vault


def totp(number, length=20):
    """Return a TOTP account, different for each number."""
    secret = hashlib.sha256(b"secret %d" % number).digest() * 4
    return Account("Issuer %d" % number, "user%d@example.com" % number, secret[:length])


def hotp(number, counter=0):
    """Return an HOTP account."""
    return Account("Door %d" % number, "key", b"hotp %d" % number, "hotp", counter=counter)


def long(number):
    """Return an account with a record of maximum length."""
    name = "%064d" % number
    return Account(name, name, b"%0128d" % number, algorithm="SHA512", digits=8)


def request(number):
    """Return the id of a request (8 bytes)."""
    return b"req%05d" % number


def content(vault):
    """Return the content of a READY vault: [(id, record)], settings, the PIN's length (0: none)."""
    listed = [(number, vault.get(number).to_record()) for number in vault.ids()]
    settings = [(name, vault.setting(name)) for name in ("lock", "mark", "text")]
    return listed, settings, vault.pin_length()


def records(flash):
    """Return a list of all Records in a flash, which is not changed."""
    log = Log(NorFlash(flash.sectors, flash.memory), 2, Blind())
    found = []
    for _ in log.open(found.append):
        pass
    return found
