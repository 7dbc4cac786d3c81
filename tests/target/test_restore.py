# heap: 3M
"""What a restore makes of a vault, and what a drill says of it. Runs on MicroPython."""

import unittest

from norflash import NorFlash
from restores import CODE_KEY, backup_of, bodies, give_up, make, opened, restore
from vaults import closed, hotp, long, power_up, request, run, totp

from otpcore import backup, backup_frame, errors
from otpcore.account import Account
from otpcore.settings import FAVOURITES, LOCK_AFTER, ORDER, USED

PIN = "271828"
STATIC = Account("Mail", "alice", b"correct horse", "static")


def vault_with(*accounts, sectors=8):
    flash = NorFlash(sectors)
    vault = power_up(flash)
    for number, account in enumerate(accounts):
        vault.add(request(number), account)
    return vault, flash


def listed(vault):
    """Return the accounts' records in display order, without the mark of a restored counter."""
    accounts = [vault.get(number) for number in vault.ids()]
    for each in accounts:
        each.behind = False
    return recorded(*accounts)


def recorded(*accounts):
    return [each.to_record() for each in accounts]


class RestoreTest(unittest.TestCase):
    def whole(self, vault, flash, *pins):
        """Assert that nothing is damaged, now and after a power-up."""
        for each in (vault, power_up(NorFlash(flash.sectors, flash.memory), *pins)):
            self.assertEqual((each.state, each.damaged(), each.changed()), ("ready", 0, False))
            self.assertIsNone(each._store.staged)
            self.assertEqual(listed(each), listed(vault))

    def test_onto_an_empty_token_everything_comes_along_in_its_order(self):
        accounts = [totp(3), hotp(1, 7), STATIC, totp(1, 64), long(2)]
        source, _ = vault_with(*accounts)
        source.move(request(50), 5, 0)
        source.change_settings({FAVOURITES: [3, 2], ORDER: USED, LOCK_AFTER: 60})
        vault, flash = vault_with()
        counts = run(restore(vault, make(source)))
        self.assertEqual(counts["added"], 5)
        self.assertEqual(listed(vault), listed(source))
        names = [vault.get(number).name for number in vault.setting(FAVOURITES)]
        self.assertEqual(names, ["alice", "key"])
        self.assertEqual((vault.setting(ORDER), vault.setting(LOCK_AFTER)), (USED, 60))
        self.whole(vault, flash)

    def test_a_token_with_a_pin(self):
        vault, flash = vault_with(totp(1))
        run(vault.set_pin(PIN))
        run(restore(vault, backup_of(totp(2), totp(3))))
        self.assertEqual(listed(vault), recorded(totp(1), totp(2), totp(3)))
        self.whole(vault, flash, PIN)

    def test_a_longer_time_until_it_locks_does_not_come_along(self):
        source, _ = vault_with(totp(1))
        source.set_setting(LOCK_AFTER, 3600)
        vault, _ = vault_with()
        run(restore(vault, make(source)))
        self.assertEqual(vault.setting(LOCK_AFTER), 300)

    def test_a_merge_keeps_what_is_there(self):
        same, other, mine = totp(1), totp(2), totp(4)
        theirs = Account(other.issuer, other.name, b"another secret")
        source, _ = vault_with(same, theirs, totp(3))
        source.set_setting(FAVOURITES, [3])
        parts = make(source)
        for answer, second in ((True, theirs), (False, other)):
            vault, flash = vault_with(mine, other, same)
            vault.set_setting(FAVOURITES, [1])
            counts = run(restore(vault, parts, answer=answer))
            self.assertEqual((counts["skipped"], counts["added"]), (1, 1))
            self.assertEqual((counts["replaced"], counts["kept"]), (int(answer), int(not answer)))
            self.assertEqual(listed(vault), recorded(mine, second, same, totp(3)))
            self.assertEqual(vault.setting(FAVOURITES), [1, 4])
            self.whole(vault, flash)

    def test_the_higher_counter_of_both_counts(self):
        for mine, theirs in ((5, 9), (9, 5), (7, 7)):
            for purpose in ("merge", "replace"):
                vault, flash = vault_with(totp(1), hotp(1, mine))
                run(restore(vault, backup_of(hotp(1, theirs)), purpose))
                number = vault.find("Door 1", "key")
                self.assertEqual(vault.get(number).counter, max(mine, theirs))
                self.whole(vault, flash)

    def test_replace_leaves_nothing_else(self):
        vault, flash = vault_with(totp(1), totp(2), hotp(5, 3))
        vault.move(request(50), 3, 0)
        run(restore(vault, backup_of(totp(2), totp(7)), "replace"))
        self.assertEqual(listed(vault), recorded(totp(2), totp(7)))
        self.whole(vault, flash)
        vault.add(request(60), totp(8))
        self.whole(vault, flash)

    def test_what_is_given_up_leaves_nothing(self):
        vault, flash = vault_with(totp(1))
        run(give_up(vault, backup_of(totp(2), totp(3))))
        self.assertEqual(listed(vault), recorded(totp(1)))
        self.whole(vault, flash)
        run(restore(vault, backup_of(totp(2))))
        self.assertEqual(vault.count(), 2)
        self.whole(vault, flash)

    def test_a_token_that_restarts_in_the_middle_forgets_what_was_staged(self):
        vault, flash = vault_with(totp(1))
        parts = backup_of(*[totp(number) for number in range(2, 20)])
        opening = opened(vault, parts, "merge")
        for number, part in enumerate(bodies(parts)[:2]):
            run(opening.take(number, part, None))
        self.assertGreater(len(vault._store.staged), 3)
        vault = power_up(flash)
        self.assertEqual(listed(vault), recorded(totp(1)))
        self.whole(vault, flash)

    def test_a_vault_too_small_for_it_is_left_as_it_was(self):
        vault, flash = vault_with(totp(1), sectors=6)
        parts = backup_of(*[long(number) for number in range(30)], sectors=16)
        with self.assertRaises(errors.VaultFull):
            run(restore(vault, parts))
        for _ in vault.backups().drop():
            pass
        self.assertEqual(listed(vault), recorded(totp(1)))
        self.whole(vault, flash)

    def test_a_full_vault_can_be_replaced_in_place(self):
        accounts = [long(number) for number in range(10)]
        vault, flash = vault_with(*accounts)
        changed = [Account(a.issuer, a.name, b"%0128d" % 9, algorithm="SHA512") for a in accounts]
        counts = run(restore(vault, backup_of(*changed)))
        self.assertEqual((counts["replaced"], listed(vault)), (10, recorded(*changed)))
        self.whole(vault, flash)


class BadFileTest(unittest.TestCase):
    """Whatever is wrong with a file, nothing of it counts."""

    def setUp(self):
        self.parts = backup_of(totp(1), totp(2), hotp(3, 4))
        self.data = b"".join(self.parts)

    def refused(self, data, reason):
        vault, flash = vault_with(totp(9))
        before = listed(vault)
        try:
            run(restore(vault, [data]))
        except errors.BadBackup as error:
            self.assertEqual(error.args[0], reason)
        else:
            self.fail("it was restored")
        for _ in vault.backups().drop():
            pass
        self.assertEqual(listed(vault), before)
        self.assertEqual(listed(power_up(flash)), before)

    def test_a_byte_changed(self):
        for at in (backup_frame.HEADER_SIZE + 5, len(self.data) // 2, len(self.data) - 1):
            changed = bytearray(self.data)
            changed[at] ^= 4
            self.refused(bytes(changed), "changed")

    def test_cut_short(self):
        for size in (len(self.data) - 1, len(self.data) - 33):
            with self.assertRaises(errors.BadBackup):
                run(restore(vault_with()[0], [self.data[:size]]))
        self.refused(self.data[: len(self.data) - backup_frame.TAG], "short")

    def test_goes_on_behind_its_end(self):
        self.refused(self.data + b"\0", "long")
        self.refused(self.data + self.data, "long")

    def test_records_exchanged(self):
        at, places = backup_frame.HEADER_SIZE, []
        for _ in range(4):
            start, stop = backup.next_record(self.data, at)
            places.append((at, stop))
            at = stop
        (a, b), (c, d) = places[1], places[2]
        data = self.data
        self.refused(data[:a] + data[c:d] + data[a:b] + data[d:], "changed")
        self.refused(data[:a] + data[c:d] + data[c:d] + data[d:], "changed")

    def test_records_of_another_file_of_the_same_code(self):
        other = b"".join(backup_of(totp(1), totp(2), hotp(3, 4)))
        at = backup_frame.HEADER_SIZE
        self.refused(self.data[:at] + other[at:], "changed")

    def test_headers(self):
        for data, reason in (
            (b"OTPX" + self.data[4:], "form"),
            (self.data[:4] + b"\2" + self.data[5:], "version"),
            (self.data[:5] + b"\1" + self.data[6:], "form"),
            (self.data[:40], "short"),
            (b"", "form"),
        ):
            with self.assertRaises(errors.BadBackup) as caught:
                backup_frame.header(data[: backup_frame.HEADER_SIZE])
            self.assertEqual(caught.exception.args[0], reason)
        for at in range(6, 44):  # each byte of the rest is in the tag
            changed = bytearray(self.data)
            changed[at] ^= 1
            try:
                header, tag = backup_frame.header(bytes(changed[: backup_frame.HEADER_SIZE]))
            except errors.BadBackup:
                continue
            self.assertNotEqual(backup_frame.tag(header.key(CODE_KEY)), tag)

    def test_another_code(self):
        header, tag = backup_frame.header(self.data[: backup_frame.HEADER_SIZE])
        self.assertNotEqual(backup_frame.tag(header.key(bytes(32))), tag)


class TransferTest(unittest.TestCase):
    def test_a_part_asked_for_again_is_the_same(self):
        vault, _ = vault_with(*[totp(number) for number in range(20)])
        backups = vault.backups()
        backups.state.code_key = CODE_KEY
        making = backups.make("0123456789AB", 0)
        first = run(making.part(0))
        self.assertEqual(run(making.part(0)), first)
        self.assertNotEqual(run(making.part(1)), first)
        with self.assertRaises(errors.BackupOver):
            run(making.part(0))

    def test_a_part_taken_again_counts_once(self):
        vault, _ = vault_with()
        parts = backup_of(totp(1), totp(2))
        opening = opened(vault, parts, "merge")
        for _ in range(3):
            run(opening.take(0, bodies(parts)[0], None))
        run(opening.finish(0))
        self.assertEqual(listed(vault), recorded(totp(1), totp(2)))

    def test_it_is_over_when_an_account_changes_or_the_vault_locks(self):
        vault, flash = vault_with(hotp(1), totp(2))
        run(vault.set_pin(PIN))
        for change in (lambda: vault.advance(1), vault.lock):
            backups = vault.backups()
            backups.state.code_key = CODE_KEY
            making = backups.make("0123456789AB", 0)
            change()
            with self.assertRaises(errors.BackupOver):
                run(making.part(0))

    def test_a_restore_is_over_when_an_account_changes(self):
        vault, flash = vault_with(hotp(1))
        parts = backup_of(totp(1))
        opening = opened(vault, parts, "merge")
        run(opening.take(0, bodies(parts)[0], None))
        vault.advance(1)
        with self.assertRaises(errors.BackupOver):
            run(opening.finish(0))
        for _ in vault.backups().drop():
            pass
        self.assertEqual(listed(vault), recorded(hotp(1, 1)))

    def test_the_end_has_to_be_there(self):
        vault, _ = vault_with()
        parts = backup_of(totp(1))
        opening = opened(vault, parts, "merge")
        run(opening.take(0, bodies(parts)[0][: -backup_frame.TAG], None))
        with self.assertRaises(errors.BadBackup):
            run(opening.finish(0))
        self.assertEqual(vault.count(), 0)


class StateTest(unittest.TestCase):
    def since(self, vault):
        return list(vault.backups().since())[-1]

    def test_what_came_and_changed_since(self):
        vault, flash = vault_with(totp(1), hotp(2), totp(3))
        make(vault)
        self.assertEqual(self.since(vault), 0)
        vault.advance(2)  # no change that a backup could go with
        self.assertEqual(self.since(vault), 0)
        vault.add(request(70), totp(4))
        self.assertEqual(self.since(vault), 1)
        vault.replace(request(71), 1, totp(1, 40))
        self.assertEqual(self.since(vault), 2)
        run(vault.set_pin(PIN))  # seals everything anew, and changes nothing
        vault = power_up(flash, PIN)
        self.assertEqual(self.since(vault), 2)
        make(vault)
        self.assertEqual(self.since(vault), 0)

    def test_that_one_was_made_is_kept_until_it_is_seen(self):
        vault, flash = vault_with(totp(1))
        self.assertFalse(vault.unseen)
        make(vault)
        self.assertTrue(vault.unseen)
        self.assertTrue(power_up(flash).unseen)
        backups = vault.backups()
        backups.state.seen = True
        backups.save()
        self.assertFalse(power_up(flash).unseen)

    def test_that_one_was_begun_is_kept_before_anything_leaves(self):
        vault, flash = vault_with(totp(1))
        backups = vault.backups()
        backups.state.code_key = CODE_KEY
        backups.make("0123456789AB", 1790000000)
        found = power_up(flash)
        self.assertTrue(found.unseen)
        self.assertEqual(found.backups().state.begun, 1790000000)

    def test_a_drill_compares_and_changes_nothing(self):
        vault, flash = vault_with(totp(1), hotp(2, 3), totp(4))
        parts = make(vault)
        before = listed(vault)
        self.assertEqual(run(restore(vault, parts, "drill"))["same"], 3)
        self.assertEqual(vault.backups().state.drilled, 1790000100)
        vault.advance(2)
        vault.remove(request(80), 1)
        vault.replace(request(81), 3, Account(totp(4).issuer, totp(4).name, b"another secret"))
        counts = run(restore(vault, parts, "drill"))
        self.assertEqual((counts["same"], counts["gone"], counts["other"]), (1, 1, 1))
        self.assertNotEqual(listed(vault), before)
        self.assertEqual(vault.count(), 2)

    def test_switched_off_stays_off_until_a_wipe(self):
        vault, flash = vault_with(totp(1))
        backups = vault.backups()
        backups.state.off = True
        backups.save()
        vault = power_up(flash)
        with self.assertRaises(errors.BackupOver):
            vault.backups().require_allowed()
        run(vault.wipe())
        vault.backups().require_allowed()

    def test_two_groups_of_a_code_are_asked_for(self):
        vault = closed(NorFlash(8))
        run(vault.start())
        codes = set()
        for _ in range(20):
            code, (first, second) = vault.backups().draw()
            self.assertNotEqual(first, second)
            self.assertTrue(0 <= first < 10 and 0 <= second < 10)
            codes.add(code)
        self.assertEqual(len(codes), 20)
