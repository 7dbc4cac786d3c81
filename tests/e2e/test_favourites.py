"""Favourites from a computer: with an import, by command, in the list, and on the screen."""

import json
from pathlib import Path

import pytest
from e2e.conftest import presser

from otpcore import errors
from otpcore.account import Account
from otpcore.settings import FAVOURITES, bounds
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def account(number: int) -> Account:
    return Account("Site", f"user{number}", b"12345678901234567890" + bytes([number]))


def marked(token: Token) -> list[str]:
    return [each.name for each in token.accounts() if each.favourite]


def aegis(path: Path, count: int, favourites: int) -> Path:
    """An export of Aegis' in which the last ones are favourites."""
    entries = [
        {"type": "totp", "uuid": f"{n:08d}-0000-4000-8000-000000000000", "name": f"user{n}",
         "issuer": "Site", "note": "", "favorite": n >= count - favourites, "icon": None,
         "info": {"secret": SECRET, "algo": "SHA1", "digits": 6, "period": 30}, "groups": []}
        for n in range(count)
    ]  # fmt: skip
    header = {"slots": None, "params": None}
    database = {"version": 3, "entries": entries, "groups": []}
    path.write_text(json.dumps({"version": 1, "header": header, "db": database}))
    return path


def test_they_are_marked_by_name_and_listed(commandline):
    with Token(commandline.token.transport(), presser(commandline.token)) as token:
        for number in range(3):
            token.add(account(number))
    result = commandline("favourite", "user2")
    assert result.code == 0, result.err
    assert "'Site:user2' is a favourite." in result.err
    rows = commandline("list").out.splitlines()
    assert [row.rstrip().endswith("favourite") for row in rows[1:]] == [False, False, True]
    marks = [each.get("favourite") for each in commandline("list", "--json").json]
    assert marks == [None, None, True]
    assert commandline("favourite", "user2", "--remove").code == 0
    assert "favourite" not in commandline("list").out


def test_list_and_move_say_how_the_screen_s_order_differs_from_theirs(commandline):
    """A place is one of the list; on the screen a favourite comes before the first of it."""
    with Token(commandline.token.transport(), presser(commandline.token)) as token:
        for number in range(4):
            token.add(account(number))
    screen_differs = "screen shows its favourites first"
    assert screen_differs not in commandline("list").err + commandline("move", "user3", "1").err
    assert commandline("favourite", "user2").code == 0
    listed = commandline("list")
    rows = [row.split()[:3] for row in listed.out.splitlines()[1:]]
    assert [number for number, _site, _user in rows] == ["1", "2", "3", "4"]
    assert [user for _number, _site, user in rows] == ["user3", "user0", "user1", "user2"]
    assert screen_differs in listed.err
    assert screen_differs in commandline("move", "user1", "1").err
    moved = commandline("move", "user2", "2")
    assert "favourite" in moved.out and "stays where it is on the token's screen" in moved.err
    assert commandline("list", "--json").err == ""


def test_each_change_wants_a_press_and_nothing_else_does(sim):
    with Token(sim.transport(), presser(sim)) as token:
        number = token.add(account(0))
    with Token(sim.transport()) as alone:
        with pytest.raises(errors.NotPressed):
            alone.mark(number, True)
        assert marked(alone) == []
        alone.mark(number, False)  # it is none


def test_an_account_is_added_as_one_and_survives_a_restart(sim, token):
    token.add(account(0))
    number = token.add(account(1), favourite=True)
    sim.reset()
    sim.wait_until_ready()
    with Token(sim.transport(), presser(sim)) as again:
        assert [each.account_id for each in again.accounts() if each.favourite] == [number]
        again.remove(number)
        assert marked(again) == []


def test_there_are_eight_at_most(sim, token):
    numbers = [token.add(account(n), favourite=True) for n in range(bounds(FAVOURITES) + 1)]
    assert len(marked(token)) == bounds(FAVOURITES) == 8
    with pytest.raises(errors.VaultFull, match="8 favourites"):
        token.mark(numbers[-1], True)
    token.mark(numbers[0], False)
    token.mark(numbers[-1], True)
    assert "user8" in marked(token)


def test_an_export_brings_its_own(commandline, tmp_path):
    path = aegis(tmp_path / "aegis.json", 12, 10)
    result = commandline("provision", "--yes", str(path))
    assert result.code == 0, result.err
    with Token(commandline.token.transport()) as token:
        assert marked(token) == [f"user{n}" for n in range(2, 10)]
    assert "2 of the app's favourites were not marked" in result.err


def test_what_is_there_already_is_marked_if_somebody_says_so(commandline, monkeypatch, tmp_path):
    with Token(commandline.token.transport(), presser(commandline.token)) as token:
        token.sync()
    plain, path = aegis(tmp_path / "plain.json", 3, 0), aegis(tmp_path / "aegis.json", 3, 2)
    assert commandline("provision", "--yes", str(plain)).code == 0
    result = commandline("provision", "--yes", str(path))
    assert result.code == 0 and "were already on the token" in result.err
    assert "2 of the app's favourites were on the token already and are not marked" in result.err
    monkeypatch.setattr("tokenctl.cli.commands.provision.is_interactive", lambda: True)
    monkeypatch.setattr("tokenctl.cli.dialog.forget_keys", lambda: None)
    for answer, names in (("n", []), ("y", ["user1", "user2"])):
        result = commandline("provision", str(path), stdin=f"\n{answer}\nn\n")
        assert result.code == 0, result
        assert "'Site:user1', 'Site:user2' are favourites in the app" in result.err
        assert ("not marked" in result.err) == (answer == "n")
        assert ("2 accounts are now favourites." in result.err) == (answer == "y")
        with Token(commandline.token.transport()) as token:
            assert marked(token) == names


def test_an_older_firmware_takes_the_accounts_alone(sim, token):
    object.__setattr__(token.identity, "capabilities", ())
    token.add(account(0), favourite=True)
    assert [each.name for each in token.accounts()] == ["user0"]
    assert marked(token) == []


def test_a_second_page_says_so_too():
    with SimulatedToken() as sim, Token(sim.transport(), presser(sim)) as token:
        batch = token.batch(60)
        for number in range(60):
            token.add(account(number), batch, favourite=number == 59)
        assert marked(token) == ["user59"]
