"""Folders, exports, what is ambiguous, and the pictures afterwards: in scripts, nobody to ask."""

import os
import shutil
from pathlib import Path

import pytest
from e2e.commandline import NO, unchanged
from PIL import Image
from unit.exports import export
from unit.test_sources import page

from tokenctl.enrol import apps

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PLUS = f"otpauth://totp/Realm:john+doe?secret={SECRET}"


def part(index: int, size: int = 3, **fields: object) -> str:
    accounts = (
        {"secret": bytes([65 + index]) * 20, "name": f"Bank:{name}{index}", "issuer": "Bank"}
        | fields
        for name in "ab"
    )
    return export(*accounts, batch_size=size, batch_index=index, batch_id=-5)


def write(path: Path, *texts: str) -> str:
    path.write_bytes(page(*texts))
    return str(path)


def accounts(commandline) -> list[str]:
    return [each.name for each in commandline.stored()]


# --- exports -------------------------------------------------------------------------------


def test_an_export_in_two_pictures_in_any_order(commandline, tmp_path):
    late, early = write(tmp_path / "1.png", part(2)), write(tmp_path / "2.png", part(1), part(0))
    result = commandline("provision", "--all", late, early)
    assert result.code == 0, result
    assert accounts(commandline) == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert commandline.asked == ["press"]
    assert result.err.count("does not include the period") == 1, "once for all"


def test_a_missing_code_is_named_and_nothing_is_added(commandline, tmp_path):
    source = write(tmp_path / "1.png", part(2))
    for more in ((), ("--dry-run",)):
        unchanged(
            commandline, lambda m=more: commandline("provision", "--all", *m, source)
        ).refused(3, "3 codes", "codes 1, 2 are missing", "--incomplete")
    assert commandline("provision", "--all", "--incomplete", source).code == 0
    assert accounts(commandline) == ["a2", "b2"]


def test_md5_refuses_the_export(commandline, tmp_path):
    source = write(tmp_path / "1.png", part(0, size=1, algorithm=4))
    unchanged(commandline, lambda: commandline("provision", "--all", source)).refused(
        3, "MD5", "account 1"
    )


# --- what is ambiguous -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [PLUS, f"otpauth://totp/a:b:c?secret={SECRET}", part(0, 1, digits=0)]
)
def test_what_is_ambiguous_is_refused_with_the_reason(commandline, text):
    for more in ("--all", "--yes"):
        result = unchanged(commandline, lambda m=more: commandline("provision", m, "-", stdin=text))
        result.refused(3, "ambiguous", "--guess")
        *warnings, error = result.err.splitlines()
        assert not any(each.rstrip(".").split(": ", 2)[2] in error for each in warnings), "once"
    shown = commandline("provision", "--dry-run", "--json", "-", stdin=text)
    assert shown.code == 0 and shown.json[0]["warnings"]
    assert commandline("provision", "--all", "--guess", "-", stdin=text).code == 0


def test_all_that_is_ambiguous_is_said_at_once_and_once(commandline):
    text = "\n".join([PLUS, PLUS.replace("john", "jane"), f"otpauth://totp/a:b:c?secret={SECRET}"])
    result = unchanged(commandline, lambda: commandline("provision", "--all", "-", stdin=text))
    result.refused(3, "'Realm' and 1 other account are ambiguous", "'+'")
    warning, _error = result.err.splitlines()
    assert warning.startswith("Warning: a: ") and "colon" in warning


def test_a_name_that_is_given_is_not_ambiguous(commandline):
    assert commandline("provision", "--account", "john+doe", "-", stdin=PLUS).code == 0
    assert accounts(commandline) == ["john+doe"]


# --- folders -----------------------------------------------------------------------------------


def test_a_folder(commandline, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("several.png", "wifi.png", "no-code.png"):
        shutil.copy(PICTURES / name, tmp_path)
    shutil.copy(PICTURES / "microsoft.png", tmp_path / "in")
    result = commandline("provision", "--yes", str(tmp_path))
    assert result.code == 0, result
    assert "wifi.png" in result.err and "no-code.png" in result.err
    assert len(accounts(commandline)) == 4


def test_a_picture_in_a_folder_is_not_taken_for_an_encrypted_export(commandline, tmp_path):
    """A large one's bytes are spread like those of a cipher."""
    ten = [
        {"secret": os.urandom(20), "name": f"user{each}", "issuer": "Bank"} for each in range(10)
    ]
    picture = tmp_path / "code.png"
    with Image.open(write(picture, export(*ten))) as made:
        made.convert("1").save(picture)
    assert apps.unmarked(picture.read_bytes()), "an export, but for its first bytes"
    result = commandline("provision", "--dry-run", "--all", "--json", str(tmp_path))
    assert result.code == 0 and len(result.json) == 10, result
    assert "left out" not in result.err


def test_a_folder_with_nothing_in_it(commandline, tmp_path):
    commandline("provision", str(tmp_path)).refused(3, str(tmp_path), "no picture")
    shutil.copy(PICTURES / "no-code.png", tmp_path)
    commandline("provision", str(tmp_path)).refused(3, "no-code.png", "no QR code")


# --- the pictures afterwards ---------------------------------------------------------------------


def test_pictures_are_deleted_when_all_that_they_hold_is_on_the_token(commandline, tmp_path):
    wanted = Path(shutil.copy(PICTURES / "several.png", tmp_path / "a.png"))
    mixed = tmp_path / "mixed.png"
    write(mixed, f"otpauth://totp/Mixed:me?secret={SECRET}", "https://example.com")
    result = commandline("provision", "--yes", "--delete-pictures", str(wanted), str(mixed))
    assert result.code == 0, result
    assert not wanted.exists() and mixed.exists()
    assert f"Deleted {wanted}" in result.err
    assert f"{mixed} was kept: " in " ".join(result.err.split())


def test_lists_go_when_all_sources_are_to_go(commandline, tmp_path):
    """--delete-pictures leaves them: in a script nobody is asked."""
    picture = Path(shutil.copy(PICTURES / "example-totp.png", tmp_path / "a.png"))
    uris = tmp_path / "uris.txt"
    uris.write_text(f"# mine\notpauth://totp/Bank:me?secret={SECRET}\n")
    sources = (str(uris), str(picture))
    result = commandline("provision", "--yes", "--delete-sources", *sources)
    assert result.code == 0, result
    assert not uris.exists() and not picture.exists()
    assert "uris.txt" in result.err


@pytest.mark.parametrize("how", ["dry run", "refused at the token", "not asked for", "uris"])
def test_a_picture_stays(commandline, tmp_path, how):
    picture = Path(shutil.copy(PICTURES / "example-totp.png", tmp_path / "a.png"))
    options = {"dry run": ["--dry-run", "--delete-pictures"], "not asked for": []}
    arguments = options.get(how, ["--delete-pictures"])
    if how == "uris":
        picture.write_text(f"otpauth://totp/Bank:me?secret={SECRET}")
    more = {"answer": NO} if how == "refused at the token" else {}
    result = commandline("provision", *arguments, str(picture), **more)
    assert result.code == (7 if more else 0)
    assert picture.exists()


def test_a_link_stays_and_so_does_what_it_leads_to(commandline, tmp_path):
    link = tmp_path / "link.png"
    picture = Path(shutil.copy(PICTURES / "example-totp.png", tmp_path / "a.png"))
    link.symlink_to(picture)
    result = commandline("provision", "--delete-pictures", str(link))
    assert result.code == 3 and "the accounts are on the token, but" in result.err.lower()
    assert link.exists() and picture.exists() and len(accounts(commandline)) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root deletes all")
def test_a_picture_that_cannot_be_deleted_is_said(commandline, tmp_path):
    picture = Path(shutil.copy(PICTURES / "example-totp.png", tmp_path / "a.png"))
    tmp_path.chmod(0o500)
    try:
        result = commandline("provision", "--delete-pictures", str(picture))
    finally:
        tmp_path.chmod(0o700)
    assert result.code == 3 and "permission denied" in result.err


def test_one_that_cannot_be_deleted_does_not_keep_the_others(tmp_path):
    from tokenctl.enrol import cleanup
    from tokenctl.errors import SourceError

    there = tmp_path / "there.png"
    there.touch()
    with pytest.raises(SourceError, match="gone.png cannot be deleted: no such file"):
        cleanup.delete([tmp_path / "gone.png", there])
    assert not there.exists()
