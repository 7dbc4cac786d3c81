# heap: 8M
"""Sectors put back as they were once, exchanged, or erased: all is there, or it is said.

A vault is used at random; whoever has the flash kept each state that each sector was in,
between any two of its programs and erases. What an older state of a single sector may do
unnoticed: settings are not sealed and may be older, and so may the count of wrong PINs; a
key sector that says that a wipe was begun is a wipe. Of
several sectors at once: with the key sector among them the whole may be older.
"""

import random
import unittest

from judging import PART, PARTS, SAID, SAMPLE, SEED, WHOLE, Clock, judge, look, same, tally
from norflash import NorFlash
from torture import attempt, operation
from vaults import Keys, power_up

SECTOR = NorFlash.SECTOR
ALL = SAMPLE == "all"
FIRST = 1 + 1000 * SEED + PART
SEEDS = range(FIRST, FIRST + 1000, PARTS) if ALL else (1,)  # a vault each, while there is time
LENGTH = 40  # operations on one flash
OLDER = "older as a whole"
WIPE = b"wipe this vault!"


class Watched(NorFlash):
    """Keeps every state that each sector was in, before each operation."""

    def __init__(self, sectors, image=None):
        super().__init__(sectors, image)
        self.states = [[] for _ in range(sectors)]

    def note(self, sector):
        state = bytes(self.memory[sector * SECTOR : (sector + 1) * SECTOR])
        if state not in self.states[sector]:
            self.states[sector].append(state)

    def program(self, address, data):
        self.note(address // SECTOR)
        super().program(address, data)

    def erase(self, sector):
        self.note(sector)
        super().erase(sector)


def used(seed):
    """Return (flash, PIN, contents) of a vault that was used: its content after each operation."""
    random.seed(seed)
    Keys.count = 0
    flash = Watched(random.choice((6, 7, 8)))
    pin, contents = "", [look(flash, ("",))[0]]  # an empty vault is an older state, too
    for turn in range(LENGTH):
        _, step, after = operation(power_up(flash, pin), turn, pin)
        attempt(step, flash, pin)
        pin = after
        content, _, said = look(flash, (pin,))
        assert not said, "turn %d of seed %d" % (turn, seed)
        contents.append(content)
    return flash, pin, contents


def as_it_was_once(flash):
    """Each sector as it was before each of its operations."""
    every = [(n, state) for n in range(flash.sectors) for state in flash.states[n]]
    if not ALL:
        every = [random.choice(every) for _ in range(int(SAMPLE))]
    for sector, state in every:
        memory = bytearray(flash.memory)
        memory[sector * SECTOR : (sector + 1) * SECTOR] = state
        if memory != flash.memory and WIPE not in state:
            yield memory, "sector %d" % sector


def erased(flash):
    """Each sector erased, or set to zeros."""
    for sector in range(flash.sectors):
        for byte in (b"\xff", b"\0"):
            memory = bytearray(flash.memory)
            memory[sector * SECTOR : (sector + 1) * SECTOR] = byte * SECTOR
            yield memory, "sector %d" % sector


def without_records(flash):
    """All sectors erased but those of the keys."""
    memory = bytearray(flash.memory)
    memory[2 * SECTOR :] = b"\xff" * (len(memory) - 2 * SECTOR)
    yield memory, "all"


def exchanged(flash):
    """Each sector in the place of each other one, and each two exchanged."""
    for one in range(flash.sectors):
        for other in range(flash.sectors):
            if one != other:
                memory = bytearray(flash.memory)
                start, end = one * SECTOR, (one + 1) * SECTOR
                memory[start:end] = flash.memory[other * SECTOR : (other + 1) * SECTOR]
                yield memory, "%d over %d" % (other, one)
                if one < other:
                    memory[other * SECTOR : (other + 1) * SECTOR] = flash.memory[start:end]
                    yield memory, "%d and %d" % (one, other)


def of_different_times(flash):
    """Several sectors, each as it was at some time."""
    for _ in range(200 if ALL else int(SAMPLE)):
        memory = bytearray(flash.memory)
        for sector in range(flash.sectors):
            if flash.states[sector] and random.getrandbits(1):
                state = random.choice(flash.states[sector])
                memory[sector * SECTOR : (sector + 1) * SECTOR] = state
        yield memory, "mixed"


# By what each is called in the table; with the last one the whole may be older.
ATTACKS = (
    ("all records erased", without_records),
    ("an older sector", as_it_was_once),
    ("an erased sector", erased),
    ("mixed sectors", of_different_times),
    ("exchanged sectors", exchanged),
)


class SectorTest(unittest.TestCase):
    def test_sectors_put_back_exchanged_or_erased(self):
        counts = [{WHOLE: 0, SAID: 0, OLDER: 0} for _ in ATTACKS]
        clock = Clock()
        for seed in SEEDS:
            if clock.over:
                break
            flash, pin, contents = used(seed)
            for (name, cases), count in zip(ATTACKS, counts):  # noqa: B905
                random.seed(seed)
                older = cases is of_different_times
                for memory, where in cases(flash):
                    try:
                        count[self.judge(memory, contents, pin, older)] += 1
                    except Exception as error:
                        raise AssertionError("%s, seed %d, %s: %r" % (name, seed, where, error))
        for (name, _), count in zip(ATTACKS, counts):  # noqa: B905
            tally(name, count)

    def judge(self, memory, contents, pin, may_be_older):
        if may_be_older:
            content, vault, said = look(NorFlash(len(memory) // SECTOR, memory), (pin,))
            if content is not None and not said and not same(content, contents[-1], True):
                if not any(same(content, each, True) for each in contents):
                    raise AssertionError("a state that never was")
                return OLDER
        return judge(memory, contents[-1], (pin,), True, contents if may_be_older else ())
