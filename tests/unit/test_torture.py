"""make torture: every part runs, whatever came of the ones before, and a failure is not lost."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support import within

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from tools import torture  # noqa: E402


def part(code: int, needs: str = ".", says: str = "", minutes: int = 1) -> torture.Part:
    command = [sys.executable, "-c", f"print({says!r}); raise SystemExit({code})"]
    return torture.Part("a part", minutes, lambda seconds, seed: command, needs=needs)


@pytest.mark.parametrize(
    ("parts", "code", "ends"),
    [
        ({"one": part(0), "two": part(0)}, 0, ["passed", "passed"]),
        ({"one": part(3), "two": part(0)}, 1, ["FAILED", "passed"]),
        ({"one": part(0, needs="not/there"), "two": part(0)}, 0, ["skipped", "passed"]),
        ({"one": part(0, says="FAILED: it"), "two": part(0)}, 1, ["FAILED", "passed"]),
    ],
)
def test_a_part_that_fails_keeps_no_other_from_running(parts, code, ends, monkeypatch, capfd):
    monkeypatch.setattr(torture, "PARTS", parts)
    assert torture.main([]) == code
    said = capfd.readouterr().out.splitlines()
    table = [line for line in said[-3:] if line.startswith(("one", "two"))]
    assert [line.split()[:2] for line in table] == [["one", ends[0]], ["two", ends[1]]]


def test_what_a_part_tried_and_what_failed_stands_in_the_table(monkeypatch, capfd):
    says = "  tried 3 of 9, 0 failed\nFAILED: test_x[1]\n\ntried 4 of 9, 1 failed"
    monkeypatch.setattr(torture, "PARTS", {"one": part(1, says=says)})
    assert torture.main(["--seed", "77"]) == 1
    said = capfd.readouterr().out
    first, *_, head, row, failure = said.splitlines()
    assert "77" in first and "77" in head
    assert row.endswith("tried 4 of 9") and failure.strip() == "test_x[1]"


@pytest.mark.slow
def test_a_part_that_does_not_end_is_ended(monkeypatch, capfd):
    hang = [sys.executable, "-c", "import time; time.sleep(1000)"]
    parts = {"one": torture.Part("hangs", 1, lambda seconds, seed: hang), "two": part(0)}
    monkeypatch.setattr(torture, "PARTS", parts)
    monkeypatch.setattr(torture, "OVERTIME", 0)
    assert torture.main(["--seconds", "2"]) == 1
    assert "did not end" in capfd.readouterr().out


def test_the_parts_share_the_time_and_leave_what_they_do_not_need(monkeypatch):
    given = []

    def noting(name: str, part: torture.Part, seconds: int, seed: int) -> torture.End:
        given.append((name, seconds))
        return torture.End("passed")

    monkeypatch.setattr(torture, "run", noting)
    parts = {"one": part(0, minutes=1), "left": part(0, "not/there"), "two": part(0, minutes=3)}
    torture.run_all(parts, 4000, 0)
    (one, first), (two, second) = given
    assert (one, two) == ("one", "two")
    assert first == pytest.approx(1000, abs=5) and second == pytest.approx(4000, abs=5)


def test_some_parts_only(monkeypatch, capfd):
    monkeypatch.setattr(torture, "PARTS", {"one": part(3), "two": part(0)})
    assert torture.main(["two"]) == 0
    with pytest.raises(SystemExit):
        torture.main(["three"])
    assert "one, two" in capfd.readouterr().err


def test_what_the_parts_run_is_there():
    for name, each in torture.PARTS.items():
        files = [word for word in each.command(9, 7) if word.startswith(("tests/", "hardware"))]
        assert files or name == "case"
        assert all((torture.ROOT / file).exists() for file in files), name
    assert torture.PARTS["flash"].command(9, 7)[-2:] == ["9", "7"]


# The plugin by which a part of tests has an end.

TESTS = "def test_one(): pass\ndef test_two(): assert 0\ndef test_three(): pass\n"


def tried(folder: Path, until: float, seed: int, *arguments: str) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(folder)),
            *("-p", "no:cacheprovider", "-p", "support.chance"),
            *("-p", "support.within", "-v"),
            *(f"--until={until}", f"--seed={seed}", *arguments, str(folder)),
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", pytest.param("2", marks=pytest.mark.long)])
def test_no_test_begins_when_the_time_is_over(tmp_path, workers):
    (tmp_path / "test_x.py").write_text(TESTS)
    said = tried(tmp_path, time.time() + 600, 1, "-n", workers)
    assert "tried 3 of 3, 1 failed" in said
    assert [line for line in said.splitlines() if line.startswith("FAILED: ")] == [
        "FAILED: test_x.py::test_two"
    ]
    assert "tried 0 of 3, 0 failed" in tried(tmp_path, time.time() - 1, 1, "-n", workers)


@pytest.mark.long
def test_a_test_that_is_cut_off_counts_as_not_tried(tmp_path):
    (tmp_path / "test_x.py").write_text(
        "import time\nimport pytest\nfrom support import within\nwithin.GRACE = 1.0\n"
        "def test_one(): pass\n@pytest.mark.timeout(50)\ndef test_two(): time.sleep(40)\n"
    )
    said = tried(tmp_path, time.time() + 10, 1)
    assert "tried 1 of 2, 0 failed" in said and "not ended: test_x.py::test_two" in said


def test_the_seed_draws_the_order_of_the_files_and_keeps_a_file_together():
    found = [SimpleNamespace(path=Path(f"test_{name}.py"), n=n) for name in "abcd" for n in (1, 2)]
    orders = set()
    for seed in (1, 2, 3):
        items: list[Any] = list(found)
        config: Any = SimpleNamespace(getoption=lambda name, seed=seed: seed)
        within.pytest_collection_modifyitems(config, items)
        names = [item.path.name for item in items]
        assert names[::2] == names[1::2] and [item.n for item in items] == [1, 2] * 4
        orders.add(tuple(names))
    assert len(orders) > 1
