# heap: 3M
"""A request of a computer finds a committed restore finished, if it can be: no account that it then
changes is overwritten by the backup's.

Runs on MicroPython.
"""

import asyncio
import unittest

from norflash import NorFlash
from restores import backup_of, bodies, opened
from vaults import content, hotp, power_up, request, run, totp

from otpcore.account import Account
from otpcore.errors import WireError
from tokenfw.link.commands import Service, Token
from tokenfw.system import on_demand
from tokenfw.vault.backup import staging

DOOR = "Door 6"


class Agreeing:
    """Stands in for the dialogs, and the light: the user agrees to everything."""

    def __init__(self):
        self.questions = self

    def turn(self, asker):
        return self

    async def __aenter__(self):
        pass

    async def __aexit__(self, *_):
        pass

    async def ask(self, title, detail, tell, hold=False):
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
        token = Token(vault, None, Agreeing(), None, lambda *_: "%s", None, None)
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


if __name__ == "__main__":
    unittest.main()
