"""The check of the names in docstrings, on a few modules of its own."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tools.docstrings import gone  # noqa: E402

STORE = '''
class Store:
    def open(self, path): """Open `path`; see shelf.py, and pick() of a subclass."""
'''
SHELF = '''
from store import Store

class Shelf(Store):
    def pick(self, wanted): """Call `match(wanted, place)`; `place` is from open()."""
'''


def lines(**modules):
    return list(gone({f"host/{name}.py": text for name, text in modules.items()}))


def test_names_of_the_module_and_of_those_beside_it_exist() -> None:
    assert lines(store=STORE, shelf=SHELF.replace("match(", "pick(")) == []


def test_a_name_that_is_gone_is_reported_with_its_place() -> None:
    renamed = SHELF.replace("def pick", "def take").replace("`place` is", "`spot` is")
    assert lines(store=STORE, shelf=renamed) == [
        "host/store.py:3: pick() does not exist",
        "host/shelf.py:5: `match` does not exist",
        "host/shelf.py:5: `spot` does not exist",
    ]


def test_a_name_of_an_unrelated_module_needs_its_owner() -> None:
    door = "def shut(): ..."
    assert lines(door=door, other='"""As door.shut() does."""') == []
    assert lines(door=door, other='"""As shut() does."""') == [
        "host/other.py:1: shut() does not exist"
    ]
    assert lines(other='"""As door.shut() does."""') == [
        "host/other.py:1: door.shut() does not exist"
    ]


def test_builtins_the_standard_library_and_strings_are_names() -> None:
    text = '"""`print`, copy.deepcopy() and `radio`."""\nKEY = "radio"\n'
    assert lines(module=text) == []
