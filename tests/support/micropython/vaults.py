"""What tests of the vault share: vaults on flash in RAM, with keys and time of their own."""

import asyncio
import hashlib

import collecting  # noqa: F401 (before the firmware, which imports gc)
from chipkeys import ChipKeys
from norflash import NorFlash

from otpcore.account import Account
from tokenfw.vault import gate as module
from tokenfw.vault import kdf, vault
from tokenfw.vault.log import Log
from tokenfw.vault.states import READY, WrongPin


class Keys:
    """In place of tokenfw.system.entropy.Entropy: keys that never repeat, equal in each run."""

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
    """Stands for `time` in the vault, so that no test waits for a delay."""

    def __init__(self):
        self.now = 0

    def ticks_ms(self):
        return self.now

    def ticks_diff(self, one, other):
        return one - other


clock = Clock()
module.time = clock
kdf.ITERATIONS_MIN = kdf.ITERATIONS_MAX = 4


class AnySpeed:
    """Stands for the board's full_speed()."""

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
    """A log's owner that has no keys."""

    def may_copy(self, record):
        return False


def run(coroutine):
    """Return what a coroutine returns."""
    return asyncio.run(coroutine)


own = ChipKeys(b"this chip")  # the key of the chip that a vault is on, if nothing else is said


def closed(flash, entropy=None, chip_keys=own):
    """Return a Vault on `flash`, as after a power-up, before anything is read."""
    return Vault(flash, entropy or Keys(), AnySpeed, 1, chip_keys)


def power_up(flash, *pins, tidy=True):
    """Return the Vault on `flash`, unlocked by the first of `pins` that is right.

    With `tidy`, it has done what it puts off until there is a picture.
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
    """Return a TOTP account that differs from those of other numbers."""
    secret = hashlib.sha256(b"secret %d" % number).digest() * 4
    return Account("Issuer %d" % number, "user%d@example.com" % number, secret[:length])


def hotp(number, counter=0):
    """Return an HOTP account."""
    return Account("Door %d" % number, "key", b"hotp %d" % number, "hotp", counter=counter)


def long(number):
    """Return an account with the longest record there can be."""
    name = "%064d" % number
    return Account(name, name, b"%0128d" % number, algorithm="SHA512", digits=8)


def request(number):
    """Return a request's id."""
    return b"req%05d" % number


def content(vault):
    """Return all that a READY vault says: [(id, record)], the settings, whether it has a PIN."""
    listed = [(number, vault.get(number).to_record()) for number in vault.ids()]
    settings = [(name, vault.setting(name)) for name in ("lock", "mark", "text")]
    return listed, settings, vault.pin_length()


def records(flash):
    """Return all Records in a flash, which is left alone."""
    log = Log(NorFlash(flash.sectors, flash.memory), 2, Blind())
    found = []
    for _ in log.open(found.append):
        pass
    return found
