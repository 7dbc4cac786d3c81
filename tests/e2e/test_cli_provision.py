"""tokenctl provision against a simulated token: every source, and every kind of account."""

import io

import pytest
from e2e.commandline import unchanged
from e2e.provision_command import ADDED, EXAMPLE, PICTURES, SECRET, URI, issuers, sources
from PIL import Image

__all__ = ["sources"]

# --- the sources ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "jpeg", "text", "uri"])
def test_a_source_goes_onto_the_token(commandline, sources, kind):
    result = commandline("provision", "--json", sources[kind])
    assert result.code == 0, result
    assert result.json == [ADDED]
    assert commandline.asked == ["press"]
    assert ("shell's history" in result.err) == (kind == "uri")
    assert "verified" in result.err
    assert [each.describe() for each in commandline.stored()] == [ADDED]


@pytest.mark.parametrize("data", [URI.encode() + b"\n", EXAMPLE.read_bytes()], ids=["text", "png"])
def test_standard_input_is_a_source(commandline, data):
    result = commandline("provision", "-", stdin=data)
    assert result.code == 0
    assert "Example Bank" in result.out and "history" not in result.err
    assert issuers(commandline) == ["Example Bank"]


def test_by_hand_without_a_terminal(commandline):
    typed = "Example Bank\nalice@example.com\njbsw y3dp-ehpk 3pxp jbsw y3dp ehpk 3pxp\n"
    assert commandline("provision", "--json", stdin=typed).json == [ADDED]


def test_by_hand_with_everything_else_given(commandline):
    options = ("--type", "HOTP", "--algorithm", "sha512", "--digits", "8", "--counter", "9")
    result = commandline(
        "provision", "--issuer", "Door", "--account", "me", *options, stdin=SECRET + "\n"
    )
    assert result.code == 0, result
    (stored,) = commandline.stored()
    assert (stored.issuer, stored.type, stored.algorithm) == ("Door", "hotp", "SHA512")
    assert (stored.digits, stored.counter) == (8, 9)


@pytest.mark.parametrize(
    ("uri", "kind", "digits"),
    [
        (f"otpauth://hotp/Door:me?secret={SECRET}&counter=0", "hotp", 6),
        (f"otpauth://totp/Steam:me?secret={SECRET}&issuer=Steam", "steam", 5),
        (f"otpauth://totp/A:me?secret={SECRET}&digits=10&period=1&algorithm=SHA512", "totp", 10),
    ],
)
def test_kinds_of_accounts(commandline, uri, kind, digits):
    result = commandline("provision", "-", stdin=uri)
    assert result.code == 0, result
    (stored,) = commandline.stored()
    assert (stored.type, stored.digits) == (kind, digits)


def test_other_names_than_the_source_s(commandline):
    result = commandline("provision", str(EXAMPLE), "--issuer", "Bank", "--account", "")
    assert result.code == 0, result
    assert [(each.issuer, each.name) for each in commandline.stored()] == [("Bank", "")]


def test_it_says_that_the_token_lacks_the_time(commandline):
    assert "tokenctl sync" in commandline("provision", str(EXAMPLE)).err
    commandline("sync")
    microsoft = commandline("provision", str(PICTURES / "microsoft.png"))
    assert "tokenctl sync" not in microsoft.err
    assert "80 bits" not in microsoft.err + microsoft.out, "nobody can do anything about it"
    found = commandline("provision", "--dry-run", "--json", str(PICTURES / "microsoft.png"))
    assert "80 bits" in str(found.json) and "80 bits" not in found.err


# --- HOTP whose counter nobody wrote ---------------------------------------------------

NO_COUNTER = f"otpauth://hotp/server:root?secret={SECRET}&issuer=server"


def test_a_counter_that_the_source_leaves_out(commandline, tmp_path):
    """What google-authenticator -c and npm's speakeasy write."""
    text = tmp_path / "uri.txt"
    text.write_text(NO_COUNTER)
    result = unchanged(commandline, lambda: commandline("provision", str(text)))
    result.refused(3, "no counter", "--counter N")
    assert commandline("provision", "--counter", "1", str(text)).code == 0
    (stored,) = commandline.stored()
    assert (stored.type, stored.counter) == ("hotp", 1)


def test_a_counter_for_what_has_none_or_for_several(commandline, tmp_path):
    unchanged(
        commandline, lambda: commandline("provision", "--counter", "1", str(EXAMPLE))
    ).refused(3, "only an HOTP account")
    two = tmp_path / "two.txt"
    two.write_text(f"{NO_COUNTER}\n{NO_COUNTER.replace('root', 'me')}\n")
    result = unchanged(
        commandline, lambda: commandline("provision", "--all", "--counter", "1", str(two))
    )
    assert result.code == 2 and "--counter is for one account" in result.err


def test_a_picture_s_bytes_are_not_mixed_up_with_a_path(commandline):
    with Image.open(EXAMPLE) as picture:
        data = io.BytesIO()
        picture.save(data, "GIF")
    assert commandline("provision", "-", stdin=data.getvalue()).code == 0


def test_yes_asks_nothing_at_a_terminal_either(commandline, monkeypatch):
    """No table, no site's code, no PIN, no deletion."""
    monkeypatch.setattr("tokenctl.cli.commands.provision.is_interactive", lambda: True)
    for asks in ("dialog.ask", "commands.pin._says_yes"):
        monkeypatch.setattr(f"tokenctl.cli.{asks}", lambda question: pytest.fail(question))
    result = commandline("provision", "--yes", str(EXAMPLE))
    assert result.code == 0 and "tokenctl pin set" in result.err
