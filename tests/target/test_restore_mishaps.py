# heap: 3M
"""A lock, lack of memory or another change while a restore ends: no account is lost by it.

Runs on MicroPython.
"""

import asyncio
import unittest

import impatient  # noqa: F401
from norflash import NorFlash
from restores import CODE_KEY, SERIAL, backup_of, bodies, interrupted, make, opened, restore, staged
from scenarios import PIN, image, several
from vaults import closed, content, hotp, power_up, records, request, run, totp

from otpcore.account import Account, full_name_of
from otpcore.errors import BackupOver, Locked, WireError
from tokenfw.system import on_demand
from tokenfw.vault.backup import staging
from tokenfw.vault.contents import settings
from tokenfw.vault.contents.index import Index
from tokenfw.vault.contents.record_types import RESTORED, STAGED
from tokenfw.vault.contents.store import Store
from tokenfw.vault.flash.log import LogFull

SECTORS = 8


class RestoreMishapTest(unittest.TestCase):
    def setUp(self):
        self.parts = backup_of(totp(1), hotp(6, 50), totp(90), totp(91))

    def staged(self, purpose="merge"):
        """Return (flash, vault, Restore) of a backup that was sent to a vault with a PIN."""
        flash = NorFlash(SECTORS, image(several, PIN))
        return (flash,) + staged(flash, PIN, self.parts, purpose)

    def finds(self, flash, expected):
        """Check what the next start finds."""
        vault = power_up(flash, PIN)
        self.assertEqual((vault.state, vault.damaged(), vault.changed()), ("ready", 0, False))
        listed, *others = content(vault)
        self.assertEqual(sorted(listed), sorted(expected[0]))
        self.assertEqual(others, list(expected[1:]))

    def test_locked_at_any_step_the_next_unlocking_finishes_it(self):
        for purpose in ("merge", "replace"):
            flash, vault, opening = self.staged(purpose)
            run(opening.finish(0))
            expected, at = content(power_up(flash, PIN)), 0
            while True:
                flash, vault, _ = self.staged(purpose)
                staging.begin(vault._store, purpose == "replace", {})
                steps = vault.backups().drop()
                if not all(next(steps, self) is None for _ in range(at)):
                    break
                vault.lock()
                with self.assertRaises(Locked):
                    list(steps)
                self.assertEqual(vault.damaged(), 0)
                run(vault.unlock(PIN))
                found = content(vault)
                self.assertEqual(found[0], expected[0], (purpose, at))
                self.finds(flash, found)
                at += 1
            self.assertGreater(at, 3)

    def test_locked_while_it_is_dropped_the_next_unlocking_drops_it(self):
        flash, vault, _ = self.staged()
        before = content(vault)
        steps = vault.backups().drop()
        next(steps)
        vault.lock()
        with self.assertRaises(Locked):
            list(steps)
        self.finds(flash, before)

    def test_locked_while_it_is_examined_nothing_counts_as_damaged(self):
        flash, vault, opening = self.staged()
        before = content(vault)

        async def lock():
            vault.lock()

        async def both():
            other = asyncio.create_task(lock())
            try:
                await opening.finish(0)
            finally:
                await other

        with self.assertRaises((Locked, BackupOver)):
            run(both())
        self.assertEqual(vault.damaged(), 0)
        self.finds(flash, before)

    def test_an_account_that_changes_at_the_end_of_a_part_ends_it(self):
        vault = power_up(NorFlash(SECTORS))
        vault.add(request(1), hotp(6, 50))
        opening = opened(vault, self.parts, "replace")
        part = b"".join(bodies(self.parts))

        async def press():
            while opening._at <= 4 and not opening.over:  # the last account's turn
                await asyncio.sleep_ms(0)
            vault.advance(1)

        async def both():
            other = asyncio.create_task(press())
            try:
                await opening.take(0, part[:-32], None)
            finally:
                await other

        with self.assertRaises(BackupOver):
            run(both())
            run(opening.take(1, part[-32:], None))

    def test_a_short_lack_of_memory_does_not_stop_it_half_way(self):
        flash, vault, opening = self.staged()
        index, tries = vault._store.index, []
        reserve = index.reserve

        def short():
            tries.append(None)
            if len(tries) < 3:
                raise MemoryError
            reserve()

        index.reserve = short
        run(opening.finish(0))
        self.assertEqual((opening.counts["added"], vault.count()), (2, 7))
        self.finds(flash, content(vault))

    def test_an_account_that_is_added_after_memory_was_too_short_to_finish_it_stays(self):
        flash, vault, opening = self.staged()
        store, committed = vault._store, []
        read, keep = store.log.read, store.keep

        def commit(kind, data):
            committed.append(kind)
            keep(kind, data)

        def short(address):
            if committed and store.staged.holds(address):
                raise MemoryError
            return read(address)

        store.log.read, store.keep = short, commit
        try:
            run(opening.finish(0))
        except MemoryError:
            pass
        store.log.read = read
        run(vault.settle())
        number = vault.add(request(70), totp(70))
        self.assertEqual((vault.count(), committed.count(RESTORED)), (8, 1))
        self.assertEqual(full_name_of(vault.get(number)), full_name_of(totp(70)))
        self.finds(flash, content(vault))

    def test_accounts_that_memory_is_too_short_to_read_again_are_not_shown_as_none(self):
        flash = interrupted(image(several, PIN), PIN, self.parts, "merge")
        vault, opens = closed(flash), Store.open
        run(vault.start())

        def short(store):
            if not store.locked:  # it is read once more, behind the restore
                store.index = Index()
                raise MemoryError
            return opens(store)

        Store.open = short
        try:
            with self.assertRaises(WireError):
                run(vault.unlock(PIN))
        finally:
            Store.open = opens
        self.assertEqual((vault.state, vault.attempts_left()), ("locked", 10))
        run(vault.unlock(PIN))
        self.assertEqual((vault.state, vault.count()), ("ready", 7))
        self.finds(flash, content(vault))

    def test_what_memory_is_too_short_for_is_not_staged_behind_its_back(self):
        flash = NorFlash(SECTORS)
        vault = power_up(flash)
        opening = opened(vault, self.parts, "merge")
        with ShortOf("tokenfw.vault.backup.staged"), self.assertRaises(MemoryError):
            run(opening.take(0, b"".join(bodies(self.parts)), None))
        self.assertFalse([each for each in records(flash) if each.kind == STAGED])

    def test_a_backup_that_follows_one_that_could_not_be_finished_lacks_nothing(self):
        for purpose in ("merge", "replace"):
            flash, vault, _ = self.staged(purpose)
            staging.begin(vault._store, purpose == "replace", {})
            next(staging.finish(vault._store, vault.change_settings))
            run(steps(vault.backups().complete()))
            parts = make(vault)
            other = power_up(NorFlash(SECTORS))
            self.assertEqual(run(restore(other, parts))["added"], 7 if purpose == "merge" else 4)
            self.finds(flash, content(vault))

    def test_what_a_restore_in_progress_has_staged_stays_for_its_end(self):
        _, vault, opening = self.staged()
        run(steps(vault.backups().complete()))
        run(opening.finish(0))
        self.assertEqual((opening.counts["added"], vault.count()), (2, 7))

    def test_memory_too_short_to_note_that_it_is_committed_does_not_empty_the_token(self):
        """Committed in flash alone, its accounts would be dropped, and the others would go."""
        for purpose in ("merge", "replace"):
            flash, vault, opening = self.staged(purpose)
            before = content(vault)
            vault._store.single = Crowded(vault._store.single)
            try:
                run(opening.finish(0))
            except MemoryError:
                pass
            list(vault.backups().drop())
            found = content(power_up(flash, PIN))
            self.assertTrue(found == before or "Issuer 91" in issuers(vault), issuers(vault))
            self.finds(flash, content(vault))

    def test_a_flash_too_full_for_its_settings_does_not_keep_the_vault_shut(self):
        flash = interrupted(image(several, PIN), PIN, self.parts, "merge")
        write, settings.Settings.write = settings.Settings.write, full
        try:
            vault = power_up(flash, PIN)
        finally:
            settings.Settings.write = write
        found = content(vault)
        self.assertEqual((vault.state, vault.count()), ("ready", 7))
        self.finds(flash, found)

    def test_a_backup_whose_end_memory_is_too_short_for_has_no_other_end(self):
        vault = power_up(NorFlash(SECTORS))
        vault.add(request(1), totp(1))
        backups = vault.backups()
        backups.state.code_key = CODE_KEY
        making = backups.make(SERIAL, 0)
        with ShortOf("otpcore.backup_frame"), self.assertRaises(MemoryError):
            run(making.part(0))
        for number in (0, 1):
            with self.assertRaises(BackupOver):
                run(making.part(number))

    def unfinished(self, purpose, restart):
        """Return (flash, vault) with a committed restore that is not finished."""
        flash, vault, _ = self.staged(purpose)
        store = vault._store
        staging.begin(store, purpose == "replace", {})
        if restart:  # and memory, or flash, was too short to finish it
            store.lock()
            run(steps(store.open()))
            store.unlock({vault._slots.slot.epoch: vault._key})
        return flash, vault

    def test_before_it_is_finished_no_account_is_changed_and_none_is_lost(self):
        """What came then was overwritten by the backup: an HOTP account, enrolled anew."""
        anew = Account("Door 6", "key", b"a secret that came later", "hotp", counter=3)
        for purpose, restart in (("merge", False), ("merge", True), ("replace", False)):
            flash, vault = self.unfinished(purpose, restart)
            before = content(vault)
            changes = every_change(vault, anew)
            with ShortOf("tokenfw.vault.backup.staging"):
                run(vault.settle())  # which is tried, and tells nobody
                for change in changes:
                    with self.assertRaises(WireError) as caught:
                        change()
                    self.assertEqual(caught.exception.args, ("no_memory",))
            self.assertEqual(content(vault), before)
            run(vault.settle())
            self.assertEqual(vault.count(), 7 if purpose == "merge" else 4)
            for change in every_change(vault, anew)[:3]:
                change()
            self.assertEqual(vault.get(vault.find("Door 6", "key")).secret, anew.secret)
            self.assertTrue("Issuer 70" in issuers(vault))
            self.finds(flash, content(vault))

    def test_while_accounts_are_left_out_for_lack_of_memory_one_can_be_removed(self):
        _, vault = self.unfinished("merge", True)
        vault._store.missing, count = 1, vault.count()
        run(vault.settle())
        self.assertTrue(vault._store.restoring)
        vault.remove(request(73), vault.id_at(0))
        self.assertEqual(vault.count(), count - 1)


class Crowded(dict):
    """A dict that no key can be added to without memory, which is short."""

    def __setitem__(self, key, value):
        if key not in self:
            raise MemoryError
        super().__setitem__(key, value)


class ShortOf:
    """While it is entered, memory lacks for the module with this name."""

    def __init__(self, name):
        self._name = name
        self._once = on_demand.once

    def __enter__(self):
        on_demand.once = self._load

    def __exit__(self, *_):
        on_demand.once = self._once

    def _load(self, name):
        if name == self._name:
            raise MemoryError
        return self._once(name)


def every_change(vault, anew):
    """Return functions that change accounts; `anew` is an Account that is enrolled again."""
    number = vault.find(anew.issuer, anew.name)
    return (
        lambda: vault.add(request(70), totp(70)),
        lambda: vault.replace(request(71), number, anew),
        lambda: vault.move(request(72), number, 1),
        lambda: vault.remove(request(73), number),
    )


def issuers(vault):
    return [vault.get(number).issuer for number in vault.ids()]


def full(settings):
    """Replace Settings.write(): the flash is full."""
    raise LogFull


async def steps(work):
    for _ in work:
        pass
