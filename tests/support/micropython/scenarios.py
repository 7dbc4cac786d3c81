"""Scenarios for powercuts.py that cover everything that a vault writes."""

from chipkeys import chip
from norflash import NorFlash
from powercuts import Scenario
from restores import backup_of, give, give_up, restore
from vaults import closed, hotp, long, own, power_up, request, run, totp

from otpcore.account import Account
from tokenfw.vault.keys.keyslots import KeySlots

SECTORS = 8
PIN, OTHER = "271828", "31415926"


_images = {}  # by what they were asked for


def image(*of, **named):
    """Return the image that new_image() makes, which is made once."""
    key = of, tuple(sorted(named.items()))
    if key not in _images:
        _images[key] = new_image(*of, **named)
    return _images[key]


def new_image(prepare=None, pin=None, sectors=SECTORS, bound=False):
    """Return the image of a vault after prepare(vault), with a PIN and bound if requested."""
    flash = NorFlash(sectors)
    vault = power_up(flash)
    if prepare:
        prepare(vault)
    if pin or bound:
        run(vault.set_pin(pin or "", chip(own) if bound else None))
    return bytes(flash.memory)


def several(vault):
    """Add some accounts, replace one, remove one, and set an order and settings."""
    for number in range(1, 6):
        vault.add(request(number), totp(number))
    vault.add(request(6), hotp(6, 41))
    vault.set_setting("lock", 60)
    vault.set_setting("text", "ü")
    vault.move(request(10), 5, 0)
    vault.remove(request(11), 2)
    vault.replace(request(12), 3, totp(33, 32))


def full(vault):
    """Add as many of the longest accounts as fit; the last change is a replacement."""
    vault.add(request(1), hotp(1))
    number = 2
    while vault._store.room(300):
        vault.add(request(number), long(number))
        number += 1
    vault.replace(request(number), number - 1, long(1000))
    for value in range(20):
        vault.set_setting("mark", value)


def mixed(vault):
    """Leave live records in every sector: accounts, and a counter that advances between them."""
    vault.add(request(1), totp(1))
    vault.add(request(2), totp(2))
    vault.set_setting("lock", 60)
    for number in range(3, 7):
        vault.add(request(number), hotp(6) if number == 6 else totp(number))
    for number in range(7, 20):
        vault.add(request(number), totp(number))
        for _ in range(12):
            vault.advance(6)
    vault.move(request(20), 5, 0)


def about_to_compact(step, pin=None, prepare=mixed):
    """Return an image in which the next `step` compacts a sector that has live records."""
    flash = NorFlash(SECTORS, image(prepare, pin))
    vault = power_up(flash, PIN)
    known = before = b""
    while sector_sources(flash) == known or not known:
        known = sector_sources(flash)
        before = bytes(flash.memory)
        step(vault)
    return before


def sector_sources(flash):
    """Return [(sequence, sequence of the one it replaced)] of sectors with a completed takeover."""
    heads = [flash.read(sector * NorFlash.SECTOR, 28) for sector in range(2, flash.sectors)]
    return [(head[4:8], head[12:16]) for head in heads if not any(head[20:])]


def with_a_worn_key_sector(sealed):
    """Return an image in which the next unlocking has to write the other key sector."""
    flash = NorFlash(SECTORS, sealed)
    slots = KeySlots(flash)
    slots.open()
    while not slots.worn():
        for _ in range(8):
            slots.attempts.begin()
        slots.attempts.forgive()
    return bytes(flash.memory)


def advance(vault):
    vault.advance(6)


def advance_first(vault):
    vault.advance(1)


def mark(vault):
    vault.set_setting("mark", (vault.setting("mark") or 0) + 1)


def add(vault):
    vault.add(request(70), totp(70))


def accounts():
    """Yield the scenarios of changes to accounts and settings."""
    start = image(several)
    yield Scenario("add", start, [add])
    yield Scenario("first add", image(), [add])
    yield Scenario("replace", start, [lambda v: v.replace(request(71), 4, totp(4, 100))])
    yield Scenario("rename", start, [lambda v: v.replace(request(71), 4, totp(44))])
    yield Scenario("move", start, [lambda v: v.move(request(72), 1, 4)])
    yield Scenario("first move", image(add), [lambda v: v.move(request(72), 1, 0)])
    yield Scenario("remove", start, [lambda v: v.remove(request(73), 3)])
    yield Scenario("advance", start, [advance, advance, advance])
    yield Scenario("settings", start, [mark, mark])
    batch = [lambda v, n=n: v.add(request(n), totp(n)) for n in range(80, 84)]
    yield Scenario("batch", start, batch + [lambda v: v.remove(request(90), 7)])


def compactions():
    """Yield the scenarios in which a sector is compacted."""
    yield Scenario("compaction by advance", about_to_compact(advance), [advance, advance])
    yield Scenario("compaction by settings", about_to_compact(mark), [mark, mark])
    yield Scenario(
        "compaction while full",
        about_to_compact(advance_first, prepare=full),
        [advance_first, lambda v: v.remove(request(91), 3), advance_first],
    )


def pins():
    """Yield the scenarios with a PIN."""
    plain, sealed = image(several), image(several, PIN)
    both = (PIN, OTHER)
    yield Scenario("set PIN", plain, [lambda v: v.set_pin(PIN)], both)
    yield Scenario("change PIN", sealed, [lambda v: v.set_pin(OTHER)], both)
    yield Scenario("clear PIN", sealed, [lambda v: v.set_pin("")], both)
    yield Scenario("unlock", sealed, [lambda v: v.unlock(PIN)], both, power_up)
    yield Scenario("settings while locked", sealed, [mark, mark], both, power_up)
    marks = [mark, mark, mark]
    yield Scenario("compaction while locked", about_to_compact(mark, PIN), marks, both, power_up)
    yield Scenario(
        "key sector", with_a_worn_key_sector(sealed), [lambda v: v.unlock(PIN)], [PIN], power_up
    )
    yield Scenario("set PIN while full", image(full), [lambda v: v.set_pin(PIN)], both)
    yield Scenario("wipe", plain, [lambda v: v.wipe()])
    yield Scenario("wipe with PIN", sealed, [lambda v: v.wipe()], both, power_up)
    blank = b"\xff" * (SECTORS * NorFlash.SECTOR)
    yield Scenario("format", blank, [lambda v: v.start()], (), closed)
    changes = [lambda v: v.set_pin(PIN), add, lambda v: v.set_pin(OTHER), advance]
    yield Scenario("PINs in turn", plain, changes, both)
    bound, bind = image(several, PIN, bound=True), chip(own)
    yield Scenario("bind", sealed, [lambda v: v.set_pin(PIN, bind)], both)
    yield Scenario("bind without PIN", plain, [lambda v: v.set_pin("", bind)], both)
    yield Scenario("free", bound, [lambda v: v.set_pin(PIN, b"")], both)
    yield Scenario("change PIN, bound", bound, [lambda v: v.set_pin(OTHER)], both)
    yield Scenario("unlock, bound", bound, [lambda v: v.unlock(PIN)], both, power_up)
    yield Scenario(
        "key sector, bound",
        with_a_worn_key_sector(bound),
        [lambda v: v.unlock(PIN)],
        [PIN],
        power_up,
    )
    yield Scenario("wipe, bound", bound, [lambda v: v.wipe()], both, power_up)


def nearly_full(vault):
    """Add as many of the longest accounts as leave room for a few: so sectors are compacted."""
    vault.add(request(1), hotp(1))
    number = 2
    while vault._store.room(3000):
        vault.add(request(number), long(number))
        number += 1
    for value in range(20):
        vault.set_setting("mark", value)
        vault.advance(1)


def restores():
    """Return the scenarios of restores, which take effect entirely or not at all."""
    other = Account(totp(3).issuer, totp(3).name, b"another secret")
    parts = backup_of(totp(1), other, hotp(6, 50), totp(90), settings={"favourites": [4]})
    start, sealed = image(several), image(several, PIN)
    twice = [lambda v: give_up(v, parts), lambda v: restore(v, parts)]
    few = backup_of(long(2), totp(90))
    return [
        Scenario("merge", start, [lambda v: restore(v, parts)]),
        Scenario("replace", start, [lambda v: restore(v, parts, "replace")]),
        Scenario("restore with a PIN", sealed, [lambda v: restore(v, parts)], (PIN,)),
        Scenario("onto nothing", image(), [lambda v: restore(v, parts)]),
        Scenario("given up, then restored", start, twice),
        Scenario("while nearly full", image(nearly_full), [lambda v: restore(v, few, "replace")]),
    ]


def clones():
    """Return the scenarios of a clone, at the giving and at the taking token."""
    other = Account(totp(3).issuer, totp(3).name, b"another secret")
    given = image(lambda v: [v.add(request(n), a) for n, a in enumerate((totp(1), other, hotp(7)))])
    parts = run(give(power_up(NorFlash(SECTORS, given))))
    start = image(several)
    twice = [lambda v: give_up(v, parts), lambda v: restore(v, parts)]
    return [
        Scenario("a clone is given", given, [lambda v: give(v)]),
        Scenario("a clone is given, with a PIN", image(several, PIN), [lambda v: give(v)], (PIN,)),
        Scenario("a clone is taken", start, [lambda v: restore(v, parts)]),
        Scenario("a clone is taken by an empty token", image(), [lambda v: restore(v, parts)]),
        Scenario("a clone is given up, then taken", image(), twice),
    ]
