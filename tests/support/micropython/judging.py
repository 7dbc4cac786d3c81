"""Judges a flash that an attacker changed: nothing is lost, or the loss is reported, lastingly.

WHOLE: all accounts, their order, all settings and the PIN are unchanged. SAID: something is lost,
and the vault does not open, or reports it by `damaged` or `changed`, also at the next start after
another account was added. Anything else is an AssertionError.

The environment says how many cases of an attack are tried: ATTACKS=250, or ATTACKS=all, of
which PART=1/2 is the second half, for at most SECONDS, if that is set, in an order that SEED draws.
"""

import os
import random
import time

from norflash import NorFlash
from vaults import power_up, request, totp

from otpcore.errors import VaultDamaged, VaultFull, WireError

SAMPLE = os.getenv("ATTACKS") or "25"
PART, PARTS = [int(each) for each in (os.getenv("PART") or "0/1").split("/")]
SECONDS = int(os.getenv("SECONDS") or 0)
SEED = int(os.getenv("SEED") or 0)
STRIDE = 100003  # a prime: the cases come in an order in which the first ones are of all kinds

WHOLE, SAID = "all there", "said"
SETTINGS = ("lock", "mark", "text")


class Clock:
    """Tells whether the seconds of an attack are over; without a bound they never are."""

    def __init__(self, seconds=SECONDS):
        self._begun = time.time()
        self._seconds = seconds

    @property
    def over(self):
        """Whether they are."""
        return self._seconds > 0 and time.time() - self._begun >= self._seconds


def chosen(count, sample=SAMPLE, seconds=SECONDS):
    """Yield the numbers of the cases to try, of `count`, each once; a sample may hold one twice."""
    if SAMPLE == "all":
        clock = Clock(seconds)
        for place in range(PART, count, PARTS):
            if clock.over:
                return
            yield (place * (STRIDE if count % STRIDE else 1) + SEED) % count
        return
    random.seed(count)
    for _ in range(min(int(sample), count)):
        yield random.randrange(count)


def look(flash, pins):
    """Return (content, vault, whether it reports a loss); content is None if it does not open.

    Content is ({id: record, None if unreadable}, order, settings, length of the PIN).
    """
    try:
        vault = power_up(flash, *pins)
    except WireError:
        return None, None, True
    if vault.state != "ready":
        return None, vault, True
    found = {}
    for number in vault.ids():
        try:
            found[number] = vault.get(number).to_record()
        except VaultDamaged:
            found[number] = None
    settings = [(name, vault.setting(name)) for name in SETTINGS]
    content = found, vault.ids(), settings, vault.pin_length()
    return content, vault, vault.damaged() or vault.changed()


def judge(memory, before, pins, sealed_only=False, olders=(), opens=False):
    """Return WHOLE or SAID; `before` is the content of the flash before the attack.

    With `opens` the vault must open: no more is lost than what was changed.

    With `sealed_only` the settings, which are not sealed, are ignored. `olders` are contents that
    need not be reported at the next start.
    """
    flash = NorFlash(len(memory) // NorFlash.SECTOR, memory)
    content, vault, said = look(flash, pins)
    if content is None:
        if opens:
            raise AssertionError("it does not open")
        return SAID
    whole = same(content, before, sealed_only)
    if not whole and not said:
        raise AssertionError("lost, and nothing is said: %s" % difference(content, before))
    for number, record in content[0].items():
        if record is not None and record != before[0].get(number) and not said:
            raise AssertionError("account %d is another" % number)
    number = go_on(vault)
    content, vault, said = look(flash, pins)
    if content is None or number is not None and number not in content[0]:
        raise AssertionError("it does not go on")
    if not whole and not said:
        content[0].pop(number, None)
        if not any(same(content, each, sealed_only) for each in [before] + list(olders)):
            raise AssertionError("at the next start nothing is said any more")
    return WHOLE if whole else SAID


def go_on(vault):
    """Add an account; return its id, or None if there is no room."""
    try:
        return vault.add(request(77777), totp(77777))
    except VaultFull:
        return None


def same(content, before, sealed_only):
    """Return whether two contents are equal."""
    found, order, settings, pin_length = content
    order = [number for number in order if number in before[0]]
    if found != before[0] or order != before[1] or pin_length != before[3]:
        return False
    return sealed_only or settings == before[2]


def difference(content, before):
    """Return a short description of what differs."""
    lost = [number for number, record in before[0].items() if content[0].get(number) != record]
    more = [number for number in content[0] if number not in before[0]]
    return "lost or other: %s, more: %s, %s, %s" % (lost, more, content[1], content[2])


def tally(name, counts, of=0):
    """Print how many cases of an attack had which result, for tests/attacks/table.py.

    `of` is how many cases there are, where that is known.
    """
    ends = ", ".join('"%s": %d' % end for end in sorted(counts.items()))
    known = ', "of": %d' % of if of else ""
    print('{"attack": "%s", %s%s}' % (name, ends, known))
