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

from judging import PART, PARTS, SAID, SAMPLE, WHOLE, judge, look, same, tally
from norflash import NorFlash
from torture import attempt, operation
from vaults import Keys, power_up

SECTOR = NorFlash.SECTOR
ALL = SAMPLE == "all"
SEEDS = range(1 + PART, 41, PARTS) if ALL else (1,)
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


def used(seed, last=[None, None]):  # noqa: B006 (it keeps the last one)
    """Return (flash, PIN, contents) of a vault that was used: its content after each operation."""
    if last[0] != seed:
        last[:] = seed, use(seed)
    return last[1]


def use(seed):
    random.seed(seed)
    Keys.count = 0
    flash = Watched(random.choice((6, 7, 8)))
    pin, contents = "", []
    for turn in range(LENGTH):
        _, step, after = operation(power_up(flash, pin), turn, pin)
        attempt(step, flash, pin)
        pin = after
        content, _, said = look(flash, (pin,))
        assert not said, "turn %d of seed %d" % (turn, seed)
        contents.append(content)
    return flash, pin, contents


class SectorTest(unittest.TestCase):
    def attack(self, name, cases):
        """Judge the images that `cases(flash)` yields for each vault, with their names."""
        counts = {WHOLE: 0, SAID: 0, OLDER: 0}
        for seed in SEEDS:
            flash, pin, contents = used(seed)
            random.seed(seed)
            for memory, where, may_be_older in cases(flash):
                try:
                    counts[self.judge(memory, contents, pin, may_be_older)] += 1
                except Exception as error:
                    raise AssertionError("seed %d, %s: %r" % (seed, where, error))
        tally(name, counts)

    def judge(self, memory, contents, pin, may_be_older):
        if may_be_older:
            content, vault, said = look(NorFlash(len(memory) // SECTOR, memory), (pin,))
            if content is not None and not said and not same(content, contents[-1], True):
                if not any(same(content, each, True) for each in contents):
                    raise AssertionError("a state that never was")
                return OLDER
        return judge(memory, contents[-1], (pin,), True, contents if may_be_older else ())

    def test_one_sector_as_it_was_once(self):
        def cases(flash):
            every = [(n, state) for n in range(flash.sectors) for state in flash.states[n]]
            if not ALL:
                every = [random.choice(every) for _ in range(int(SAMPLE))]
            for sector, state in every:
                memory = bytearray(flash.memory)
                memory[sector * SECTOR : (sector + 1) * SECTOR] = state
                if memory != flash.memory and WIPE not in state:
                    yield memory, "sector %d" % sector, False

        self.attack("an older sector", cases)

    def test_one_sector_erased_or_zeroed(self):
        def cases(flash):
            for sector in range(flash.sectors):
                for byte in (b"\xff", b"\0"):
                    memory = bytearray(flash.memory)
                    memory[sector * SECTOR : (sector + 1) * SECTOR] = byte * SECTOR
                    yield memory, "sector %d" % sector, False

        self.attack("an erased sector", cases)

    def test_all_records_erased(self):
        def cases(flash):
            memory = bytearray(flash.memory)
            memory[2 * SECTOR :] = b"\xff" * (len(memory) - 2 * SECTOR)
            yield memory, "all", False

        self.attack("all records erased", cases)

    def test_two_sectors_exchanged(self):
        def cases(flash):
            for one in range(flash.sectors):
                for other in range(flash.sectors):
                    if one != other:
                        memory = bytearray(flash.memory)
                        start, end = one * SECTOR, (one + 1) * SECTOR
                        memory[start:end] = flash.memory[other * SECTOR : (other + 1) * SECTOR]
                        yield memory, "%d over %d" % (other, one), False
                        if one < other:
                            memory[other * SECTOR : (other + 1) * SECTOR] = flash.memory[start:end]
                            yield memory, "%d and %d" % (one, other), False

        self.attack("exchanged sectors", cases)

    def test_sectors_of_different_times(self):
        def cases(flash):
            for _ in range(200 if ALL else int(SAMPLE)):
                memory = bytearray(flash.memory)
                for sector in range(flash.sectors):
                    if flash.states[sector] and random.getrandbits(1):
                        state = random.choice(flash.states[sector])
                        memory[sector * SECTOR : (sector + 1) * SECTOR] = state
                yield memory, "mixed", True

        self.attack("mixed sectors", cases)
