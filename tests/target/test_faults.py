"""The record of faults: which ends of a run are counted, and what is kept. Runs on MicroPython."""

import unittest

from tokenfw.power.sleep import Sleep, recall
from tokenfw.system import app
from tokenfw.system.faults import Record


class Sleeping:
    """A board that a press wakes."""

    def sleep(self):
        return lambda: None


POWER = False, False, False  # how a run begins: restarted, hung, woken
RESTART = True, False, False
HANG = False, True, False
WAKE = False, False, True


class FaultsTest(unittest.TestCase):
    def setUp(self):
        self.kept = b""

    def memory(self, data=None):
        if data is None:
            return self.kept
        assert len(data) <= 2048, "ValueError: the chip has no more"
        self.kept = bytes(data)
        return None

    def begin(self, how):
        """Begin a run; return its Record as the next one to look finds it."""
        Record(self.memory).begin(*how)
        return Record(self.memory)

    def fail(self, error):
        try:
            raise error
        except Exception as fault:
            Record(self.memory).note(fault)

    def test_after_the_power_came_there_is_nothing(self):
        record = self.begin(POWER)
        self.assertEqual((record.count, record.text), (0, ""))
        self.assertFalse(record.keeps_coming_back())

    def test_three_crashes_in_a_row_come_back(self):
        self.begin(POWER)
        for count in (1, 2, 3):
            record = self.begin(RESTART)
            self.assertEqual((record.count, record.text), (count, "crashed"))
            self.assertEqual(record.keeps_coming_back(), count == 3)
            self.assertFalse(record.is_hopeless())
        for _ in (4, 5, 6):
            record = self.begin(RESTART)
        self.assertTrue(record.is_hopeless())

    def test_hangs_crashes_and_faults_count_alike(self):
        self.begin(POWER)
        self.begin(HANG)
        self.fail(ValueError("secret"))
        record = self.begin(RESTART)  # which was asked for after the fault
        self.assertEqual(record.count, 2)
        self.assertTrue(record.text.startswith("ValueError test_faults.py:"), record.text)
        self.assertFalse("secret" in record.text)
        self.assertTrue(self.begin(RESTART).keeps_coming_back())

    def test_a_fault_that_memory_is_too_short_to_note_counts_as_a_crash(self):
        """The caller resets, as after any fault; no chip then sleeps, or says it cannot start."""

        def memory(data=None):
            if data is not None and b"OSError" in data:
                raise MemoryError
            return self.memory(data)

        def make_board():
            raise OSError(5)

        for how in (POWER, RESTART, RESTART):
            app.run(make_board, memory, *how, None)
        record = self.begin(RESTART)
        self.assertEqual((record.count, record.text), (3, "crashed"))
        self.assertTrue(record.keeps_coming_back())

    def test_a_good_run_is_none(self):
        self.begin(POWER)
        self.begin(RESTART)
        self.begin(RESTART)
        Record(self.memory).clear()
        self.assertEqual(self.begin(RESTART).count, 1, "the run that was good crashed in the end")

    def test_power_and_a_computer_s_reset_begin_anew(self):
        """The memory may outlive a short loss of power, and the reset by a chip's own USB."""
        for _ in range(2):
            self.begin(RESTART)
            self.begin(RESTART)
            record = self.begin(POWER)
            self.assertEqual((record.count, record.text), (0, ""))

    def test_a_sleep_is_a_good_end_and_its_note_stays(self):
        for note in ((None, 0), (0x463A, 0x46), (0xFFFF, 0x3A)):  # like the mark, too
            self.begin(POWER)
            self.begin(RESTART)
            Sleep(Sleeping, self.memory, lambda: False, True).begin(*note)
            self.assertEqual(self.begin(WAKE).count, 0)
            self.assertEqual(recall(self.memory), (note[0] or 0, note[1]))
            self.assertEqual(self.begin(RESTART).count, 1, "the woken run crashed")

    def test_a_crash_with_the_note_of_a_sleep_is_counted(self):
        self.begin(POWER)
        Sleep(Sleeping, self.memory, lambda: False, True).begin(7, 7)
        self.assertEqual(self.begin(RESTART).count, 1)
        self.assertEqual(recall(self.memory), (7, 7))
        self.assertEqual(Record(self.memory).count, 1)

    def test_another_try_is_the_last_one(self):
        self.begin(POWER)
        for _ in range(4):
            self.begin(RESTART)
        Record(self.memory).try_once_more()
        self.assertFalse(self.begin(RESTART).keeps_coming_back())
        self.assertTrue(self.begin(RESTART).keeps_coming_back())

    def test_a_fault_screen_that_runs_is_not_hopeless(self):
        self.begin(POWER)
        for _ in range(30):
            self.begin(RESTART)
            record = Record(self.memory)
            if record.keeps_coming_back():
                record.stands()
            self.assertFalse(record.is_hopeless())

    def test_what_is_no_record_is_none(self):
        for kept in (
            b"F",
            b"F:",
            b"F:\x83\xff\xfe",
            b"garbage",
            bytes(range(256)) * 8,
            b"F:" * 1024,
            bytes(2046) + b"F:",
        ):
            for how in (POWER, RESTART, HANG, WAKE):
                self.kept = kept
                self.assertFalse(self.begin(how).keeps_coming_back())
                self.fail(ValueError())
                self.assertTrue(Record(self.memory).count >= 1)

    def test_it_takes_few_bytes_and_never_overflows(self):
        class AnExceptionWithANameThatIsLongerThanTheScreenOfATokenIsWide(Exception):
            pass

        self.begin(POWER)
        for _ in range(300):
            self.begin(HANG)
            self.fail(AnExceptionWithANameThatIsLongerThanTheScreenOfATokenIsWide())
        self.assertTrue(len(self.kept) <= 64)
        self.assertTrue(Record(self.memory).is_hopeless())


if __name__ == "__main__":
    unittest.main()
