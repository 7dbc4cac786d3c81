# heap: 3M
"""Once a record is committed nothing fails for lack of memory: else what the vault has in memory
would not be what is in flash.

First each allocation fails that follows a commit; then all code is missing that a release loads
when it is called, and that was not called before. Runs on MicroPython.
"""

import json
import unittest

import micropython
from norflash import NorFlash
from restores import backup_of, bodies, opened
from vaults import content, hotp, power_up, request, run, totp

from otpcore.account import Account
from tokenfw.vault.backup import staging
from tokenfw.vault.contents import index, store
from tokenfw.vault.contents.record_types import SETTINGS
from tokenfw.vault.flash import log, records, sectors
from tokenfw.vault.keys import keyslots

SECTORS = 8


def note(vault):
    backups = vault.backups()
    backups.state.begun = 5
    backups.save()


CHANGES = {
    "add": lambda vault: vault.add(request(10), totp(10)),
    "replace": lambda vault: vault.replace(request(10), 2, totp(11)),
    "remove the first": lambda vault: vault.remove(request(10), 1),
    "remove the last": lambda vault: vault.remove(request(10), 3),
    "make a code": lambda vault: vault.advance(3),
    "move": lambda vault: vault.move(request(10), 3, 0),
    "note a backup": note,
}
SET = "change a setting"
CHANGES[SET] = lambda vault: vault.set_setting("mark", 2)


class Whole:
    """Memory that is never short."""

    def begin(self):
        """Memory is short from now on."""

    def end(self):
        """It is not any more."""


class Locked(Whole):
    """Every allocation is a MemoryError while it is short."""

    short = False

    def begin(self):
        if not self.short:
            self.short = True
            micropython.heap_lock()

    def end(self):
        if self.short:
            micropython.heap_unlock()
            self.short = False


class Apart(Whole):
    """Methods of the vault that a release loads when they are called: not while it is short.

    As the build does it, those come together that the same recorded occasions need.
    """

    def __init__(self):
        self.short = False
        self._homes = {}  # (class, name): (method, key of its unit)
        with open("firmware/rest.json") as file:
            record = json.load(file)
        for module in (index, store, log, records, sectors, keyslots):
            for title, owner in list(module.__dict__.items()):
                if isinstance(owner, type) and hasattr(owner, "__dict__"):
                    self._part(record, "%s:%s" % (module.__name__, title), owner)

    def _part(self, record, title, owner):
        for name, method in list(owner.__dict__.items()):
            path = "%s.%s" % (title, name)
            if path in record["used"] and callable(method) and name != "__init__":
                self._homes[owner, name] = method, record["used"][path]
        if any(found is owner for found, _ in self._homes):
            owner.__getattr__ = lambda self_, name: self._find(self_, name)

    def unload(self):
        """Have all be loaded anew."""
        for owner, name in self._homes:
            if name in owner.__dict__:
                delattr(owner, name)

    def load(self):
        """Have all be there, as in the sources."""
        for (owner, name), (method, _) in self._homes.items():
            setattr(owner, name, method)

    def _find(self, instance, name):
        owner = type(instance)
        while (owner, name) not in self._homes:
            if owner is object:
                raise AttributeError(name)
            owner = owner.__bases__[0]
        if self.short:
            raise MemoryError
        _, home = self._homes[owner, name]
        for (each, other), (method, where) in self._homes.items():
            if where == home:
                setattr(each, other, method)
        return getattr(instance, name)

    def begin(self):
        self.short = True

    def end(self):
        self.short = False


class After:
    """While it is entered, memory is short from each commit on, until the next one is prepared.

    After one of settings only `with_settings`: in a restore another record follows at once.
    """

    def __init__(self, vault, memory, with_settings=False):
        self._log, self._memory = vault._store.log, memory
        self._spared = None if with_settings else SETTINGS
        self._reserve, self._commit = self._log.reserve, self._log.commit

    def __enter__(self):
        # With one variable of the function around them, as more would take memory at a call.
        def reserve(kind, number, mark, size, plain=False):
            self._memory.end()
            return self._reserve(kind, number, mark, size, plain)

        def commit(record, body):
            self._commit(record, body)
            if record.kind != self._spared:
                self._memory.begin()

        self._log.reserve, self._log.commit = reserve, commit

    def __exit__(self, kind, error, trace):  # by name: a tuple would take memory
        self._memory.end()
        del self._log.commit, self._log.reserve


def vault_of_three():
    """Return (flash, vault) with two TOTP accounts and one of HOTP."""
    flash = NorFlash(SECTORS)
    vault = power_up(flash)
    for number, account in enumerate((totp(1), totp(2), hotp(3, 7)), 1):
        vault.add(request(number), account)
    vault.set_setting("mark", 1)
    return flash, vault


def committed(purpose, parts):
    """Return (flash, vault, steps): they finish a committed restore, before which a code was made.

    It replaces an account, or all of them, and adds others.
    """
    flash, vault = vault_of_three()

    async def agree(account):
        return True

    opening = opened(vault, parts, purpose)
    for number, part in enumerate(bodies(parts)):
        run(opening.take(number, part, agree))
    staging.begin(vault._store, purpose == "replace", {"favourites": [2]})
    vault.advance(3)
    return flash, vault, staging.finish(vault._store, vault.change_settings)


class CommitTest(unittest.TestCase):
    def same(self, flash, vault, what):
        """Check that a start finds what the vault holds."""
        again = power_up(NorFlash(SECTORS, flash.memory))
        self.assertEqual(sorted(content(again)[0]), sorted(content(vault)[0]), what)
        self.assertEqual(content(again)[1:], content(vault)[1:], what)
        self.assertEqual(again.damaged(), 0, what)
        self.assertFalse(again.changed(), what)

    def test_no_change_takes_memory(self):
        for name, change in CHANGES.items():
            flash, vault = vault_of_three()
            with After(vault, Locked(), name == SET):
                change(vault)
            self.same(flash, vault, name)

    def test_nor_does_the_end_of_a_restore(self):
        for purpose in ("merge", "replace"):
            flash, vault, steps = self.restore(purpose)
            memory = Locked()
            with After(vault, memory):
                while next(steps, 0) is None:
                    memory.end()
            self.restored(flash, vault, purpose)

    def test_no_change_loads_code(self):
        memory = Apart()
        try:
            for name, change in CHANGES.items():
                memory.load()
                flash, vault = vault_of_three()
                memory.unload()
                with After(vault, memory, name == SET):
                    change(vault)
                self.same(flash, vault, name)
        finally:
            memory.load()

    def test_nor_does_the_end_of_a_restore_load_any(self):
        memory = Apart()
        try:
            for purpose in ("merge", "replace"):
                memory.load()
                flash, vault, steps = self.restore(purpose)
                more = True
                while more:
                    memory.unload()
                    with After(vault, memory):
                        more = next(steps, 0) is None
                self.restored(flash, vault, purpose)
        finally:
            memory.load()

    def restore(self, purpose):
        other = Account("Issuer 2", "user2@example.com", b"the secret in the backup")
        return committed(purpose, backup_of(totp(7), other, hotp(3, 7), totp(8)))

    def restored(self, flash, vault, purpose):
        self.assertEqual(vault.count(), 5 if purpose == "merge" else 4)
        (door,) = [each for each in map(vault.get, vault.ids()) if each.type == "hotp"]
        self.assertEqual(door.counter, 8)
        self.same(flash, vault, purpose)


if __name__ == "__main__":
    unittest.main()
