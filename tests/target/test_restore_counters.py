# heap: 3M
"""HOTP counters and a restore that is committed, but finished late: the higher one counts.

Codes that were used meanwhile have advanced the counter: set back, it would give them once more,
and the service would refuse them. Runs on MicroPython.
"""

import unittest

from norflash import NorFlash
from restores import backup_of, bodies, make, opened, restore
from vaults import hotp, power_up, request, run, totp

from otpcore.account import Account
from otpcore.errors import Refused
from tokenfw.ui.dialogs import follow_up
from tokenfw.vault.backup import staging
from tokenfw.vault.contents.record_types import CHECK
from tokenfw.vault.flash.log import LogFull

SECTORS = 8
DOOR = "Door 6"


def committed(vault, parts, purpose="merge", answer=True):
    """Commit a restore whose end has not begun yet."""

    async def ask(account):
        return answer

    opening = opened(vault, parts, purpose)
    for number, part in enumerate(bodies(parts)):
        run(opening.take(number, part, ask))
    staging.begin(vault._store, purpose == "replace", {})


def counter(vault, issuer=DOOR):
    """Return the counter of the one account with this issuer."""
    (found,) = [each for each in map(vault.get, vault.ids()) if each.issuer == issuer]
    return found.counter


class RetryTest(unittest.TestCase):
    """The end fails again and again, and the token is used in between."""

    def vault(self, *accounts):
        flash = NorFlash(SECTORS)
        vault = power_up(flash)
        for number, account in enumerate(accounts):
            vault.add(request(1 + number), account)
        return flash, vault

    def finish(self, vault, restart, steps=1):
        """Finish a restore that fails behind so many steps; return how many codes were made.

        A code is made after each try, while the account is there. With `restart` the token is
        restarted each time, too.
        """
        made = 0
        while vault._store.restoring:
            work = staging.finish(vault._store, vault.change_settings)
            for _ in range(steps):
                next(work, None)
            del work
            made += self.advance(vault)
            if restart:
                read_again(vault)
        return made

    def advance(self, vault):
        for number in vault.ids():
            if vault.get(number).issuer == DOOR:
                vault.advance(number)
                return True
        return False

    def rename(self, vault):
        """Rename the first account, as older firmware did before a restore was finished."""
        renamed = vault.get(1)
        renamed.name = "front door"
        vault._store_in(request(50), 1, renamed)

    def test_codes_made_between_two_tries_count(self):
        for theirs, mine in ((50, 41), (50, 49)):
            for restart in (False, True):
                flash, vault = self.vault(totp(1), hotp(6, mine), totp(2))
                committed(vault, backup_of(totp(9), hotp(6, theirs), totp(10)))
                for _ in range(4):
                    vault.advance(2)
                made = self.finish(vault, restart)
                self.assertGreater(made, 2)
                self.assertEqual(counter(vault), max(theirs + made - 1, mine + 4 + made))
                self.assertEqual(counter(power_up(flash)), counter(vault))

    def test_where_it_is_stored_but_what_was_staged_stays(self):
        flash, vault = self.vault(hotp(6, 41))
        committed(vault, backup_of(hotp(6, 50)))
        reserve = vault._store.reserve

        def short(kind, *more):
            if kind == CHECK:
                raise LogFull
            return reserve(kind, *more)

        vault._store.reserve = short
        for number in range(3):
            with self.assertRaises(LogFull):
                list(staging.finish(vault._store, vault.change_settings))
            self.assertEqual(counter(vault), 50 + number)
            vault.advance(1)
        vault._store.reserve = reserve
        list(vault.backups().drop())
        self.assertEqual((counter(vault), counter(power_up(flash))), (53, 53))

    def test_of_both_the_higher_one_is_taken(self):
        for theirs, expected in ((50, 50), (42, 44)):
            flash, vault = self.vault(hotp(6, 41))
            committed(vault, backup_of(hotp(6, theirs)))
            for _ in range(3):
                vault.advance(1)
            list(vault.backups().drop())
            self.assertEqual(counter(vault), expected)
            self.assertEqual(counter(power_up(flash)), expected)

    def test_where_it_replaces_everything_codes_made_meanwhile_count_too(self):
        for restart in (False, True):
            flash, vault = self.vault(totp(1), hotp(6, 60), totp(2))
            committed(vault, backup_of(totp(9), hotp(6, 50), hotp(7, 5)), "replace")
            for _ in range(3):
                vault.advance(2)
            made = self.finish(vault, restart, steps=4)
            self.assertGreater(made, 1)
            self.assertEqual(counter(vault), 63 + made)
            again = power_up(flash)
            self.assertEqual(counter(again), 63 + made)
            self.assertEqual((again.count(), counter(again, "Door 7")), (3, 5))
            self.assertFalse(again.changed() or again.damaged())

    def test_where_it_replaces_everything_a_code_made_as_it_ends_counts_too(self):
        for step in range(1, 12):
            flash, vault = self.vault(hotp(6, 60), totp(2))
            committed(vault, backup_of(totp(9), totp(10), hotp(6, 50), totp(11)), "replace")
            vault.advance(1)
            made = 1
            for number, _ in enumerate(staging.finish(vault._store, vault.change_settings), 1):
                if number == step:
                    made += self.advance(vault)
            self.assertEqual((counter(vault), counter(power_up(flash))), (60 + made, 60 + made))

    def test_where_it_replaces_everything_codes_made_under_a_new_name_count_too(self):
        flash, vault = self.vault(hotp(6, 60))
        committed(vault, backup_of(hotp(6, 50)), "replace")
        self.rename(vault)
        vault.advance(1)
        vault.advance(1)
        list(vault.backups().drop())
        self.assertEqual((counter(vault), counter(power_up(flash))), (62, 62))

    def test_another_secret_that_somebody_agreed_to_is_taken_whatever_the_counter(self):
        flash, vault = self.vault(hotp(6, 90))
        other = Account(DOOR, "key", b"another secret", "hotp", counter=3)
        committed(vault, backup_of(other))
        vault.advance(1)
        list(vault.backups().drop())
        self.assertEqual(vault.get(1).secret, b"another secret")
        self.assertEqual(counter(power_up(flash)), 3)

    def test_what_was_enrolled_anew_meanwhile_stays(self):
        flash, vault = self.vault(totp(1))
        other = Account("Issuer 1", "user1@example.com", b"the secret in the backup")
        committed(vault, backup_of(other))
        newest = Account("Issuer 1", "user1@example.com", b"a secret that came later")
        vault._store_in(request(50), 1, newest)  # as older firmware did
        list(vault.backups().drop())
        self.assertEqual(vault.get(1).secret, newest.secret)
        self.assertEqual(power_up(flash).get(1).secret, newest.secret)

    def test_a_new_name_that_was_given_meanwhile_stays(self):
        flash, vault = self.vault(hotp(6, 41))
        committed(vault, backup_of(hotp(6, 50)))
        self.rename(vault)
        list(vault.backups().drop())
        for each in (vault, power_up(flash)):
            self.assertEqual((each.get(1).name, each.get(1).counter), ("front door", 50))


class BehindTest(unittest.TestCase):
    """Of each restored HOTP account the screen says that its counter may be behind."""

    def restored(self, count, purpose="merge"):
        flash = NorFlash(16)
        vault = power_up(flash)
        vault.add(request(1), hotp(999))
        doors = [hotp(number) for number in range(count)]
        run(restore(vault, backup_of(*doors, totp(1), sectors=16), purpose))
        return flash, vault

    def behind(self, vault):
        return [vault.get(number).issuer for number in vault.ids() if vault.get(number).behind]

    def test_however_many_there_are(self):
        for purpose in ("merge", "replace"):
            flash, vault = self.restored(70, purpose)
            expected = ["Door %d" % number for number in range(70)]
            for each in (vault, power_up(flash)):
                self.assertEqual(self.behind(each), expected)

    def test_whatever_becomes_of_it_until_somebody_says_that_it_is_right(self):
        flash, vault = self.restored(2)
        first, second = [number for number in vault.ids() if vault.get(number).behind]
        vault.advance(first)
        vault.advance(first, request(5))  # a code for the computer
        renamed = vault.get(second)
        renamed.name = "back door"
        vault.replace(request(6), second, renamed)
        run(vault.set_pin("271828"))
        vault = power_up(flash, "271828")
        self.assertEqual(self.behind(vault), ["Door 0", "Door 1"])
        run(follow_up.mend(first, Says(True), vault, Words()))
        self.assertEqual((vault.get(first).counter, vault.get(first).behind), (12, True))
        run(follow_up.mend(first, Says(False), vault, Words()))
        self.assertEqual((vault.get(first).counter, vault.get(first).behind), (12, False))
        self.assertEqual(self.behind(power_up(flash, "271828")), ["Door 1"])

    def test_a_backup_does_not_tell_and_a_new_secret_is_not_behind(self):
        flash, vault = self.restored(1)
        (number,) = [each for each in vault.ids() if vault.get(each).behind]
        parts = make(vault)
        other = power_up(NorFlash(SECTORS))
        opening = opened(other, parts, "merge")
        seen = []

        async def take(place, account, ask):
            seen.append(account.behind)

        opening._take_account = take
        for place, part in enumerate(bodies(parts)):
            run(opening.take(place, part, None))
        self.assertEqual(seen, [False] * vault.count())
        vault.replace(request(7), number, Account("Door 0", "key", b"a new one", "hotp"))
        self.assertEqual(self.behind(vault), [])


class Words:
    """Stands in for the texts of the screen."""

    def rows(self, key):
        return [key, "yes", "no"]


class Says:
    """Stands in for the questions at the token: yes or no."""

    def __init__(self, yes):
        self._yes = yes

    async def ask(self, title, lines, tell, hold=False):
        if not self._yes:
            raise Refused


def read_again(vault):
    """Have a vault without a PIN read its flash, as a start does, but not finish the restore."""
    store = vault._store
    store.lock()
    for _ in store.open():
        pass
    store.unlock({vault._slots.slot.epoch: vault._key})
