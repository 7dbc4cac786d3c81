"""The clock's log, and the drift that it tells: against clocks whose rate is known."""

import binascii
import unittest

from otpcore import clock_error, clock_log, drift
from otpcore.clock_log import CONFIRMED, FIRST, RUN, UNDERWAY, Entry

START = 1790000000
DAY = 86400
WEEK = 7 * DAY
OLD = [(0, 12, 3), (31280, 10, 0)]  # what that log says: offset, uncertainty, flags


def chip(rate, pauses, within=10, correction=0, errors=()):
    """Return the log of a chip that gains `rate` ppb and is set after `pauses` (s).

    `errors` are by how much each set, from the first on, leaves it wrong (tenths of a ms).
    """
    wrong = list(errors) + [0] * (len(pauses) + 1)
    now = START
    entries = [Entry(now, 0, within, correction, FIRST | CONFIRMED)]
    ahead = wrong[0]
    for number, pause in enumerate(pauses):
        now += pause
        ahead += pause * (rate - correction) // 100000
        left = wrong[number + 1]
        entries.append(Entry(now, left - ahead, within, correction))
        ahead = left
    return entries


class LogTest(unittest.TestCase):
    def test_entries_come_back(self):
        entries = [
            Entry(START, 0, 12, 0, FIRST | CONFIRMED),
            Entry(4102444799, -123456, 65534, -3000, 0),
            Entry(START + 1, 2147483646, 1, 12700, UNDERWAY),
        ]
        found = clock_log.load(clock_log.dump(entries))
        self.assertEqual([vars_of(each) for each in found], [vars_of(each) for each in entries])

    def test_what_is_too_large_saturates_and_says_so(self):
        for offset, within in ((1 << 40, 5), (-(1 << 40), 5), (0, 1 << 20)):
            (entry,) = clock_log.load(clock_log.dump([Entry(START, offset, within)]))
            self.assertTrue(entry.saturated)
            self.assertTrue(entry.offset * offset >= 0)

    def test_a_run_comes_back(self):
        run = Entry(START + 9, -5, 12, 40, RUN, START, 34, 1234)
        entries = [Entry(START, 1, 1), run, Entry(START + 10, 7, 2)]
        found = clock_log.load(clock_log.dump(entries))
        self.assertEqual([vars_of(each) for each in found], [vars_of(each) for each in entries])
        self.assertEqual([each.count for each in found], [1, 34, 1])
        huge = Entry(START, 0, 0, 0, RUN, START, 1 << 20, 1 << 40)
        (found,) = clock_log.load(clock_log.dump([huge]))
        self.assertEqual((found.count, found.total), (0xFFFF, 0xFFFFFFFF))

    def test_the_log_of_the_firmware_before(self):
        text = "MsSbAAAAAAAADAAAAzLEnAAAAHowAAoAAAA="  # two entries, packed by its format
        found = clock_log.load(text)
        self.assertEqual([(each.offset, each.uncertainty, each.flags) for each in found], OLD)
        self.assertEqual([each.count for each in found], [1, 1])

    def test_a_log_cut_short_is_none(self):
        data = binascii.a2b_base64(clock_log.dump([Entry(START, 0, 0, 0, RUN)]))
        for size in range(1, len(data)):
            with self.assertRaises(ValueError):
                clock_log.load(binascii.b2a_base64(data[:size]))

    def test_none_and_nonsense(self):
        self.assertEqual(clock_log.load(clock_log.dump([])), [])
        for text in ("AAAA", "x"):
            with self.assertRaises(ValueError):
                clock_log.load(text)


def vars_of(entry):
    run = entry.first, entry.count, entry.total
    return entry.time, entry.offset, entry.uncertainty, entry.correction, entry.flags, run


class DriftTest(unittest.TestCase):
    def check(self, entries, rate, within_most):
        found = drift.measure(entries)
        self.assertTrue(
            abs(found.rate - rate) <= found.uncertainty, (found.rate, found.uncertainty)
        )
        self.assertTrue(found.uncertainty <= within_most, found.uncertainty)
        return found

    def test_two_syncs_a_week_apart(self):
        for rate in (3000, -3000, 0, 47, 100000, -100000):
            self.check(chip(rate, [WEEK]), rate, 20)

    def test_none_without_two_syncs(self):
        self.assertEqual(drift.measure([]), None)
        self.assertEqual(drift.measure(chip(3000, [])), None)

    def test_a_sync_shortly_after_another_spoils_nothing(self):
        before = drift.measure(chip(3000, [WEEK], 10, 0, [10, -10]))
        after = drift.measure(chip(3000, [WEEK, 60, 5], 10, 0, [10, -10, 10, -10]))
        self.assertTrue(abs(after.rate - 3000) <= abs(before.rate - 3000) + 3)
        self.assertTrue(after.uncertainty <= before.uncertainty + 3)

    def test_more_syncs_know_it_better(self):
        uncertain = [40, -40, 40, -40, 40, -40, 40, -40]
        one = self.check(chip(-1234, [DAY], 50, 0, uncertain), -1234, 300)
        seven = self.check(chip(-1234, [DAY] * 7, 50, 0, uncertain), -1234, 60)
        self.assertTrue(seven.uncertainty * 3 < one.uncertainty)

    def test_one_that_knows_the_time_badly_between_two_good_ones_costs_nothing(self):
        entries = chip(3000, [WEEK, WEEK], 10, 0, [0, 20000, 0])
        entries[1].uncertainty = 25000
        self.check(entries, 3000, 10)

    def test_what_a_correction_takes_off_is_put_back(self):
        for correction in (3000, -12800):
            entries = chip(3100, [WEEK, WEEK], 10, correction)
            self.check(entries, 3100, 15)
        changed = chip(3000, [WEEK]) + chip(3000, [WEEK], 10, 3000)[1:]
        changed[2].time += WEEK
        changed[1].correction = 3000
        self.check(changed, 3000, 15)

    def test_a_clock_that_was_lost_in_between_begins_anew(self):
        first, then = chip(5000, [WEEK]), chip(5000, [3 * WEEK])
        for each in then:
            each.time += 2 * WEEK
        found = self.check(first + then, 5000, 10)
        self.assertEqual(found.span, 3 * WEEK)
        self.check(first + then[:1], 5000, 20)  # the older stretch still counts

    def test_a_wrong_time_that_somebody_set_is_no_drift(self):
        entries = chip(1000, [WEEK, DAY, WEEK])
        entries[2].offset += 36000000  # an hour on, confirmed
        entries[2].flags = CONFIRMED
        self.check(entries, 1000, 20)

    def test_an_interrupted_set_begins_anew(self):
        entries = chip(1000, [WEEK, WEEK, 2 * WEEK])
        entries[2].flags |= UNDERWAY
        entries[2].offset += 5000
        entries[3].flags |= FIRST
        found = self.check(entries, 1000, 20)
        self.assertEqual(found.span, WEEK)

    def test_syncs_at_the_same_second_or_backwards(self):
        entries = chip(1000, [WEEK]) + chip(1000, [WEEK])
        drift.measure(entries + entries)
        drift.measure([Entry(START, 0, 10), Entry(START, 5, 10), Entry(START - 5, 5, 10)])

    def test_how_far_off_and_until_when(self):
        entry = Entry(START, 0, 10)
        self.assertEqual(clock_error.now(entry, START, 3000, 500), 2)
        year = 365 * DAY
        # 3.5 ppm of a year are 110.4 s.
        self.assertTrue(110000 < clock_error.now(entry, START + year, -3000, 500) < 110500)
        refused = clock_error.codes_valid_until(entry, 3000, 0)
        self.assertTrue(abs(refused - START - 10000000) < 1000)  # 30 s of 3 ppm
        self.assertTrue(clock_error.codes_valid_until(entry, 0, 0) > START + 100 * year)


if __name__ == "__main__":
    import sys

    sys.exit(not unittest.main().wasSuccessful())
