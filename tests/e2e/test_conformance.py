"""The simulator is held to the record: under it the probes give what the stock port gave.

tests/data/conformance has the probes, and their outcomes on an ESP32 with MicroPython 1.24.0.
"""

import ast
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from e2e.exceptions import EXCEPTIONS, in_words_of_1_24
from e2e.probing import DATA, FILES, RECORD, Probing, probes, recorded

from tokensim.board.idfheap import AT_REST, SPENT, left_by

SECTIONS = sorted(FILES)
PROBES = sum(len(outcomes) for name, outcomes in RECORD.items() if name != "about")
# Errors that the probes meet in the words of a newer MicroPython.
REWORDED = 8


@cache
def outcomes(section: str) -> dict[str, Any]:
    """Return what tokensim gives for all probes of a section."""
    found: dict[str, Any] = {}
    for name in FILES[section]:
        with TemporaryDirectory() as folder:
            found |= Probing(name, Path(folder)).run()
    return found


def comparable(key: str, outcome: Any) -> Any:
    """Return an outcome without what says nothing: the order of names, newer words."""
    if re.search(r"\bdir\b", key) and isinstance(outcome, list):
        return sorted(outcome)
    return in_words_of_1_24(outcome)


@pytest.mark.parametrize("section", SECTIONS)
def test_tokensim_gives_what_the_board_gave(section):
    seen, wanted = outcomes(section), recorded(section)
    different = {
        key: (outcome, seen.get(key, "nothing"))
        for key, outcome in wanted.items()
        if key not in seen or comparable(key, seen[key]) != comparable(key, outcome)
    }
    excused = {key for key in wanted if f"{section} {key}" in EXCEPTIONS}
    assert {key: each for key, each in different.items() if key not in excused} == {}
    assert excused - different.keys() == set(), "exceptions no longer: take them off the list"


def test_the_exceptions_are_few_and_all_of_them_probes():
    assert len(EXCEPTIONS) == 63
    assert len(EXCEPTIONS) <= PROBES * 0.05
    known = {f"{section} {key}" for section in SECTIONS for key in recorded(section)}
    assert EXCEPTIONS.keys() <= known


def test_everything_of_the_record_is_compared_but_for_what_it_does_not_judge():
    left = {
        f"{section} {key}"
        for section, entries in RECORD.items()
        if section != "about"
        for key in entries.keys() - recorded(section).keys()
    }
    assert left == {
        "i2c writeto.addr-128",
        "machine adc.read_uv.type",
        "time ticks_add.big-ticks",
        "time ticks_add.bigger-ticks",
        "time ticks_diff.31",
        "time ticks_diff.40",
        "time ticks_diff.float",
        "time ticks_diff.out-of-range",
    }


def test_only_a_few_errors_differ_in_their_words_alone():
    reworded = [
        (section, key)
        for section in SECTIONS
        for key, outcome in outcomes(section).items()
        if in_words_of_1_24(outcome) != outcome
    ]
    assert len(reworded) == REWORDED


def calls_of(code: str) -> set[str]:
    """Return the dotted names that a probe calls, without the object of a method."""
    called = set()
    for node in ast.walk(ast.parse(code.strip())):
        if isinstance(node, ast.Call):
            called.add(ast.unparse(node.func).rpartition(".")[2])
    return called


def listed_calls() -> set[str]:
    """Return the names of the functions and methods that the firmware calls, by apis.txt."""
    text = (DATA / "apis.txt").read_text()
    names = re.findall(r"([A-Za-z_][A-Za-z_0-9]*)\(", "\n".join(
        re.sub(r"^\S*:\d+:", "", line).partition("(")[0] + "(" for line in text.splitlines()
    ))  # fmt: skip
    return set(names)


# What such probes call on the way to what they are about.
ON_THE_WAY = {
    "idf-heap-starved pin.irq": {"Pin"},
    "lang array.itemsize": {"array"},  # of types that the firmware has none of
    "lang str.find": {"find"},  # of a text; the firmware's is Partition's
    "machine pin.irq": {"Pin"},
    "machine pin.irq.none": {"Pin"},
    "stack stack.of-an-await": {"run"},
    "stack stack.in-a-task": {"run"},
    "system file.closed": {"read"},  # of a file; the firmware reads the port
}


def test_no_exception_is_about_a_call_of_the_firmware():
    listed = listed_calls()
    assert {"readblocks", "run", "Pin", "WLAN", "loads", "read"} <= listed
    touched = {}
    for name in EXCEPTIONS:
        section, _, key = name.partition(" ")
        if called := calls_of(probes(section)[key]) & listed:
            touched[name] = called
    assert touched == ON_THE_WAY


def test_the_stack_is_never_deeper_than_the_chips():
    seen, board = outcomes("stack"), RECORD["stack"]
    for key in ("depth.calls", "depth.methods"):
        assert 0.8 * board[key] < seen[key] <= board[key]
    assert seen["depth.awaits"] == board["depth.awaits"]


@pytest.mark.parametrize(
    "key", [each for each in RECORD["wlan-memory"] if each.startswith("wlan.first")]
)
def test_the_radio_is_made_with_as_much_memory_as_on_the_board(key, tmp_path):
    before, outcome, _ = RECORD["wlan-memory"][key]["tuple"]
    largest, free = before["tuple"]
    seen = attempt(tmp_path, (free, largest))
    assert seen == outcome


def test_with_all_of_the_memory_taken_there_is_too_little_for_the_radio(tmp_path):
    assert attempt(tmp_path, SPENT)["exception"] == "RuntimeError"


def test_with_the_firmware_at_rest_there_is_enough_for_the_radio(tmp_path):
    """The chip had these 55,296 bytes in one piece then (facts of issue 13), and made it."""
    largest, free = RECORD["wlan-memory"]["wlan.first-with-60000"]["tuple"][0]["tuple"]
    assert (free, largest) == AT_REST
    assert attempt(tmp_path, AT_REST) == {"tuple": ["made", True]}


def test_what_is_left_follows_from_what_the_heap_has_taken():
    """At the bare prompt 1,328 bytes are in use; the old build had 141,760 at rest."""
    largest, free = RECORD["wlan-memory"]["idf.before"]["tuple"]
    assert left_by(1_328) == (free, largest)
    assert left_by(141_760) == SPENT


def attempt(folder: Path, left: tuple[int, int]) -> Any:
    """Return what becomes of switching on the radio when ESP-IDF has so much memory left."""
    probing = Probing("radio3", folder, left)
    return probing.run()["wlan.first"]
