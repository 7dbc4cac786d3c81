"""Tests the vault with power cuts at length: `micropython torture.py SECONDS [SEED]`.

For half of SECONDS at most the cuts of all scenarios, in an order that SEED draws, and each
power-up after it with NESTED cuts of its own. Then, until SECONDS are over, random sequences of
operations, each with a random power cut, on one flash after another. The environment says which
PART of it this is (see judging.py). What fails is printed, and does not end the run.
"""

import random
import sys
import time

import scenarios
from judging import PART, PARTS, WHOLE, Clock, chosen, tally
from norflash import NorFlash, PowerCut
from powercuts import difference, expect, run_step
from vaults import Keys, content, hotp, long, power_up, request, totp

from otpcore.errors import WireError

PINS = ("", "1234", "271828", "31415926535897932384626433832795")
TORN = 3  # ways to tear each operation of a scenario
NESTED = 2  # power-ups after each of these that are cut themselves
FAILED = 10  # failures after which it ends
LENGTH = 60  # operations on one flash


def main(seconds, seed):
    """Run both; return how many cuts and sequences failed."""
    clock = Clock(seconds)
    failed = cut_scenarios(max(1, seconds // 2))
    cuts = 0
    number = 1000 * seed + PART
    while not clock.over and failed < FAILED:
        try:
            cuts += sequence(number)
        except Exception as error:
            failed += 1
            print("FAILED: sequence %d: %r" % (number, error))
        number += PARTS
    tally("power cuts in sequences", {WHOLE: cuts})
    return failed


def cut_scenarios(seconds):
    """Run cuts of all scenarios for so many seconds at most; return how many failed."""
    changes = scenarios.accounts, scenarios.compactions, scenarios.pins
    groups = changes + (scenarios.restores, scenarios.clones)
    found = [scenario for group in groups for scenario in group()]
    places = [
        (scenario, number, torn)
        for scenario in found
        for number in range(1, scenario.prepare() + 1)
        for torn in range(TORN + 1)
    ]
    failed = 0
    for place in chosen(len(places), seconds=seconds):
        scenario, number, torn = places[place]
        try:
            scenario.cut(number, torn, NESTED)
        except Exception as error:
            failed += 1
            print("FAILED: %s, operation %d, torn %d: %r" % (scenario.name, number, torn, error))
            if failed == FAILED:
                break
    tally("power cuts in each operation", {WHOLE: sum([e.cuts for e in found])}, len(places))
    tally("power cuts in restarts", {WHOLE: sum([e.recoveries for e in found])})
    return failed


def sequence(seed):
    """Run a random sequence of operations; return how often the power was cut."""
    random.seed(seed)
    Keys.count = 0
    flash = NorFlash(random.choice((6, 7, 8, 12)))
    pin, cuts = "", 0
    for turn in range(LENGTH):
        name, step, after_pin = operation(power_up(flash, pin), turn, pin)
        where = "seed %d, turn %d, %s" % (seed, turn, name)
        image = bytes(flash.memory)
        whole = NorFlash(flash.sectors, image)
        count = attempt(step, whole, pin)
        allowed = [found(flash, (pin,), where), found(whole, (after_pin,), where)]
        number = random.randrange(1, 2 * count + 2)
        flash = NorFlash(flash.sectors, image)
        if number > count:
            flash = NorFlash(flash.sectors, whole.memory)
        else:
            attempt(step, flash, pin, number)
            cuts += 1
            while random.getrandbits(1):  # the power fails during the power-up
                flash.cut_after(random.randrange(1, 12), random.getrandbits(1))
                try:
                    power_up(flash, pin, after_pin)
                except PowerCut:
                    pass
                flash.power_on()
        now = found(flash, (pin, after_pin), where)
        expect(now in allowed, where + ": " + difference(now, allowed))
        pin = after_pin if now[2] == len(after_pin) else pin
    return cuts


def attempt(step, flash, pin, number=None):
    """Run a step, cut at the flash operation `number` if given; return how many it took."""
    vault = power_up(flash, pin)
    begun = flash.programs + flash.erases
    if number:
        flash.cut_after(number, random.getrandbits(1))
    try:
        run_step(step, vault)
    except (WireError, PowerCut):
        pass
    flash.power_on()
    return flash.programs + flash.erases - begun


def found(flash, pins, where):
    """Return the content that a power-up finds in a copy of a flash; it must be valid."""
    vault = power_up(NorFlash(flash.sectors, flash.memory), *pins)
    expect(vault.state == "ready", "%s: %s" % (where, vault.state))
    expect(not vault.damaged() and not vault.changed(), where + ": damaged or changed")
    return content(vault)


def operation(vault, turn, pin):
    """Return (name, step, PIN afterwards) of a random operation on a vault."""
    ids = vault.ids()
    number = random.choice(ids) if ids else 0
    account = random.choice((totp, hotp, long))(random.randrange(40))
    tag = request(turn)
    kind = random.randrange(12) if ids else 0
    if kind < 4:
        return "add", lambda v: v.add(tag, account), pin
    if kind == 4:
        return "replace %d" % number, lambda v: v.replace(tag, number, account), pin
    if kind == 5:
        return "remove %d" % number, lambda v: v.remove(tag, number), pin
    if kind == 6:
        position = random.randrange(len(ids))
        return "move %d" % number, lambda v: v.move(tag, number, position), pin
    if kind == 7:
        return "setting", lambda v: v.set_setting("text", "x" * (turn * 7 % 200)), pin
    if kind == 8 and random.randrange(3) == 0:
        after = random.choice(PINS)
        return "set PIN", lambda v: v.set_pin(after), after
    if kind == 9 and random.randrange(20) == 0:
        return "wipe", lambda v: v.wipe(), ""
    counters = [each for each in ids if vault.get(each).type == "hotp"]
    return "advance", lambda v: counters and v.advance(counters[turn % len(counters)]), pin


if __name__ == "__main__":
    chosen_seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print("seed", chosen_seed)
    sys.exit(1 if main(int(sys.argv[1]), chosen_seed) else 0)
