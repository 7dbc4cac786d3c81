"""A hostile flash, or a failing one: what it did to a vault is undone, or said.

A part of each attack in flash/, on MicroPython; `make torture` does all of them, and prints the
table (table.py).
"""

import json

import pytest
from attacks import table
from unit.test_on_micropython import explain, run_file


@pytest.mark.parametrize("path", table.FILES, ids=lambda path: path.stem)
def test_a_part_of_each_attack(path):
    code, reports, printed = run_file(path)
    assert code == 0 and reports, explain(reports, printed)
    attacks = {row["attack"] for row in table.counted(printed)}
    assert attacks and attacks <= {row["attack"] for row in table.read()}, "make torture"


def test_the_kept_table_says_how_many_cases_there_were():
    for row in table.read():
        assert set(row) <= {"attack", "of", *table.ENDS}
        assert 0 < sum(row.get(end, 0) for end in table.ENDS) <= row.get("of", 1 << 40)


def test_counts_of_parts_are_summed():
    lines = ['{"attack": "a", "said": 1}', "x", '{"attack": "a", "said": 2, "all there": 3}']
    assert table.rows([json.loads(line) for line in lines if line.startswith("{")]) == [
        {"attack": "a", "said": 3, "all there": 3}
    ]


def test_the_table_is_aligned():
    text = table.text([{"attack": "one bit", "all there": 10, "said": 2}])
    assert text.splitlines()[-1].split() == ["one", "bit", "12", "10", "2", "0"]
    assert len({len(line) for line in text.splitlines()}) == 1


def test_it_says_how_many_cases_there_are():
    parts = [{"attack": "one bit", "said": 1000, "of": 9000}] * 2
    (row,) = table.rows(parts)
    assert table.tried(row) == "2,000 of 9,000"


def test_all_attacks_share_the_seconds():
    found = table.jobs(2600, 7)
    assert len(found) == table.PARTS * (len(table.FILES) + 2)
    assert {each["SEED"] for _, each in found} == {"7"}
    # A part of each: half of the time for the cuts, the rest for the attacks, one after the other.
    attacks = 10 + 1 + 2
    assert 2600 // table.CUTS + attacks * int(found[-1][1]["SECONDS"]) <= 2600


def test_files_are_found():
    assert {path.stem for path in table.FILES} == {"bits", "sectors"}
