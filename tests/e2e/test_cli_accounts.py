"""tokenctl list, rename, move, remove and code, against a simulated token."""

from base64 import b32encode
from collections.abc import Iterator

import pyotp
import pytest
from e2e.commandline import HOLD, NO, NOTHING, PRESS, CommandLine, unchanged
from e2e.saved import after, provision, restarted

from otpcore.account import Account
from tokensim.token import START, SimulatedToken

SECRET = bytes(range(20))
ACCOUNTS = (
    Account("Example Bank", "alice@example.com", SECRET),
    Account("Example VPN", "alice", SECRET, "totp", "SHA256", 8, 60),
    Account("Example Door", "alice", SECRET[::-1], "hotp", counter=7),
)


def _three_accounts(sim: SimulatedToken) -> None:
    provision(sim, *ACCOUNTS, synced=False)


@pytest.fixture
def filled(monkeypatch, capfd) -> Iterator[CommandLine]:
    """A token with three accounts that does not know the time."""
    with restarted(after(_three_accounts)) as token:
        yield CommandLine(token, monkeypatch, capfd)


def names(commandline: CommandLine) -> list[str]:
    return [f"{each.issuer}:{each.name}" for each in commandline.stored()]


# --- list ----------------------------------------------------------------------


def test_an_empty_token_says_so_on_standard_error(commandline):
    result = commandline("list")
    assert (result.code, result.out) == (0, "")
    assert "no accounts" in result.err and "tokenctl provision" in result.err
    assert commandline("list", "--json").json == []


def test_list_shows_one_line_for_each_account_in_order(filled):
    result = filled("list")
    assert (result.code, result.err) == (0, "")
    head, *lines = result.out.splitlines()
    assert head.split() == [
        "#",
        "Issuer",
        "Account",
        "Type",
        "Algorithm",
        "Digits",
        "Period",
        "Check",
    ]
    checks = [each.key_check_value() for each in ACCOUNTS]
    assert [line.split() for line in lines] == [
        ["1", "Example", "Bank", "alice@example.com", "totp", "SHA1", "6", "30", "s", checks[0]],
        ["2", "Example", "VPN", "alice", "totp", "SHA256", "8", "60", "s", checks[1]],
        ["3", "Example", "Door", "alice", "hotp", "SHA1", "6", "counter", "7", checks[2]],
    ]


def test_list_as_json_has_stable_keys(filled):
    bank, _, door = filled("list", "--json").json
    assert bank == {
        "account_id": 1,
        "type": "totp",
        "issuer": "Example Bank",
        "name": "alice@example.com",
        "algorithm": "SHA1",
        "digits": 6,
        "period": 30,
        "key_check_value": ACCOUNTS[0].key_check_value(),
    }
    assert (door["counter"], "period" in door) == (7, False)


def test_a_counter_of_zero_is_shown(commandline):
    commandline.put(Account("Door", "alice", SECRET, "hotp"))
    assert "counter 0" in commandline("list").out
    assert commandline("list", "--json").json[0]["counter"] == 0


def test_names_as_they_are(commandline):
    """Neither rich's markup nor its emoji, and nothing that turns a terminal's text around."""
    odd = [":key:", "[bold]red[/bold]", "[/]", "日本 Ünïcödé", "back\\[slash]"]
    commandline.put(*(Account(name, f"a:{name}", SECRET) for name in odd))
    lines = commandline("list").out.splitlines()[1:]
    for name, line in zip(odd, lines, strict=True):
        assert name in line and f"a:{name}" in line
    commandline.put(Account("evil\u202eknaB", "x", SECRET))
    assert "\u202e" not in commandline("list").out
    assert commandline("list", "--json").json[-1]["issuer"] == "evil\u202eknaB"


def test_long_names_stay_on_one_line_in_a_pipe(commandline):
    long = Account("i" * 64, "a" * 64, SECRET)
    commandline.put(long)
    assert any(
        "i" * 64 in each and "a" * 64 in each for each in commandline("list").out.split("\n")
    )


# --- which account is meant ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Example Bank:alice@example.com", 0),
        ("example bank:ALICE@example.com", 0),
        ("Example VPN", 1),
        ("door", 2),
        ("VPN:al", 1),
    ],
)
def test_a_name_in_full_or_in_part(filled, name, meant):
    result = filled("remove", name)
    assert result.code == 0, result
    assert len(filled.stored()) == 2
    assert ACCOUNTS[meant].issuer not in " ".join(names(filled))


@pytest.mark.parametrize("command", [("remove",), ("code",), ("move",), ("rename",)])
def test_an_ambiguous_name_is_refused_and_all_are_named(filled, command):
    rest = {"move": ("1",), "rename": ("--issuer", "X")}.get(command[0], ())
    result = unchanged(filled, lambda: filled(*command, "alice", *rest))
    result.refused(6, "'Example VPN:alice'", "'Example Door:alice'")
    assert not filled.asked


def test_an_exact_name_wins_over_one_that_contains_it(commandline):
    commandline.put(Account("Git", "me", SECRET), Account("GitHub", "me", SECRET))
    assert commandline("remove", "Git").code == 0
    assert names(commandline) == ["GitHub:me"]


def test_names_that_differ_by_case_alone(commandline):
    commandline.put(Account("Git", "me", SECRET), Account("GIT", "me", SECRET))
    commandline("remove", "git:me").refused(6, "'Git:me'", "'GIT:me'")
    assert commandline("remove", "GIT:me").code == 0
    assert names(commandline) == ["Git:me"]


@pytest.mark.parametrize("name", ["nobody", "", " ", "Example Bank:bob"])
def test_no_such_account(filled, name):
    if name == " ":
        filled("remove", name).refused(6, "several")  # a part of all of them
        return
    unchanged(filled, lambda: filled("remove", name)).refused(6, "no account", "tokenctl list")


def test_an_empty_name_is_never_the_only_account(commandline):
    commandline.put(ACCOUNTS[0])
    unchanged(commandline, lambda: commandline("remove", "")).refused(6, "no account")


# --- rename, move, remove -------------------------------------------------------


def test_rename_one_of_the_two_names(filled):
    result = filled("rename", "VPN", "--issuer", "Office")
    assert result.code == 0 and "Office" in result.out
    assert filled("rename", "Office", "--account", "bob", "--json").json == [
        filled("list", "--json").json[1]
    ]
    assert names(filled)[1] == "Office:bob"
    assert filled.stored()[1].key_check_value == ACCOUNTS[1].key_check_value()


def test_rename_refuses_what_the_token_cannot_hold(filled):
    for arguments, code, words in (
        (("--issuer", "x" * 65), 6, ("issuer", "65", "64")),
        (("--account", "é" * 33), 6, ("account", "66", "64")),
        (("--issuer", "Example Door"), 6, ("already",)),
    ):
        unchanged(filled, lambda a=arguments: filled("rename", "VPN", *a)).refused(code, *words)
    result = unchanged(filled, lambda: filled("rename", "VPN"))
    assert result.code == 2 and "--issuer" in result.err
    assert filled("rename", "VPN", "--issuer", "\udcff").code == 2
    assert not filled.asked


def test_move_counts_from_one(filled):
    result = filled("move", "Door", "1")
    assert result.code == 0
    (row,) = result.out.splitlines()[1:]  # the one that was moved, and not all of a thousand
    assert row.split()[:3] == ["1", "Example", "Door"]
    assert [each.issuer[8:] for each in filled.stored()] == ["Door", "Bank", "VPN"]
    assert [each["issuer"][8:] for each in filled("move", "Door", "3", "--json").json] == [
        "Bank", "VPN", "Door",
    ]  # fmt: skip


@pytest.mark.parametrize("position", ["0", "4", "-1", "first"])
def test_move_refuses_other_places(filled, position):
    result = unchanged(filled, lambda: filled("move", "Door", position))
    assert result.code == 2 and result.out == "" and not filled.asked


def test_remove_says_what_went(filled):
    result = filled("remove", "VPN")
    assert (result.code, result.out) == (0, "")
    assert "'Example VPN:alice' was removed" in result.err
    (gone,) = filled("remove", "Door", "--json").json
    assert gone["issuer"] == "Example Door"
    assert names(filled) == ["Example Bank:alice@example.com"]


# --- somebody at the token says no, or nothing ----------------------------------


@pytest.mark.parametrize(
    "command",
    [("remove", "VPN"), ("rename", "VPN", "--issuer", "X"), ("move", "VPN", "1"), ("code", "Door")],
)
def test_a_long_press_refuses(filled, command):
    unchanged(filled, lambda: filled(*command, answer=NO)).refused(7, "refused at the token")
    assert filled.asked == ["press"]


def test_nobody_presses(filled):
    before = filled.token.time.now()
    result = unchanged(filled, lambda: filled("remove", "VPN", answer=NOTHING))
    result.refused(7, "nobody pressed", "30 s")
    assert 30e9 <= filled.token.time.now() - before < 33e9
    assert result.err.count("Look at the token") == 1


# --- code -------------------------------------------------------------------------


def test_a_code_needs_the_time(filled):
    filled("code", "Bank").refused(6, "does not know the time", "tokenctl sync")
    assert not filled.asked


def test_code_prints_the_code_alone(filled):
    filled("sync")
    result = filled("code", "Bank")
    now = filled.token.time.now() // 10**9
    assert result.code == 0
    code = result.out.strip()
    assert result.out == code + "\n"
    assert code in {pyotp.TOTP(b32encode(SECRET).decode()).at(now - late) for late in (0, 1)}
    assert "s left" in result.err
    fields = filled("code", "VPN", "--json").json
    assert list(fields) == [
        "issuer", "name", "code", "seconds_left",
        "offset_ms", "offset_uncertainty_ms", "clock_verdict", "computer_synchronised",
    ]  # fmt: skip
    assert len(fields["code"]) == 8 and 0 < fields["seconds_left"] <= 60
    assert now > START


def test_each_hotp_code_moves_the_counter_on(filled):
    first, second = (filled("code", "Door", "--json").json for _ in range(2))
    hotp = pyotp.HOTP(b32encode(SECRET[::-1]).decode())
    assert list(first) == ["issuer", "name", "code", "counter"]
    assert (first["counter"], first["code"]) == (7, hotp.at(7))
    assert (second["counter"], second["code"]) == (8, hotp.at(8))
    assert filled("code", "Door").out == hotp.at(9) + "\n"
    assert filled("list", "--json").json[2]["counter"] == 10


def test_wipe_wants_a_hold(filled):
    unchanged(filled, lambda: filled("wipe", answer=PRESS)).refused(7, "refused")
    assert filled.asked == ["hold"]
    result = filled("wipe", "--json", answer=HOLD)
    assert result.code == 0 and result.json["account_count"] == 0
    assert filled.stored() == []
    assert "is empty" in filled("wipe", answer=HOLD).err


def test_no_line_of_a_table_ends_in_blanks(commandline):
    commandline.put(Account("Example", "alice@example.com", b"12345678901234567890"))
    lines = commandline("list").out.splitlines()
    assert len(lines) == 2
    assert all(line == line.rstrip() for line in lines)
