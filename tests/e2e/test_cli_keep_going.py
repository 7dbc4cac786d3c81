"""tokenctl provision of sources of which some are bad: all of that is listed."""

from pathlib import Path

import pytest
from e2e.commandline import unchanged
from e2e.provision_command import EXAMPLE, SECRET, URI, issuers


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder of a good picture, and a list with one good and two bad lines."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.png").write_bytes(EXAMPLE.read_bytes())
    good = f"otpauth://totp/Good:bob?secret={SECRET}"
    (folder / "b.txt").write_text(f"{good}&digits=3\n{good}\n{good}&algorithm=MD5\n")
    return folder


def test_all_that_is_bad_is_listed_and_nothing_is_added(commandline, mixed):
    for more in ((), ("--dry-run",)):
        result = unchanged(
            commandline,
            lambda m=more: commandline("provision", "--all", *m, str(mixed), "gone.png"),
        )
        assert (result.code, result.out) == (3, "")
        lines = result.err.splitlines()
        assert len(lines) == 3 and all(line.startswith("Error: ") for line in lines), result
        assert "b.txt: line 1: the digits" in lines[0] and "b.txt: line 3: the alg" in lines[1]
        assert "gone.png" in lines[2]
        assert SECRET[:8] not in result.err


def test_keep_going_adds_what_is_good_and_lists_what_is_bad(commandline, mixed):
    result = commandline("provision", "--all", "--keep-going", str(mixed), "gone.png")
    assert result.code == 3
    assert issuers(commandline) == ["Example Bank", "Good"]
    assert "verified" in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 3 and "line 1" in lines[0] and "line 3" in lines[1]


def test_keep_going_with_nothing_good(commandline, tmp_path):
    bad = tmp_path / "bad.txt"
    bad.write_text(URI + "&digits=3")
    unchanged(
        commandline, lambda: commandline("provision", "--keep-going", str(bad), "gone.png")
    ).refused_each(3, "digits", "gone.png")


def test_what_holds_something_bad_stays_when_the_sources_are_deleted(commandline, mixed):
    commandline("provision", "--all", "--keep-going", "--delete-sources", str(mixed))
    assert sorted(path.name for path in mixed.iterdir()) == ["b.txt"]
