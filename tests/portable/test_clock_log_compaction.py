"""The clock's log kept short: nobody pushes out of it what counts, and it tells the same drift."""

import random
import unittest

from otpcore import clock_log, drift
from otpcore.clock_log import CALIBRATED, CONFIRMED, FIRST, FOLDED, GAP, RUN, UNDERWAY, Entry
from otpcore.clock_log_compaction import KEPT, shortened

START = 1790000000
DAY = 86400
A_DAY = DAY * 10000  # in tenths of a millisecond
HARVEST = [
    Entry(START, 0, 10, 0, FIRST | CONFIRMED),
    Entry(START + 9 * DAY, A_DAY, 10, 0, CONFIRMED),
    Entry(START + 8 * DAY + 60, -A_DAY, 10, 0, CONFIRMED),
]


def logged(entries, log=()):
    """Return the log after these sets, each of which is under way first; as flash keeps it."""
    log = list(log)
    for entry in entries:
        flags, entry.flags = entry.flags, entry.flags | UNDERWAY
        log = clock_log.load(clock_log.dump(shortened(log + [entry])))
        entry.flags = flags
        log = clock_log.load(clock_log.dump(shortened(log[:-1] + [entry])))
    return log


def silent(count, pause=6, offset=1, start=START + 9 * DAY, flags=0):
    """Return silent sets, one every `pause` seconds."""
    return [Entry(start + pause * n, offset, 10, 0, flags) for n in range(1, count + 1)]


class RunTest(unittest.TestCase):
    def harvest_is_there(self, log):
        offsets = [each.offset for each in log if each.flags & CONFIRMED]
        self.assertEqual(offsets, [0, A_DAY, -A_DAY])
        self.assertTrue(len(log) <= KEPT)

    def test_silent_sets_in_a_row_push_nothing_out(self):
        log = logged(silent(34), logged(HARVEST))
        self.harvest_is_there(log)
        self.assertEqual(len(log), 5)
        first, run = log[3:]
        self.assertEqual((first.count, first.time), (1, START + 9 * DAY + 6))
        self.assertEqual((run.flags, run.count, run.offset), (RUN, 33, 33))
        self.assertEqual((run.first, run.time), (START + 9 * DAY + 12, START + 9 * DAY + 204))
        self.assertEqual(run.total, 33)  # each at least a millisecond: amounts are rounded up

    def test_sets_to_and_fro_add_up_in_amount(self):
        sets = silent(10, offset=500)
        for each in sets[::2]:
            each.offset = -500
        run = logged(sets)[-1]
        self.assertEqual((run.offset, run.total, run.count), (500, 450, 9))

    def test_whatever_nobody_confirmed_pushes_no_confirmed_one_out(self):
        kinds = (0, UNDERWAY, CALIBRATED, clock_log.NO_CHIP | UNDERWAY)
        for seed in range(10):
            random.seed(seed)
            log = logged(HARVEST)
            time = START + 9 * DAY
            for _ in range(200):
                time += random.choice((-5, 0, 1, 100, DAY))
                offset = random.choice((0, 3, -3, 9999, -9999, 10001, 100000))
                within = random.choice((1, 10, 1000, 1 << 20))
                entry = Entry(
                    time, offset, within, random.choice((0, 0, 120)), random.choice(kinds)
                )
                log = shortened(log + [entry])
                log = clock_log.load(clock_log.dump(log))
            self.harvest_is_there(log)
            self.assertEqual(sum(each.count for each in log), 203)

    def test_large_ones_are_kept_apart(self):
        later = START + 9 * DAY + 60
        sets = silent(3) + silent(1, 1, 60000, later) + silent(3, 6, 1, later + 60)
        log = logged(sets, logged(HARVEST))
        self.assertEqual([each.offset for each in log[3:]], [1, 2, 60000, 3])

    def test_older_confirmed_ones_are_counted_when_there_are_too_many(self):
        log = []
        for n in range(50):
            log = logged([Entry(START + n * DAY, (-1) ** n * A_DAY, 10, 0, CONFIRMED)], log)
        self.assertEqual(len(log), KEPT)
        folded = log[0]
        self.assertEqual(folded.flags, RUN | FOLDED | CONFIRMED)
        self.assertEqual((folded.count, folded.first), (19, START))
        self.assertEqual(folded.total, 19 * DAY * 1000)
        self.assertEqual(sum(each.count for each in log), 50)

    def test_confirmed_and_silent_ones_by_turns(self):
        log, confirmed = [], 0
        for n in range(100):
            log = logged([Entry(START + n * DAY, 3, 10, 0, CONFIRMED * (n % 2))], log)
            confirmed = sum(1 for each in log if each.flags & ~GAP == CONFIRMED)
        self.assertTrue(confirmed >= 16, confirmed)
        self.assertEqual(sum(each.count for each in log), 100)

    def test_what_is_logged_last_stays_the_last(self):
        log = logged(silent(50))
        self.assertEqual((log[-1].time, log[-1].correction), (START + 9 * DAY + 300, 0))
        log = shortened(log + [Entry(START + 10 * DAY, 1, 10, 0, UNDERWAY)])
        self.assertEqual(log[-1].flags, UNDERWAY)


class DriftTest(unittest.TestCase):
    """A chip's drift is measured from the short log as well as from the whole one."""

    def test_the_drift_is_the_same(self):
        for seed in range(20):
            random.seed(seed)
            rate = random.randrange(-30000, 30000)
            whole, log, now, ahead = [], [], START, 0
            for n in range(60):
                passed = random.choice((60, 3600, DAY, 7 * DAY))
                now += passed
                ahead += passed * rate // 100000
                left = random.randrange(-10, 11)
                flags = FIRST | CONFIRMED if n == 0 else 0
                entry = Entry(
                    now, left - ahead if n else 0, random.choice((10, 10, 2500)), 0, flags
                )
                ahead = left
                whole.append(Entry(entry.time, entry.offset, entry.uncertainty, 0, flags))
                log = logged([entry], log)
            self.assertTrue(len(log) < 12, len(log))
            known, found = drift.measure(whole), drift.measure(log)
            self.assertTrue(abs(found.rate - rate) <= found.uncertainty, (seed, rate, found.rate))
            self.assertTrue(
                found.uncertainty <= 2 * known.uncertainty + 10,
                (found.uncertainty, known.uncertainty),
            )

    def test_what_was_folded_spoils_no_drift(self):
        for rate in (3000, -20000):
            log = [Entry(START, 0, 10, 0, FIRST | CONFIRMED)]
            for n in range(1, 60):
                gained = 86400 * rate // 100000
                log = shortened(log + [Entry(START + n * DAY, -gained, 10, 0, CALIBRATED)])
            self.assertTrue(log[0].flags & FOLDED)
            found = drift.measure(log)
            self.assertTrue(abs(found.rate - rate) <= found.uncertainty, (rate, found.rate))
            self.assertTrue(found.span > 10 * DAY)
