"""What somebody at a terminal sees before anything is written, and may do about it.

The accounts of each test have names of their own: most tests share a token.
"""

import hmac
import json
import re
import shutil
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.live_token import token
from e2e.processes import Running, Terminal, run, running
from unit.exports import export
from unit.test_sources import page

__all__ = ["token"]

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HEX = "3132333435363738393031323334353637383930"
SEVERAL = [
    ("Example Bank", "alice@example.com"),
    ("Example VPN", "alice"),
    ("Example Door", "alice"),
]


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Running]:
    """A token without accounts, so that tokenctl asks about its clock and a PIN, too."""
    with running(tmp_path / "t", "--link", str(tmp_path / "port")) as token:
        yield token


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A copy of the picture with three accounts, which may be deleted."""
    return Path(shutil.copy(PICTURES / "several.png", tmp_path / "several.png"))


def stored(token: Running) -> list[tuple[str, str]]:
    code, out, _ = run("tokenctl", "--port", token.port, "list", "--json")
    assert code == 0
    return [(each["issuer"], each["name"]) for each in json.loads(out)]


def provision(token: Running, *arguments: str) -> Terminal:
    return Terminal("--port", token.port, "provision", *arguments)


def answer(terminal: Terminal, *answers: tuple[str, str]) -> None:
    for question, text in answers:
        terminal.until(question)
        terminal.type(text + "\n")


def press(terminal: Terminal, token: Running) -> None:
    token.answer(terminal.asked)


def test_enter_adds_all_and_the_picture_goes_only_when_that_is_wanted(new, several):
    with provision(new, str(several)) as terminal:
        answer(terminal, ("Enter adds all 3, ", ""))
        press(terminal, new)
        answer(terminal, ("[Y/n]", "n"), ("[y/N", "n"), (f"Delete {several}", "y"))
        terminal.until("copies elsewhere")
        code, out = terminal.finish()
    assert code == 0 and stored(new) == SEVERAL
    assert not several.exists()
    assert out.count("totp") == 2, "the verified table"
    assert terminal.shown.count("new") >= 3
    # Again: all of them are there, and nothing has to be asked at the token.
    shutil.copy(PICTURES / "several.png", several)
    with provision(new, str(several)) as terminal:
        answer(terminal, ("q quits: ", "4"), ("numbers from 1 to 3", "3-2"), ("1 3-5", "2-3"))
        answer(terminal, ("[Y/n]", "n"))
        assert terminal.finish()[0] == 0
    assert len(re.findall(r"(?m) same\r?$", terminal.shown)) >= 3
    assert (
        "All 2 accounts were already on the token" in terminal.shown
        and "Look at" not in terminal.shown
    )
    with provision(new, str(several)) as terminal:
        answer(terminal, ("q quits: ", "q"))
        assert terminal.finish() == (130, "")
    assert "Nothing was changed." in terminal.shown
    assert several.exists() and stored(new) == SEVERAL


def test_choosing_one_and_editing_it(token, several):
    with provision(token, str(several), "--json") as terminal:
        answer(terminal, ("q quits: ", "e 2"), ("Issuer [Example VPN]: ", "Work"))
        answer(terminal, ("Account [alice]: ", "-"), ("[totp]: ", "Hotp"), ("[SHA256]: ", "sha1"))
        answer(terminal, ("Digits [8]: ", "99"), ("Counter [0]: ", "many"))
        answer(terminal, ("Enter a whole number", "5"), ("from 4 to 10", "Work"), ("Account", ""))
        answer(terminal, ("[totp]: ", "none"), ("Enter one of: totp", ""), ("[SHA256]: ", ""))
        answer(terminal, ("Digits [8]: ", "7"), ("Period in seconds [60]: ", "90"))
        answer(terminal, ("q quits: ", "2"))
        press(terminal, token)
        code, out = terminal.finish()
    assert code == 0, terminal.shown
    (added,) = json.loads(out)
    assert (added["issuer"], added["name"], added["type"]) == ("Work", "alice", "totp")
    assert (added["algorithm"], added["digits"], added["period"]) == ("SHA256", 7, 90)
    assert re.search(r"2 +Work +alice +totp +SHA256 +7 +90 s", terminal.shown)
    assert several.exists() and "Delete" not in terminal.shown, "two of its accounts are not there"


def test_what_was_guessed_is_shown_for_editing_before_it_goes_on(token, tmp_path):
    uris = tmp_path / "uris.txt"
    uris.write_text(f"otpauth://totp/Realm:john+doe?secret={SECRET}")
    with provision(token, "--json", str(uris)) as terminal:
        answer(terminal, ("q quits: ", ""), ("read as a space", ""))
        answer(terminal, ("Account [john doe]: ", "john+doe"))
        for question in ("Type", "Algorithm", "Digits", "Period"):
            answer(terminal, (question, ""))
        press(terminal, token)
        answer(terminal, (f"Delete {uris}?", "y"))
        code, _ = terminal.finish()
    assert code == 0 and stored(token)[-1] == ("Realm", "john+doe")
    assert not uris.exists()


def test_what_several_are_warned_of_names_them_as_a_selection_is_typed(token, tmp_path):
    uris = tmp_path / "uris.txt"
    names = "john+doe", "plain", "a+b", "c+d", "e+f"
    uris.write_text("\n".join(f"otpauth://totp/Q:{each}?secret={SECRET}" for each in names))
    with provision(token, str(uris)) as terminal:
        answer(terminal, ("q quits: ", "q"))
        terminal.finish()
    assert "Warning: 1, 3-5: " in terminal.shown


def test_a_code_without_a_name_asks_for_one(token, tmp_path):
    picture = tmp_path / "nameless.png"
    picture.write_bytes(page(f"otpauth://totp/?secret={SECRET}"))
    with provision(token, "--json", str(picture)) as terminal:
        answer(terminal, ("Issuer", "Nameless"), ("Account", "me"), ("Enter adds it", ""))
        press(terminal, token)
        answer(terminal, ("Delete", ""))
        assert terminal.finish()[0] == 0
    assert stored(token)[-1] == ("Nameless", "me") and picture.exists()


def test_all_that_was_typed_by_hand_can_be_corrected(token):
    """The names, the digits, and the secret, which was read as hex and was another one's."""
    with provision(token, "--json") as terminal:
        answer(terminal, ("Issuer", "Bnak"), ("Account", "me"), ("Secret", HEX), ("q quits: ", "e"))
        answer(terminal, ("Issuer [Bnak]: ", "Bank"), ("Account [me]: ", ""))
        answer(terminal, ("Secret (not shown; Enter keeps it): ", SECRET + "1"))
        answer(terminal, ("keeps it): ", SECRET), ("Type", ""), ("Algorithm", ""))
        answer(terminal, ("Digits [6]: ", "8"), ("Period", ""))
        answer(terminal, ("q quits: ", "e"), ("Issuer", ""), ("Account", ""), ("Secret", ""))
        for question in ("Type", "Algorithm", "Digits [8]", "Period"):
            answer(terminal, (question, ""))
        answer(terminal, ("q quits: ", ""))
        press(terminal, token)
        code, out = terminal.finish()
    assert code == 0, terminal.shown
    assert "the secret is read as hex" in terminal.shown and HEX[:8] not in terminal.shown
    assert "character 33" in terminal.shown and SECRET[:8] not in terminal.shown
    (added,) = json.loads(out)
    assert (added["issuer"], added["name"], added["digits"]) == ("Bank", "me", 8)
    key = hmac.new(b32decode(SECRET), b"key check", "sha256").hexdigest()[:8]
    assert added["key_check_value"] == key


def test_a_part_of_an_export_is_asked_about(token, tmp_path):
    picture = tmp_path / "export.png"
    account = {"secret": b"x" * 20, "name": "Part:me", "issuer": "Part"}
    picture.write_bytes(page(export(account, batch_size=2, batch_index=1)))
    with provision(token, str(picture)) as terminal:
        answer(terminal, ("code 1 is missing", ""))
        assert terminal.finish() == (3, "")
    with provision(token, "--json", str(picture)) as terminal:
        answer(terminal, ("code 1 is missing", "y"), ("does not include the period", ""))
        press(terminal, token)
        answer(terminal, ("Delete", ""))
        assert terminal.finish()[0] == 0
    assert stored(token)[-1] == ("Part", "me")


def test_two_of_one_name_are_sorted_out_before_the_press(token, tmp_path):
    uris = tmp_path / "uris.txt"
    uris.write_text(
        f"otpauth://totp/Twice:me?secret={SECRET}\notpauth://totp/Twice:me?secret={SECRET[:-2]}AA\n"
    )
    with provision(token, "--json", str(uris)) as terminal:
        answer(terminal, ("q quits: ", "all"), ("'Twice:me' appears twice", ""))
        answer(terminal, ("appears twice", "e 2"), ("Issuer [Twice]: ", ""))
        answer(terminal, ("Account [me]: ", "me, at work"))
        for question in ("Type", "Algorithm", "Digits", "Period"):
            answer(terminal, (question, ""))
        answer(terminal, ("q quits: ", ""))
        press(terminal, token)
        answer(terminal, ("Delete", "n"))
        assert terminal.finish()[0] == 0, terminal.shown
        assert uris.exists()
    assert stored(token)[-2:] == [("Twice", "me"), ("Twice", "me, at work")]


def test_yes_asks_nothing(token, several):
    with provision(token, "--yes", "--json", "--delete-pictures", str(several)) as terminal:
        press(terminal, token)
        code, out = terminal.finish()
    assert code == 0 and len(json.loads(out)) == 3
    assert "q quits" not in terminal.shown and not several.exists()
