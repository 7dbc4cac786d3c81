"""tokenctl provision against a simulated token: every source, batches, and the proof at the end."""

import io
from pathlib import Path
from typing import Any

import pytest
from e2e.commandline import NO, NOTHING, CommandLine, unchanged
from PIL import Image

from otpcore import base32
from otpcore.account import Account
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokenctl.enrol.pipeline import enrolments as enrolments_in
from tokenctl.enrol.provisioning import plan, write

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
EXAMPLE = PICTURES / "example-totp.png"
SEVERAL = PICTURES / "several.png"

# What the pictures hold (tests/data/pictures/make.py).
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example%20Bank:alice@example.com?secret={SECRET}&issuer=Example%20Bank"
BANK = Account("Example Bank", "alice@example.com", base32.decode(SECRET))
ADDED = {
    "account_id": 1,
    "type": "totp",
    "issuer": "Example Bank",
    "name": "alice@example.com",
    "algorithm": "SHA1",
    "digits": 6,
    "period": 30,
    "key_check_value": BANK.key_check_value(),
}
THREE = ["Example Bank", "Example VPN", "Example Door"]


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    """One file for each kind of source, all with the same account."""
    jpeg, text = tmp_path / "code.jpg", tmp_path / "uris.txt"
    with Image.open(EXAMPLE) as picture:
        picture.convert("RGB").save(jpeg)
    text.write_text(f"\n{URI}\n")
    return {"png": str(EXAMPLE), "jpeg": str(jpeg), "text": str(text), "uri": URI}


def issuers(commandline: CommandLine) -> list[str]:
    return [each.issuer for each in commandline.stored()]


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


# --- several at once ------------------------------------------------------------


def test_a_batch_takes_one_press(commandline):
    result = commandline("provision", "--all", "--json", str(SEVERAL))
    assert commandline.asked == ["press"]
    assert [each["issuer"] for each in result.json] == THREE == issuers(commandline)
    assert "All 3 accounts" in result.err


def test_sources_of_one_account_each_need_no_all(commandline):
    result = commandline("provision", str(EXAMPLE), str(PICTURES / "microsoft.png"))
    assert result.code == 0
    assert commandline.asked == ["press"]
    assert issuers(commandline) == ["Example Bank", "Microsoft (Contoso Sample)"]


def test_several_and_nobody_to_ask(commandline):
    for arguments, stdin in (((str(SEVERAL),), b""), (("-",), SEVERAL.read_bytes())):
        result = unchanged(
            commandline, lambda a=arguments, s=stdin: commandline("provision", *a, stdin=s)
        )
        result.refused(3, "3 accounts", "--all", "--dry-run")


def test_a_reset_in_a_batch_asks_again_and_adds_each_account_once(commandline):
    enrolments = enrolments_in(str(SEVERAL))
    done = []

    def progress(count: int) -> None:
        done.append(count)
        if count == 1:
            commandline.token.reset()

    with commandline.open() as token:
        stored = write(token, plan(enrolments, [], replace=False), progress)
    assert done == [1, 2, 3]
    assert [each.issuer for each in stored] == THREE
    assert stored == commandline.stored()


def test_a_batch_that_is_refused_leaves_nothing(commandline):
    unchanged(
        commandline, lambda: commandline("provision", "--all", str(SEVERAL), answer=NO)
    ).refused(7, "refused at the token")


# --- what is there already --------------------------------------------------------


def test_the_same_account_twice(commandline):
    commandline("provision", str(EXAMPLE))
    other = (
        f"otpauth://totp/Example%20Bank:alice@example.com?secret={SECRET[::-1].replace('3', 'A')}"
    )
    result = unchanged(commandline, lambda: commandline("provision", "-", stdin=other))
    result.refused(6, "'Example Bank:alice@example.com'", "--replace")
    assert not commandline.asked
    result = commandline("provision", "--replace", "-", stdin=other)
    assert result.code == 0 and commandline.asked == ["press"]
    (stored,) = commandline.stored()
    assert stored.key_check_value != ADDED["key_check_value"]


def test_replacing_keeps_the_place(commandline):
    commandline("provision", "--all", str(SEVERAL))
    commandline("move", "Door", "1")
    before = commandline.stored()
    result = commandline("provision", "--replace", "--all", str(SEVERAL))
    assert result.code == 0 and commandline.asked == ["press"]
    assert commandline.stored() == before


def test_a_batch_of_new_and_replaced(commandline):
    commandline("provision", str(EXAMPLE), "--issuer", "Example VPN", "--account", "alice")
    unchanged(commandline, lambda: commandline("provision", "--all", str(SEVERAL))).refused(
        6, "'Example VPN:alice'", "another secret"
    )
    assert commandline("provision", "--all", "--replace", str(SEVERAL)).code == 0
    assert commandline.asked == ["press"]
    assert sorted(issuers(commandline)) == sorted(THREE)


def test_an_import_that_was_interrupted_goes_on(commandline, tmp_path):
    """Ctrl-C after two of five: what is there is not written again, nor asked about."""
    uris = [URI.replace("alice", f"alice{number}") for number in range(5)]
    source = tmp_path / "uris.txt"
    source.write_text("\n".join(uris))
    interrupted = commandline.interrupted_after(2, "provision", "--all", str(source))
    assert (interrupted.code, interrupted.out) == (130, "")
    assert interrupted.err.splitlines()[-1] == (
        "Interrupted. 2 of 5 accounts are on the token; run the same command again to add the rest."
    )
    assert len(commandline.stored()) == 2
    again = commandline("provision", "--all", "--json", str(source))
    assert again.code == 0 and commandline.asked == ["press"]
    assert [each["name"] for each in again.json] == [each.name for each in commandline.stored()]
    assert "2 of them were already on the token." in again.err
    before = commandline.stored()
    third = commandline("provision", "--all", str(source), answer=NOTHING)
    assert (third.code, commandline.asked) == (0, []) and commandline.stored() == before
    assert "already" in third.err


def test_power_that_goes_in_the_middle_is_counted(commandline, monkeypatch, tmp_path):
    """What was acknowledged counts, and the same command adds the rest."""
    source = tmp_path / "uris.txt"
    source.write_text("\n".join(URI.replace("alice", f"alice{number}") for number in range(5)))
    add, board, done = Token.add, commandline.token, []

    def cut_after_three(token: Token, *account: Any, **more: Any) -> int:
        if len(done) == 3:
            board.power_off()
        done.append(account)
        return add(token, *account, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Token, "add", cut_after_three)
        result = commandline("provision", "--all", str(source))
    result.refused(5, "3 of 5 accounts are on the token", "run the same command again")
    board.power_on()
    board.wait(5)
    again = commandline("provision", "--all", str(source))
    assert again.code == 0 and "3 of them were already on the token" in again.err, again
    assert len(commandline.stored()) == 5


def test_an_account_with_other_settings_is_not_the_same(commandline):
    assert commandline("provision", "-", stdin=URI + "&digits=6").code == 0
    refused = commandline("provision", "-", stdin=URI + "&digits=8")
    refused.refused(6, "already", "other settings")


def test_a_counter_that_went_on_stays(commandline):
    """The source has the counter of its day: to go back would have codes refused."""
    hotp = f"otpauth://hotp/Door:key?secret={SECRET}&counter=4"
    assert commandline("provision", "-", stdin=hotp).code == 0
    assert commandline("code", "Door").code == 0
    assert commandline("provision", "-", stdin=hotp).code == 0
    assert commandline.stored()[0].counter == 5
    commandline("provision", "-", stdin=hotp.replace("=4", "=9")).refused(6, "already")


def test_the_same_account_twice_in_the_sources(commandline, sources):
    """Equal ones are taken once, and that is said."""
    result = commandline("provision", "--json", sources["text"], sources["png"], sources["text"])
    assert result.code == 0, result
    assert result.json == [ADDED]
    assert "appears 3 times" in result.err
    assert commandline.asked == ["press"]


def test_one_name_with_two_secrets_in_the_sources(commandline, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(URI.replace(SECRET, SECRET[::-1]))
    for more in ((), ("--replace",), ("--dry-run",), ("--keep-going",)):
        result = unchanged(
            commandline, lambda m=more: commandline("provision", *m, str(EXAMPLE), str(other))
        )
        result.refused(3, "twice")


# --- bad ones among good ones ----------------------------------------------------------


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


# --- the proof ----------------------------------------------------------------------


def tamper(monkeypatch: pytest.MonkeyPatch, method: str, change: Any) -> None:
    """Have the token's answers to a method pass through `change` on their way."""
    request = Link.request

    def tampered(self: Link, name: str, *arguments: Any, **more: Any) -> Any:
        answer = request(self, name, *arguments, **more)
        return change(answer) if name == method else answer

    monkeypatch.setattr(Link, "request", tampered)


def test_another_key_check_value_is_a_failure(commandline, monkeypatch):
    tamper(monkeypatch, "accounts.add", lambda answer: answer | {"key_check_value": "00000000"})
    commandline("provision", str(EXAMPLE)).refused(8, "a different secret")


@pytest.mark.parametrize(
    ("field", "value"),
    [("key_check_value", "00000000"), ("digits", 8), ("period", 60), ("algorithm", "SHA256")],
)
def test_whatever_else_is_listed_is_a_failure(commandline, monkeypatch, field, value):
    def change(answer: dict[str, Any]) -> dict[str, Any]:
        rows = [
            [*names, value] if field == "key_check_value" else [*names, check, {field: value}]
            for *names, check in answer["rows"]
        ]
        return answer | {"rows": rows}

    tamper(monkeypatch, "accounts.list", change)
    result = commandline("provision", str(EXAMPLE))
    result.refused(8, field.replace("_", " ") + " differs", "'Example Bank:alice@example.com'")


def test_an_account_that_is_not_listed_is_a_failure(commandline, monkeypatch):
    tamper(monkeypatch, "accounts.list", lambda answer: {"accounts": [], "total": 0})
    commandline("provision", str(EXAMPLE)).refused(8, "does not list")


# --- dry run ------------------------------------------------------------------------


@pytest.fixture
def no_token(commandline, monkeypatch):
    """The commands, where any attempt to reach a token fails."""

    def refuse(*arguments: Any) -> None:
        raise AssertionError("a token was looked for")

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", refuse)
    monkeypatch.setattr("tokenctl.device.ports.list_ports.comports", refuse)
    return commandline


def test_a_dry_run_needs_no_token(no_token):
    result = no_token("provision", "--dry-run", str(EXAMPLE), port=False)
    assert result.code == 0
    assert "Example Bank" in result.out and ADDED["key_check_value"] in result.out


def test_a_dry_run_as_json_lists_all_without_secrets(no_token):
    result = no_token("provision", "--json", "--dry-run", str(SEVERAL), port=False)
    bank, vpn, door = result.json
    assert bank == {key: value for key, value in ADDED.items() if key != "account_id"} | {
        "warnings": []
    }
    common = {"type", "issuer", "name", "algorithm", "digits", "key_check_value", "warnings"}
    assert set(vpn) == common | {"period"}
    assert set(door) == common | {"counter"} and door["counter"] == 7
    weak = no_token("provision", "--json", "--dry-run", str(PICTURES / "microsoft.png"), port=False)
    assert "80 bits" in weak.json[0]["warnings"][0]


def test_a_dry_run_by_hand(no_token):
    result = no_token("provision", "--dry-run", "--json", stdin=f"Bank\nme\n{SECRET}\n", port=False)
    assert result.json[0]["key_check_value"] == ADDED["key_check_value"]


@pytest.mark.parametrize(
    "arguments",
    [
        (str(SEVERAL), "--all", "--issuer", "X"),
        (str(EXAMPLE), "--digits", "8"),
        (str(EXAMPLE), "--type", "hotp"),
        ("--type", "motp"),
        ("--digits", "six"),
        (str(EXAMPLE), "--bogus"),
    ],
)
def test_a_wrong_command_line(no_token, arguments):
    result = no_token("provision", *arguments, port=False)
    assert (result.code, result.out) == (2, "")
    assert "Error: " in result.err


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
