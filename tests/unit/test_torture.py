"""make torture: every part runs, whatever came of the ones before, and a failure is not lost."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from tools import torture  # noqa: E402


def part(code: int, needs: str = ".") -> torture.Part:
    command = [sys.executable, "-c", f"raise SystemExit({code})"]
    return torture.Part("a part", lambda seconds, seed: command, needs=needs)


@pytest.mark.parametrize(
    ("parts", "code", "ends"),
    [
        ({"one": part(0), "two": part(0)}, 0, ["passed", "passed"]),
        ({"one": part(3), "two": part(0)}, 1, ["FAILED", "passed"]),
        ({"one": part(0, needs="not/there"), "two": part(0)}, 0, ["skipped", "passed"]),
    ],
)
def test_a_part_that_fails_keeps_no_other_from_running(parts, code, ends, monkeypatch, capfd):
    monkeypatch.setattr(torture, "PARTS", parts)
    assert torture.main([]) == code
    said = capfd.readouterr().out.splitlines()
    assert [line.split()[:2] for line in said[-2:]] == [["one", ends[0]], ["two", ends[1]]]


def test_some_parts_only(monkeypatch, capfd):
    monkeypatch.setattr(torture, "PARTS", {"one": part(3), "two": part(0)})
    assert torture.main(["two"]) == 0
    with pytest.raises(SystemExit):
        torture.main(["three"])
    assert "one, two" in capfd.readouterr().err


def test_what_the_parts_run_is_there():
    for name, each in torture.PARTS.items():
        files = [word for word in each.command(9, "7") if word.startswith(("tests/", "hardware"))]
        assert files or name == "case"
        assert all((torture.ROOT / file).exists() for file in files), name
    assert torture.PARTS["flash"].command(9, "7")[-2:] == ["9", "7"]
    assert torture.PARTS["flash"].command(9, "")[-1] == "9"
