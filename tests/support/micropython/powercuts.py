"""Cuts the power at every flash operation of a vault's steps, and checks the result.

A Scenario starts from an image of a flash, and has steps. The steps run once without a
cut, and the flash notes each program and erase. What a cut in one of them leaves is then
that flash before it, with it done in part: clean or torn. A power-up must find the complete
content before or after the step that was cut, and the vault must be usable. The power-up is
cut likewise. An image that came before in a scenario is not checked once more.
"""

import random

from norflash import NorFlash, cut_in, digest
from vaults import clock, content, power_up, request, run, totp

from otpcore.errors import VaultFull


class Scenario:
    """A scenario. `pins` open the vault before, during or after; `steps` are functions of a Vault.

    The steps start with a vault that is READY, or with the one that opened(flash) returns.
    `kind` is the class of the flash, which decides how its operations are torn; of the images that
    cuts leave, whose content is checked, every `used`-th is also used: an account is added.
    """

    kind = NorFlash
    used = 1

    def __init__(self, name, image, steps, pins=(), opened=None):
        self.name = name
        self.image = image
        self.steps = steps
        self.pins = list(pins)
        self.opened = opened or self.power_up
        self.cuts = self.recoveries = 0  # numbers of cuts, and of cuts in power-ups after them

    def flash(self):
        return self.kind(len(self.image) // NorFlash.SECTOR, self.image)

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
        self.journal = flash.journal = []  # of all operations, those of the opening as well
        vault = self.opened(flash)
        self.begun = len(self.journal)
        self.ends = []  # the numbers of operations that were done after each step
        for step in self.steps:
            run_step(step, vault)
            self.ends.append(len(self.journal) - self.begun)
            self.contents.append(self.look(NorFlash(flash.sectors, flash.memory)))
        return self.ends[-1]

    def run(self, torn_rounds=1, nested=1, clean=True, used=1):
        """Run it without a cut, then with every cut; return how many operations were cut.

        Each cut is made clean, unless not `clean`, and torn in `torn_rounds` ways; each power-up
        after it is itself cut in `nested` places, clean or torn (None: in all, clean and torn).
        """
        self.used = used
        count = self.prepare()
        seen = {}
        for number in range(1, count + 1):
            for torn in range(0 if clean else 1, torn_rounds + 1):
                self.cut(number, torn, nested, seen)
        return count

    def cut(self, number, torn, nested, seen=None):
        """Cut the power at an operation, check the result, and check cuts of the power-up.

        What was checked is added to `seen`, a dict, and not checked again.
        """
        random.seed(1000 * number + torn)
        left = cut_in(self.flash(), self.journal, self.begun + number, torn > 0)
        self.cuts += 1
        where = "%s, operation %d, torn %d" % (self.name, number, torn)
        reached = len([end for end in self.ends if end < number])
        allowed = self.contents[reached : reached + 2]
        seen = {} if seen is None else seen
        journal = self.check(left, allowed, where, seen)
        if nested == 0:
            return
        if journal is None:
            journal = self.recovery(left)[1]
        numbers = list(range(1, len(journal) + 1))
        while nested is not None and len(numbers) > nested:
            numbers.pop(random.randrange(len(numbers)))
        for number in numbers:
            for again in (False, True) if nested is None else ((number + torn) % 2 > 0,):
                flash = NorFlash(len(left) // NorFlash.SECTOR, left)
                image = cut_in(flash, journal, number, again)
                named = "%s; power-up, operation %d, torn %d" % (where, number, again)
                self.check(image, allowed, named, seen)
                self.recoveries += 1

    def check(self, image, allowed, where, seen):
        """Check an image, whose content must be in `allowed`.

        Return the journal of the power-up, or None if the image is in `seen`, a dict: by its
        digest, the place of its content in `contents`.
        """
        key, journal = digest(image), None
        if key not in seen:
            try:
                found, journal = self.recovery(image)
                if len(seen) % self.used == 0:
                    self.use(NorFlash(len(image) // NorFlash.SECTOR, image), found)
            except Exception as error:
                raise AssertionError("%s: %r" % (where, error))
            expect_allowed(found, self.contents, where)
            seen[key] = self.contents.index(found)
        expect_allowed(self.contents[seen[key]], allowed, where)
        return journal

    def recovery(self, image):
        """Return (content, journal) of the power-up after a cut that left this image."""
        flash = NorFlash(len(image) // NorFlash.SECTOR, image)
        flash.journal = []
        return self.look(flash), flash.journal

    def use(self, flash, found):
        """Use the vault, whose content is `found`."""
        listed, _, pin_length = found
        listed = list(listed)
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


def expect_allowed(found, allowed, where):
    if found not in allowed:
        different = difference(found, allowed)
        raise AssertionError("%s: neither before nor after: %s" % (where, different))


def difference(found, allowed):
    """Return a short description of how `found` differs from what is allowed."""
    text = ["found %s %s" % ([number for number, _ in found[0]], found[1:])]
    for each in allowed:
        text.append("not %s %s" % ([number for number, _ in each[0]], each[1:]))
        text.append("records of %s" % [a[0] for a, b in zip(found[0], each[0]) if a != b])
    return "; ".join(text)
