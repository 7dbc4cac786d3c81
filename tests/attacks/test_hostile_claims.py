"""What a token claims about accounts is held against what was sent, whenever it claims it.

A hostile token, or one whose flash fails, answers each request in the right form and contradicts
itself: its first listing and its second, what it acknowledged and what it lists, its counts and
the file. tokenctl then claims nothing of it.
"""

import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attacks.conftest import KEPT, URI, Run
from attacks.hostile_token import BACKUP, CHECK, ENTRY, HONEST, HostileToken, Say, honest
from attacks.lies import one_sentence

VERIFICATION = 8
LISTED: dict[str, Any] = {"accounts": [ENTRY], "total": 1}
NOTHING: dict[str, Any] = {"accounts": [], "total": 0}
HOTP = {key: value for key, value in ENTRY.items() if key != "period"} | {"type": "hotp"}


def listing(entry: dict[str, Any]) -> dict[str, Any]:
    return {"accounts": [entry], "total": 1}


def token(**told: Callable[[], dict[str, Any]] | dict[str, Any]) -> HostileToken:
    """A token that answers some methods, `accounts_list` for one, as it is told here."""

    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        mine = told.get(method.replace(".", "_"))
        if mine is None:
            return honest(token, method, parameters)
        return [{"result": mine() if callable(mine) else mine}]

    return HostileToken(answer)


def in_turn(*answers: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Give each of the answers once, and the last one for ever."""
    left = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda: next(left)


# What is listed when an import is resumed, after alice was listed as she was sent.
LATER = {
    "gone": NOTHING,
    "damaged": listing({"account_id": 1, "damaged": True}),
    "another secret": listing(ENTRY | {"key_check_value": "00000000"}),
    "another name": listing(ENTRY | {"name": "mallory"}),
    "other digits": listing(ENTRY | {"digits": 8}),
    "another period": listing(ENTRY | {"period": 60}),
    "another t0": listing(ENTRY | {"t0": 7}),
    "another id": listing(ENTRY | {"account_id": 2}),
}


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("as_json", [False, True])
def test_an_import_that_is_resumed_believes_no_first_listing(run: Run, later: str, as_json: bool):
    """It would say that nothing was to be written, and list what is there now."""
    hostile = token(accounts_list=in_turn(LISTED, LATER[later]))
    outcome = run(hostile, "provision", "--yes", "-", *["--json"] * as_json, stdin=URI)
    assert outcome.code == VERIFICATION and not outcome.out, outcome
    one_sentence(outcome, {VERIFICATION})
    assert "'Example:alice'" in outcome.sentences[0]
    assert "accounts.add" not in hostile.methods


def test_what_was_acknowledged_is_listed_or_not_claimed(run: Run):
    hostile = token(accounts_list=NOTHING, status=HONEST["status"] | {"account_count": 0})
    outcome = run(hostile, "provision", "--yes", "-", stdin=URI)
    assert "accounts.add" in hostile.methods
    one_sentence(outcome, {VERIFICATION})
    assert b"verified" not in outcome.err


class Changing:
    """A file that is another one between two runs of an import: what the token has of the first.

    `meant` is what has to be said, and with which exit code.
    """

    def __init__(self, second: str, meant: str, code: int) -> None:
        self.second, self.meant, self.code = second, meant, code


ANOTHER = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
CHANGED = {
    "secret": Changing(URI.replace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", ANOTHER), "--replace", 6),
    "digits": Changing(URI + "&digits=8", "--replace", 6),
    "algorithm": Changing(URI + "&algorithm=SHA256", "--replace", 6),
    "period": Changing(URI + "&period=60", "--replace", 6),
    "type": Changing(URI.replace("totp", "hotp") + "&counter=0", "--replace", 6),
    "twice": Changing(f"{URI}\n{URI.replace('GEZD', 'MFRG')}", "appears twice", 3),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_file_that_changed_between_two_runs_is_not_taken_for_what_is_there(run: Run, what: str):
    """Nothing is skipped for its name, and nothing replaced that was not to be."""
    change = CHANGED[what]
    hostile = token()
    outcome = run(hostile, "provision", "--yes", "-", stdin=change.second)
    assert outcome.code == change.code and change.meant in outcome.sentences[0], outcome
    assert not {"accounts.add", "accounts.replace"} & set(hostile.methods)


SETTINGS: dict[str, dict[str, Any]] = {
    "digits": ENTRY | {"digits": 8},
    "algorithm": ENTRY | {"algorithm": "SHA512"},
    "period": ENTRY | {"period": 60},
    "t0": ENTRY | {"t0": 9},
    "type": HOTP | {"counter": 3},
    "secret": ENTRY | {"key_check_value": "00000000"},
}


@pytest.mark.parametrize("field", SETTINGS)
def test_a_comparison_calls_nothing_the_same_that_gives_other_codes(run: Run, field: str):
    hostile = token(accounts_list=listing(SETTINGS[field]))
    outcome = run(hostile, "provision", "--diff", "-", "--json", stdin=URI)
    told = json.loads(outcome.out)
    assert [len(told[each]) for each in ("only_on_token", "only_in_source")] == [1, 1], told
    outcome = run(hostile, "provision", "--diff", "-", stdin=URI)
    assert outcome.code == 0 and b"the same accounts" not in outcome.out


def test_a_comparison_calls_another_name_the_same_and_no_damaged_account(run: Run):
    renamed = token(accounts_list=listing(ENTRY | {"name": "me", "issuer": "Else"}))
    assert b"the same accounts" in run(renamed, "provision", "--diff", "-", stdin=URI).out
    counting = token(accounts_list=listing(HOTP | {"counter": 900}))
    uri = URI.replace("totp", "hotp") + "&counter=3"
    assert b"the same accounts" in run(counting, "provision", "--diff", "-", stdin=uri).out
    damaged = token(accounts_list=listing({"account_id": 1, "damaged": True}))
    outcome = run(damaged, "provision", "--diff", "-", stdin=URI)
    assert b"not on the token: 1" in outcome.out and b"Could not be compared: 1" in outcome.err


# The file is one of no accounts, of the token whose serial number HONEST has.
COUNTS: dict[str, dict[str, Any]] = {
    "one more": {"same": 1},
    "one more restored": {"added": 1, "replaced": 0, "skipped": 0, "kept": 0, "damaged": 0},
    "many": {"same": 65535, "gone": 65535},
}


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("command", [("restore",), ("backup", "--verify", "--full")])
def test_counts_that_are_not_of_the_file_are_no_success(
    run: Run, counts: str, command: tuple[str, ...]
):
    hostile = token(transfer_finish=COUNTS[counts])
    outcome = run(hostile, *command, KEPT)
    one_sentence(outcome, {VERIFICATION})
    assert not outcome.out and b"Restored" not in outcome.err


def test_the_last_backup_of_a_token_is_one_of_that_token(run: Run):
    """Whatever it says: the file has another serial number."""
    other = HONEST["hello"] | {"serial": "FFFFFFFFFFFF"}
    for full in (), ("--full",):
        for as_json in (), ("--json",):
            outcome = run(token(hello=other), "backup", "--verify", *full, *as_json, KEPT)
            assert b"is the last backup" not in outcome.out
            if as_json and full:
                assert json.loads(outcome.out)["last"] is False
            if not full:
                one_sentence(outcome, {VERIFICATION})


def test_a_backup_of_another_token_or_of_fewer_accounts_is_no_backup(run: Run, tmp_path):
    """It would be found out with the old token gone."""
    for lie in (
        {"hello": HONEST["hello"] | {"serial": "FFFFFFFFFFFF"}},
        {"backup_make": {"transfer_id": "BBBBBBBB", "account_count": 1}},
    ):
        outcome = run(token(**lie), "backup", "new.otpb")
        one_sentence(outcome, {5})
        assert not (tmp_path / "new.otpb").exists()
    assert run(token(), "backup", "new.otpb").code == 0
    assert (tmp_path / "new.otpb").read_bytes() == BACKUP


def test_a_favourite_is_what_the_token_says_of_that_account(run: Run):
    """A token that says nothing but "done" is believed; one that finds another is not obeyed."""
    found = {"rows": [[1, "Example", "alice", CHECK], [1, "Example", "alice", CHECK]], "total": 2}
    outcome = run(token(accounts_find=found), "favourite", "alice")
    one_sentence(outcome, {21, 6, 2, 19})
    elsewhere = {"rows": [[1, "Mallory", "m", CHECK]], "total": 1}
    hostile = token(accounts_find=elsewhere)
    outcome = run(hostile, "favourite", "alice")
    assert outcome.code and "accounts.favourite" not in hostile.methods, outcome
