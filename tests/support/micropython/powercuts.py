"""Cuts the power at every flash operation of a vault's steps, and checks the result.

A Scenario starts from an image of a flash, and has steps. The steps run once without a
cut; then again for every program and erase in them, with the power cut there, clean or
torn. A power-up must then find the complete content before or after the step that was
cut, and the vault must be usable. The power-up is cut likewise.
"""

import random

from norflash import NorFlash, PowerCut
from vaults import clock, content, power_up, request, run, totp

from otpcore.errors import VaultFull


class Scenario:
    """A scenario. `pins` open the vault before, during or after; `steps` are functions of a Vault.

    The steps start with a vault that is READY, or with the one that opened(flash) returns.
    """

    def __init__(self, name, image, steps, pins=(), opened=None):
        self.name = name
        self.image = image
        self.steps = steps
        self.pins = list(pins)
        self.opened = opened or self.power_up
        self.cuts = self.recoveries = 0  # numbers of cuts, and of cuts in power-ups after them

    def flash(self):
        return NorFlash(len(self.image) // NorFlash.SECTOR, self.image)

    def power_up(self, flash, tidy=True):
        """Return the vault after a power-up, unlocked."""
        return power_up(flash, *self.pins, tidy=tidy)

    def look(self, flash):
        """Return the vault's content after a power-up; raise an error if it is not valid."""
        vault = self.power_up(flash)
        expect(vault.state == "ready", "the vault is %s" % vault.state)
        expect(vault.damaged() == 0, "%d damaged" % vault.damaged())
        expect(not vault.changed(), "the fingerprint differs")
        expect(not vault.pin_length() or vault.attempts_left() == 10, "attempts")
        return content(vault)

    def prepare(self):
        """Run it without a cut; return how many operations there are to cut."""
        flash = self.flash()
        self.contents = [self.look(self.flash())]
        vault = self.opened(flash)
        begun = flash.programs + flash.erases
        for step in self.steps:
            run_step(step, vault)
            self.contents.append(self.look(NorFlash(flash.sectors, flash.memory)))
        return flash.programs + flash.erases - begun

    def run(self, torn_rounds=1, nested=1):
        """Run it without a cut, then with every cut; return how many cuts there were.

        Each cut is made clean, and torn in `torn_rounds` ways; each power-up after it is
        itself cut in `nested` places, clean or torn (None: in all, clean and torn).
        """
        count = self.prepare()
        for number in range(1, count + 1):
            for torn in range(torn_rounds + 1):
                self.cut(number, torn, nested)
        return count

    def cut(self, number, torn, nested):
        """Cut the power at an operation, check the result, and check cuts of the power-up."""
        random.seed(1000 * number + torn)
        flash = self.flash()
        vault = self.opened(flash)
        flash.cut_after(number, torn > 0)
        reached = 0
        try:
            for step in self.steps:
                run_step(step, vault)
                reached += 1
        except PowerCut:
            pass
        expect(reached < len(self.steps), "the power was not cut")
        self.cuts += 1
        left = bytes(flash.memory)
        where = "%s, operation %d, torn %d" % (self.name, number, torn)
        allowed = self.contents[reached : reached + 2]
        operations = self.check(left, allowed, where)
        numbers = list(range(1, operations + 1))
        while nested is not None and len(numbers) > nested:
            numbers.pop(random.randrange(len(numbers)))
        for number in numbers:
            for again in (False, True) if nested is None else ((number + torn) % 2 > 0,):
                flash = NorFlash(flash.sectors, left)
                flash.cut_after(number, again)
                try:
                    power_up(flash, *self.pins)
                except PowerCut:
                    pass
                named = "%s; power-up, operation %d, torn %d" % (where, number, again)
                self.check(bytes(flash.memory), allowed, named)
                self.recoveries += 1

    def check(self, image, allowed, where):
        """Check an image, whose content must be in `allowed`; return the power-up's operations."""
        flash = NorFlash(len(image) // NorFlash.SECTOR, image)
        try:
            found = self.look(flash)
            expect(found in allowed, "neither before nor after: %s" % difference(found, allowed))
            operations = flash.programs + flash.erases
            self.use(NorFlash(flash.sectors, image), found)
        except Exception as error:
            raise AssertionError("%s: %r" % (where, error))
        return operations

    def use(self, flash, found):
        """Use the vault, whose content is `found`."""
        listed, _, pin_length = found
        vault = self.power_up(flash, tidy=False)  # before tidy_up()
        try:
            added = vault.add(request(99999), totp(99999))
        except VaultFull:
            vault.remove(request(99998), listed.pop()[0])
            added = vault.add(request(99999), totp(99999))
        vault.set_setting("mark", 99999)
        listed.append((added, totp(99999).to_record()))
        settings = [("mark", 99999) if each[0] == "mark" else each for each in found[1]]
        expect(self.look(flash) == (listed, settings, pin_length), "it does not go on")


def run_step(step, vault):
    clock.now += 1800000
    result = step(vault)
    if hasattr(result, "send"):
        run(result)


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def difference(found, allowed):
    """Return a short description of how `found` differs from what is allowed."""
    text = ["found %s %s" % ([number for number, _ in found[0]], found[1:])]
    for each in allowed:
        text.append("not %s %s" % ([number for number, _ in each[0]], each[1:]))
        text.append("records of %s" % [a[0] for a, b in zip(found[0], each[0]) if a != b])
    return "; ".join(text)
