"""tokenctl restore: a token gets what a file holds, with the code entered there, or nothing."""

import pytest
from e2e import backup_command
from e2e.backup_command import ALICE, CODE, DARK, DOOR, MAIL, kept, names, save, says, write
from e2e.commandline import HOLD, CommandLine
from e2e.paper import Keeper
from e2e.pin_command import PIN, set_pin
from support import backups
from support.backups import Backup

from otpcore.account import Account
from tokenctl.device import backup_file
from tokenctl.device.link import Link
from tokenctl.device.refusals import refusal
from tokenctl.device.token import Token
from tokenctl.errors import NoAnswer

run, other, path = backup_command.run, backup_command.other, backup_command.path


def skip_ten(run: CommandLine) -> None:
    """Hold the button on an HOTP account that may be behind, and say yes."""
    run.token.press(3.3)
    run.token.wait(8)
    assert says(run, "Counter behind?")
    run.token.press(3.3)
    run.token.wait(5)


def test_another_token_restores_it_with_the_code_entered_there(run, other, path):
    keeper = save(run, path)
    accounts = [each.key_check_value for each in run.stored()]
    fresh = other()
    someone = Keeper(fresh.token)
    someone.paper = keeper.paper
    result = fresh("restore", str(path), "--json", answer=someone)
    assert result.code == 0 and result.json["added"] == 3, result
    assert someone.asked == ["code", "press"]
    assert [each.key_check_value for each in fresh.stored()] == accounts
    # The paper is good for its own backups, too.
    again = Keeper(fresh.token)
    assert fresh("backup", str(path), "--force", answer=again).code == 0
    assert again.asked == ["hold"]
    assert len(backups.read(path.read_bytes(), keeper.code).accounts) == 3


def test_a_file_of_the_second_implementation_is_restored(other, path):
    fresh = other()
    accounts = (ALICE, DOOR, MAIL)
    file = write(path, *map(kept, accounts), settings={"favourites": [1], "brightness": 2})
    result = fresh("restore", str(file), "--code-on-computer", stdin=CODE + "\n")
    assert result.code == 0 and "can read every secret" in result.err, result
    assert "has no PIN yet" in result.err and "shows no codes; run tokenctl sync" in result.err
    assert [each.name for each in fresh.stored()] == [each.name for each in accounts]
    assert fresh.stored()[0].key_check_value == ALICE.key_check_value()
    assert fresh("status", "--json").json["backup"]["has_code"] is False  # a computer knows it
    fresh.token.wait(DARK + 35)
    for _ in range(4):  # until the account is there
        if not says(fresh, "Door"):
            fresh.token.press()
            fresh.token.wait(1.5)
    assert says(fresh, "behind? hold 3 s")
    skip_ten(fresh)
    assert fresh.stored()[1].counter == 41 + 1 + 10  # a hold begins as what makes a code


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"otpauth://totp/x", "not a token's backup"),
        (b"", "not a token's backup"),
        (b"OTPB\2" + bytes(100), "update it"),
        (b"OTPB\1", "truncated"),
    ],
)
def test_what_is_no_backup_is_refused_without_the_token(commandline, path, data, words):
    path.write_bytes(data)
    commandline("restore", str(path), port=False).refused(21, words)
    commandline("backup", "--verify", str(path), port=False).refused(21, words)


def test_a_file_that_is_too_short_or_too_long_is_refused_without_the_token(commandline, path):
    data = backups.write(Backup([kept(ALICE)]), CODE)
    for changed, words in (
        (data[:-1], "truncated"),
        (data[:100], "truncated"),
        (data + b"x", "after its end"),
        (data + data, "after its end"),
        (data[:76] + b"\0\1" + data[78:], "not a token's backup"),
    ):
        path.write_bytes(changed)
        commandline("restore", str(path), port=False).refused(21, words)


def test_a_code_that_is_not_the_files_changes_nothing(run, path):
    write(path, kept(Account("New", "bob", b"a new secret for bob")))
    before = names(run)
    wrong = backups.code_of("9876543210" * 4)
    run("restore", str(path), "--code-on-computer", stdin=wrong).refused(21, "recovery code")
    mistyped = CODE[:7] + str((int(CODE[7]) + 1) % 10) + CODE[8:]
    run("restore", str(path), "--code-on-computer", stdin=mistyped).refused(3, "group 2")
    run("restore", str(path), "--code-on-computer", stdin="12").refused(3, "10 groups")
    run("restore", str(path), "--code-on-computer", stdin="").refused(3, "no recovery code")
    assert run.asked == [] and names(run) == before


def test_an_account_of_the_same_names_is_asked_about_at_the_token(run, path):
    changed = kept(Account(ALICE.issuer, ALICE.name, b"another secret of 20"))
    write(path, changed, kept(MAIL))

    def answering(second):
        asked = iter(["press", second])

        def answer(notice):
            assert notice == "press"
            run.token.press(0.9 if next(asked) == "no" else 0.1, 0.7)

        return answer

    for second, outcome, secret in (
        ("no", "kept", ALICE.secret),
        ("press", "replaced", changed.secret),
    ):
        result = run(
            *("restore", str(path), "--code-on-computer", "--json"),
            stdin=CODE,
            answer=answering(second),
        )
        assert (result.code, result.json[outcome], result.json["skipped"]) == (0, 1, 1), result
        check = Account("a", "b", secret).key_check_value()
        assert run.stored()[0].key_check_value == check


def test_replace_takes_a_hold_and_leaves_nothing_else(run, path):
    write(path, kept(Account("New", "bob", b"a new secret for bob")), kept(MAIL))
    command = ("restore", str(path), "--replace", "--code-on-computer")
    run(*command, stdin=CODE, answer=lambda notice: run.token.press(0.1, 0.7)).refused(7)
    assert len(run.stored()) == 3
    assert run(*command, stdin=CODE, answer=HOLD).code == 0
    assert names(run) == ["bob", "alice"]


@pytest.mark.parametrize("messages", [0, 1, 2])
def test_a_cable_pulled_at_any_message_of_a_restore(run, path, messages):
    accounts = [kept(Account("New", f"user{n}", b"x" * 60)) for n in range(12)]
    file = backup_file.parse(backups.write(Backup(accounts), CODE))
    before = run.stored()
    with run.open() as token:
        link, sent = token.backups._link, iter(range(99))
        request = link.request

        def pulled(method, parameters=None):
            if method == "transfer.write" and next(sent) == messages:
                raise NoAnswer("pulled")
            if method == "transfer.cancel":
                raise NoAnswer("pulled")
            return request(method, parameters)

        link.request = pulled
        with pytest.raises(NoAnswer):
            token.backups.open(file, "merge", code=CODE)
    assert run.stored() == before
    if messages == 1:
        run.token.power_off()
        run.token.power_on()
        run.token.wait_until_ready()
        assert run.stored() == before
    with run.open() as token:
        assert token.backups.open(file, "merge", code=CODE)["added"] == 12
        assert token.status().changed is False
    assert len(run.stored()) == 15


def test_the_log_of_a_restore_has_no_code(run, path, tmp_path):
    write(path, kept(MAIL))
    log = tmp_path / "log"
    run("--log-file", str(log), "restore", str(path), "--code-on-computer", stdin=CODE)
    text = log.read_text()
    assert "backup.open" in text
    assert CODE.split()[0] not in text and CODE.replace(" ", "") not in text


@pytest.mark.parametrize("counts_already", [False, True])
def test_where_a_token_fails_as_it_restores_all_of_it_counts_or_nothing(
    run, path, monkeypatch, counts_already
):
    """It then completes what counts already, or clears up: that is asked for at once."""
    write(path, kept(Account("New", "bob", b"a new secret for bob")))
    before, request, asked = names(run), Link.request, []

    def fail(link, method, *more, **options):
        asked.append(method)
        if method != "transfer.finish":
            return request(link, method, *more, **options)
        if counts_already:
            request(link, method, *more, **options)
        raise refusal("failed", "no_memory")

    with monkeypatch.context() as patched:
        patched.setattr(Link, "request", fail)
        failed = run("restore", "--code-on-computer", str(path), stdin=CODE)
    assert failed.code == 6 and "ran out of memory. Either all the accounts are" in failed.err
    assert asked[-2:] == ["transfer.finish", "transfer.cancel"]
    assert names(run) == before + ["bob"] * counts_already


def test_where_a_token_restarts_as_it_restores_nobody_says_that_nothing_was_restored(
    run, path, monkeypatch
):
    """It completes what counts already; to the request, which is repeated, it answers: over."""
    write(path, kept(Account("New", "bob", b"a new secret for bob")))
    before, request = names(run), Link.request

    def restart(link, method, *more, **options):
        answer = request(link, method, *more, **options)
        if method != "transfer.finish":
            return answer
        run.token.power_off()
        run.token.power_on()
        run.token.wait_until_ready()
        return request(link, method, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Link, "request", restart)
        result = run("restore", "--code-on-computer", str(path), stdin=CODE)
    result.refused(6, "Either all the accounts are on the token now or nothing has changed")
    assert names(run) == [*before, "bob"]


@pytest.mark.parametrize("when", ["transfer.write", "transfer.finish"])
def test_a_token_that_is_locked_before_the_end_asks_for_no_pin(run, path, monkeypatch, when):
    """It would be for nothing: the restore is over."""
    before, request, asked = names(run), Link.request, []
    set_pin(run, PIN, PIN)
    write(path, kept(Account("New", "bob", b"a new secret for bob")))

    def lock(link, method, *more, **options):
        if method == when:
            request(link, "vault.lock")
        return request(link, method, *more, **options)

    def press(notice):
        asked.append(notice)
        if notice == "press":
            run.token.press(after=0.7)

    with monkeypatch.context() as patched:
        patched.setattr(Link, "request", lock)
        result = run("restore", "--code-on-computer", str(path), stdin=CODE, answer=press)
    result.refused(6, "the token was locked or wiped")
    assert asked == ["press"]
    with Token(run.token.transport(), Keeper(run.token, PIN)) as token:
        assert [each.name for each in token.accounts()] == before
        assert token.status().damaged_count == 0 and token.status().changed is False
