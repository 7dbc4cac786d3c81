# heap: 3M
"""A request of a computer finds a committed restore finished, if it can be: no account that it then
changes is overwritten by the backup's.

Runs on MicroPython.
"""

import asyncio
import unittest

import stacks
from norflash import NorFlash
from restores import backup_of, bodies, opened
from vaults import content, hotp, power_up, request, run, totp

from otpcore.account import Account
from otpcore.errors import WireError
from tokenfw.link.commands import Service, Token
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.dialogs import Dialogs
from tokenfw.ui.dialogs.queue import Person
from tokenfw.ui.menu import Menu
from tokenfw.ui.menu.accounts import Accounts, Favourites
from tokenfw.ui.selection import Selection
from tokenfw.ui.words import Words
from tokenfw.vault.backup import staging

DOOR = "Door 6"


class Agreeing:
    """Stands in for the dialogs, and the light: the user agrees to everything."""

    def __init__(self):
        self.questions = self.pad = self

    def turn(self, asker):
        return self

    async def __aenter__(self):
        pass

    async def __aexit__(self, *_):
        pass

    async def ask(self, title, detail, tell, hold=False):
        pass

    def say(self, title, *lines):
        pass

    def hear(self, heard):
        pass

    def touch(self):
        pass


class FirstTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(8)
        vault = self.vault = power_up(self.flash)
        for number, account in enumerate((totp(1), hotp(6, 41)), 1):
            vault.add(request(number), account)
        parts = backup_of(totp(9), hotp(6, 50))
        opening = opened(vault, parts, "merge")
        for number, part in enumerate(bodies(parts)):
            run(opening.take(number, part, None))
        staging.begin(vault._store, False, {})
        token = Token(vault, None, Agreeing(), None, Words(vault.setting), None, None)
        started = asyncio.Event()
        started.set()
        self.service = Service(token, Agreeing(), started)

    def asked(self, method, **parameters):
        wire = {"request_id": "AAAAAAAA", "method": method, "params": parameters}
        return run(self.service.answer(wire, None, 0))

    def door(self, vault):
        (found,) = [each for each in map(vault.get, vault.ids()) if each.type == "hotp"]
        return found

    def holds(self, count, counter, secret):
        """Check what the vault has, and that a start finds it."""
        again = power_up(self.flash)
        self.assertEqual(content(again), content(self.vault))
        self.assertEqual((again.damaged(), again.changed()), (0, False))
        self.assertEqual(again.count(), count)
        self.assertEqual((self.door(again).counter, self.door(again).secret), (counter, secret))

    def test_an_account_that_is_enrolled_anew_stays(self):
        anew = Account(DOOR, "key", b"a secret that came later", "hotp", counter=3)
        self.asked("accounts.replace", account_id=2, account=anew.to_wire())
        self.holds(3, 3, anew.secret)

    def test_one_that_is_added_is_one_more(self):
        self.asked("accounts.add", account=totp(70).to_wire())
        self.holds(4, 50, hotp(6).secret)

    def test_one_that_is_renamed_keeps_the_higher_counter(self):
        self.asked("accounts.rename", account_id=2, issuer=DOOR, name="front door")
        self.assertEqual(self.door(self.vault).name, "front door")
        self.holds(3, 50, hotp(6).secret)

    def test_one_that_is_removed_does_not_come_back(self):
        self.asked("accounts.remove", account_id=2)
        again = power_up(self.flash)
        self.assertEqual((again.count(), again.find(DOOR, "key")), (2, None))

    def test_what_is_listed_is_what_there_will_be(self):
        self.assertEqual(self.asked("accounts.list", start=0)["total"], 3)

    def test_without_memory_accounts_are_listed_and_none_is_changed(self):
        once = on_demand.once

        def short(name):
            if name.endswith("staging"):
                raise MemoryError
            return once(name)

        on_demand.once = short
        try:
            self.assertEqual(self.asked("accounts.list", start=0)["total"], 2)
            with self.assertRaises(WireError):
                self.asked("accounts.remove", account_id=2)
        finally:
            on_demand.once = once
        self.asked("accounts.list", start=0)
        self.holds(3, 50, hotp(6).secret)


class Canvas:
    """Takes any drawing, and shows nothing."""

    low = False

    def __getattr__(self, name):
        return lambda *_, **__: 0


class ShownTest(unittest.TestCase):
    """The user has the list of accounts open while a computer's request finishes the restore."""

    def setUp(self):
        self.flash = NorFlash(8)
        vault = self.vault = power_up(self.flash)
        for number in range(1, 7):
            vault.add(request(number), totp(number))
        parts = backup_of(totp(9), totp(2))
        opening = opened(vault, parts, "replace")
        for number, part in enumerate(bodies(parts)):
            run(opening.take(number, part, None))
        staging.begin(vault._store, True, {})
        self.words = Words(vault.setting)
        self.stack = stacks.bare()
        self.dialogs = Dialogs(self.stack, vault, self.words)

    def menu(self, page):
        tools = self.stack, Selection(self.vault), self.vault, None, self.words, {}, 2
        menu = Menu(*tools, dialogs=self.dialogs)
        menu.open(page(menu))

    def ask(self, method="accounts.list", **parameters):
        """Have a computer ask for something."""
        token = Token(self.vault, None, self.dialogs, None, self.words, None, None)
        started = asyncio.Event()
        started.set()
        parameters = parameters or {"start": 0}
        wire = {"request_id": "AAAAAAAA", "method": method, "params": parameters}
        return Service(token, Agreeing(), started).answer(wire, None, 0)

    def test_no_list_of_accounts_stays_that_are_not_there(self):
        for page in (Accounts, Favourites):
            self.setUp()
            self.menu(page)
            self.stack.top.at = 5  # the last one
            self.assertEqual(run(self.ask())["total"], 2)
            stacks.paint(self.stack, Canvas())
            self.assertIsInstance(self.stack.top, stacks.Bottom)

    def test_nor_once_the_computer_gives_the_restore_up(self):
        self.menu(Accounts)
        self.stack.top.at = 5
        run(self.ask("transfer.cancel", transfer_id="AAAAAAAA"))
        self.assertEqual(self.vault.count(), 2)
        stacks.paint(self.stack, Canvas())
        self.assertIsInstance(self.stack.top, stacks.Bottom)

    def test_the_user_sees_that_it_is_being_finished(self):
        seen = []

        async def look():
            asked = asyncio.create_task(self.ask())
            while not asked.done():
                seen.append(getattr(self.stack.top, "title", None))
                await asyncio.sleep_ms(0)
            await asked

        run(look())
        self.assertTrue(self.words.rows("restoring")[0] in seen)
        self.assertIsInstance(self.stack.top, stacks.Bottom)

    def test_it_waits_for_the_end_of_a_question_at_the_token(self):
        """Which may be about an account that the restore replaces."""

        async def ask():
            async with self.dialogs.turn(Person()):
                asked = asyncio.create_task(self.ask())
                for _ in range(20):
                    await asyncio.sleep_ms(0)
                count = self.vault.count()
            return count, (await asked)["total"]

        self.assertEqual(run(ask()), (6, 2))


if __name__ == "__main__":
    unittest.main()
