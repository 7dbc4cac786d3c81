"""What a request loaded is unloaded when it is over, whatever other requests came in between.

Runs on MicroPython, with the release's own units.py in the place of on_demand.
"""

import unittest

import units
from tokenfw.link.commands import Service
from tokenfw.system import on_demand

DIALOGS = "tokenfw.ui.dialogs.backup_dialogs"
LINK = "a unit of the link"


class Module:
    COMMANDS = {}


class UnloadingTest(unittest.TestCase):
    def setUp(self):
        self.numbers = {}
        self.kept = {name: getattr(on_demand, name) for name in ("load", "forget", "mark", "tidy")}
        on_demand.load, on_demand.forget = self.load, lambda name: units.forget(self.number(name))
        on_demand.mark, on_demand.tidy = units.mark, units.tidy
        self.service = Service(None, None, None)
        self.load(LINK)  # what takes the lines of a request

    def tearDown(self):
        units.tidy()
        for name, function in self.kept.items():
            setattr(on_demand, name, function)

    def number(self, name):
        return self.numbers.setdefault(name, len(self.numbers))

    def load(self, name):
        """Load a unit as units.load() does, without an archive."""
        number = self.number(name)
        if number not in units._loaded:
            units._loaded[number] = Module()
            units._room().append(number)
        return units._loaded[number]

    def loaded(self):
        return sorted(name for name, number in self.numbers.items() if number in units._loaded)

    def ask(self, *methods):
        """Have other programs ask for these: a `status` is unloaded when it was answered."""
        for method in methods:
            self.service._find(method)
            if method == "status":
                self.service._leave()

    def test_what_its_dialogs_loaded_goes_whoever_asked_for_something_meanwhile(self):
        for others in ((), ("status",), ("hello",), ("status", "hello"), ("hello", "status")):
            for more in ((), ("status",), ("clock.read", "status", "hello")):
                self.ask("backup.open")
                self.load(DIALOGS)
                self.ask(*others)
                self.load(DIALOGS)  # what goes on in them is loaded once more
                self.ask(*more)
                self.load(DIALOGS)
                on_demand.tidy(True)  # as backup.open does behind its dialogs
                self.assertFalse(DIALOGS in self.loaded(), (others, more))
                self.assertTrue(LINK in self.loaded(), (others, more))

    def test_the_end_of_a_session_leaves_nothing(self):
        self.ask("status", "backup.open", "status", "hello")
        on_demand.tidy()
        self.assertEqual(self.loaded(), [])
        self.assertEqual(units._passing, [[]])

    def test_the_list_of_what_will_go_needs_no_large_piece_of_memory(self):
        """A computer that asks for one thing after the other has a token load nearly everything."""
        for number in range(40):
            self.load("early %d" % number)
        units.mark()
        for number in range(260):
            self.load("late %d" % number)
        self.assertTrue(max([len(each) for each in units._passing]) <= 33)
        units.mark()  # there is one
        on_demand.forget("early 3")
        on_demand.forget("late 200")
        self.assertEqual(len(self.loaded()), 1 + 39 + 259)
        on_demand.tidy(True)
        self.assertEqual(len(self.loaded()), 1 + 39)
        self.load("later")
        on_demand.tidy(True)  # the mark stays
        self.assertEqual(len(self.loaded()), 1 + 39)
        on_demand.tidy()
        self.assertEqual(self.loaded(), [])
        self.assertEqual(units._passing, [[]])
