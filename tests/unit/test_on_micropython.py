"""Runs every file of tests/portable and tests/target under the MicroPython unix port.

With the heap of the board (its objects are half as large), unless the file begins with
`# heap: 3M` or the like: then it holds flash in RAM, which the board has besides.
"""

import json
import random
import re
import subprocess
from pathlib import Path

import pytest
from support.on_micropython import SHARED, environment

from tokensim.port.unix_port import command

TESTS = Path(__file__).parents[1]
RUN = SHARED / "run.py"
FILES = sorted(
    [*TESTS.glob("portable/test_*.py"), *TESTS.glob("target/test_*.py")],
    key=lambda path: path.name,
)
TIMEOUT, LONG_TIMEOUT = 500, 1200  # seconds for one file, after which it hangs


def heap(path):
    """Return how large a heap a test file asks for."""
    asked = re.match(r"# heap: (\d+[KM])\n", path.read_text())
    return asked[1] if asked else "320K"


def run_file(path):
    """Run one test file; return (exit code, its reports, all it printed)."""
    seed = str(random.randrange(1 << 30))
    run = subprocess.run(
        command(["-X", f"heapsize={heap(path)}", str(RUN), str(path), seed]),
        env=environment(TESTS),
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        timeout=LONG_TIMEOUT if path.stem in LONG else TIMEOUT,
    )
    reports = []
    for line in run.stdout.splitlines():
        if line.startswith("{") and '"why": ' in line:
            reports.append(json.loads(line))
    return run.returncode, reports, run.stdout + run.stderr


def explain(reports, printed):
    failures = [f"{each['test']}\n{each['why']}" for each in reports if each["ok"] is False]
    return "\n".join(failures) or f"no test failed by name; it printed:\n{printed}"


LONG = tuple(
    f"test_{each}"
    for each in (
        *("vault_cuts_pin", "vault_cuts_headers_more", "vault_wear_more", "screens_new_codes"),
        "restore_cuts_more",
        "restore_memory_more",
    )
)
SLOW = tuple(
    f"test_{each}"
    for each in (
        *("restore_damage", "restore_memory", "vault_compaction", "static", "battery"),
        *("raw_wipe", "vault_cuts", "vault_cuts_headers", "vault_damage", "vault_erasure"),
        *(
            "vault_pin",
            "vault_thousand",
            "vault_wear",
            "vault_mishaps",
            "screens",
            "fault_screen",
            "menu",
        ),
        *(
            "vault",
            "vault_bound",
            "vault_partial",
            "restore_cuts",
            "clone_cuts",
            "vault_versions",
            "restore",
            "characters",
        ),
    )
)


def marks(path):
    """Return how a file is marked."""
    found = [pytest.mark.long] if path.stem in LONG else []
    return found + [pytest.mark.slow] * (path.stem in SLOW)


@pytest.mark.parametrize(
    "path",
    [pytest.param(each, marks=marks(each)) for each in FILES],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_file(path):
    code, reports, printed = run_file(path)
    message = explain(reports, printed)
    assert code == 0, message
    assert any(each["ok"] for each in reports), message
    assert not any(each["ok"] is False for each in reports), message


def test_there_are_files():
    assert FILES
    assert {*LONG, *SLOW} <= {each.stem for each in FILES}


@pytest.mark.parametrize(
    "source, why",
    [
        ("class T(unittest.TestCase):\n    def test_it(self): self.assertEqual(1, 2)", "1 != 2"),
        ("class T(unittest.TestCase):\n    def test_it(self): self.assertTrue([])", "[] is not"),
        (
            "class T(unittest.TestCase):\n"
            "    def test_it(self):\n"
            "        with self.assertRaises(ValueError): pass",
            "was not raised",
        ),
        (
            "class T(unittest.TestCase):\n"
            "    def test_it(self):\n"
            "        with self.assertRaises(ValueError): {}['x']",
            "KeyError",
        ),
        ("class T(unittest.TestCase):\n    def test_it(self): lacking()", "NameError"),
        (
            "import sys\nclass T(unittest.TestCase):\n    def test_it(self): sys.exit(0)",
            "SystemExit",
        ),
        ("import lacking", "ImportError"),
        ("class T(unittest.TestCase):\n    def helper(self): pass", None),
        ("class T(unittest.TestCase):\n    def test_it(self): self.skipTest('no')", None),
    ],
)
def test_a_failure_is_seen(tmp_path, source, why):
    path = tmp_path / "test_broken.py"
    path.write_text(f"import unittest\n{source}\n")
    code, reports, printed = run_file(path)
    assert code == 1, printed
    assert not any(each["ok"] for each in reports)
    if why:
        assert why in explain(reports, printed)
