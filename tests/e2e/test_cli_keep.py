"""tokenctl provision --keep: in the file is what the token has acknowledged, and nothing else."""

from pathlib import Path

import pytest
from e2e.commandline import NO, CommandLine, unchanged
from e2e.processes import Terminal
from support.apps import aegis

from tokenctl.device.token import Token
from tokenctl.errors import LinkError

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PASSPHRASE = "correct horse battery"
URIS = "".join(
    f"otpauth://{kind}/Site:{name}?secret={SECRET}{more}\n"
    for name, kind, more in (
        ("alice", "totp", "&digits=8"),
        ("bob", "hotp", "&counter=3"),
        ("carol", "totp", "&algorithm=SHA512"),
    )
)


@pytest.fixture
def options(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "words").write_text(PASSPHRASE + "\n")
    names = str(tmp_path / "kept.json"), str(tmp_path / "words")
    return "--keep", names[0], "--keep-password-file", names[1]


def kept(options: tuple[str, ...]) -> list[str]:
    return [
        each["name"] for each in aegis.opened(Path(options[1]).read_bytes(), PASSPHRASE)["entries"]
    ]


def test_what_is_added_is_kept_and_goes_onto_another_token(commandline, options):
    result = commandline("provision", "--all", "-", *options, stdin=URIS)
    assert result.code == 0, result
    assert kept(options) == ["alice", "bob", "carol"]
    assert "Kept 3 accounts" in result.err and "has these accounts" in result.err
    assert PASSPHRASE not in result.err + result.out and SECRET not in result.err + result.out
    before = commandline.stored()
    for each in before:
        commandline("remove", each.name)
    back = commandline("provision", "--all", options[1], "--password-file", options[3])
    assert back.code == 0, back
    assert [each.key_check_value for each in commandline.stored()] == [
        each.key_check_value for each in before
    ]
    assert commandline.stored()[1].counter == 3


def test_a_refusal_at_the_token_keeps_nothing(commandline, options):
    result = unchanged(
        commandline,
        lambda: commandline("provision", "--all", "-", *options, stdin=URIS, answer=NO),
    )
    result.refused(7, "refused at the token")
    assert not Path(options[1]).exists()


def test_what_was_acknowledged_is_kept_and_the_same_command_keeps_the_rest(commandline, options):
    store = Token._store

    def pulled(token: Token, *arguments: object) -> int:
        if len(token.acknowledged) == 2:
            raise LinkError("the port has gone: was the token unplugged?")
        return store(token, *arguments)  # pyrefly: ignore[bad-argument-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Token, "_store", pulled)
        result = commandline("provision", "--all", "-", *options, stdin=URIS)
    assert result.code == 5 and "unplugged" in result.err
    assert kept(options) == ["alice", "bob"] == [each.name for each in commandline.stored()]
    Path(options[1]).unlink()  # what was there before is kept, too, when its secret is the same
    assert commandline("provision", "--all", "-", *options, stdin=URIS).code == 0
    assert kept(options) == ["alice", "bob", "carol"]


def test_a_wrong_passphrase_stops_before_the_token_is_asked(commandline, options):
    Path(options[3]).write_text("  \n")
    commandline("provision", "--all", "-", *options, stdin=URIS).refused(3, "passphrase is empty")
    Path(options[3]).write_text(PASSPHRASE)
    commandline("provision", "--all", "-", *options, stdin=URIS)
    data = Path(options[1]).read_bytes()
    Path(options[3]).write_text("another\n")
    more = f"otpauth://totp/Site:dave?secret={SECRET}"
    result = unchanged(commandline, lambda: commandline("provision", "-", *options, stdin=more))
    result.refused(3, options[1], "password is wrong")
    assert not commandline.asked and Path(options[1]).read_bytes() == data


def test_a_file_that_cannot_be_written_at_the_end_is_said_to_be_incomplete(
    commandline, options, monkeypatch
):
    from tokenctl.enrol import keeping
    from tokenctl.errors import KeepingFailed

    def full(path: Path, data: bytes) -> None:
        raise KeepingFailed("the file cannot be written: no space left on device")

    monkeypatch.setattr(keeping, "exchange", full)
    result = commandline("provision", "--all", "-", *options, stdin=URIS)
    assert result.code == 22 and "are on the token, but" in result.err
    assert len(commandline.stored()) == 3 and not Path(options[1]).exists()


def test_ctrl_c_while_the_file_is_written_says_that_it_may_lack_what_the_token_has(
    commandline, options, monkeypatch
):
    from tokenctl.enrol import keeping

    def interrupted(path, data):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "exchange", interrupted)
        result = commandline("provision", "--all", "-", *options, stdin=URIS)
    assert result.code == 130
    assert "may lack" in result.err and "kept.json" in result.err and "again" in result.err
    assert len(commandline.stored()) == 3 and not Path(options[1]).exists()
    assert commandline("provision", "--all", "-", *options, stdin=URIS).code == 0
    assert kept(options) == ["alice", "bob", "carol"]


def test_what_does_not_go_together(commandline: CommandLine, tmp_path: Path) -> None:
    keep = "--keep", str(tmp_path / "k")
    for arguments, code, word in (
        (("--dry-run", "-", *keep), 2, "--dry-run adds none"),
        (("--diff", "-", *keep), 2, "--diff adds none"),
        (("--static", *keep), 2, "no place for a text"),
        (("--keep-password-file", "x", "-"), 2, "needs --keep"),
        (("--all", "-", *keep), 3, "--keep-password-file"),
        (("--hotp", "-"), 2, "needs --also"),
    ):
        commandline("provision", *arguments, stdin=URIS).refused(code, word)
    assert not list(tmp_path.iterdir())


def test_a_passphrase_is_typed_twice_and_unseen(tmp_path):
    path, source = tmp_path / "kept.json", tmp_path / "uris.txt"
    source.write_text(URIS)
    with Terminal(
        "--port", "none", "provision", "--all", "--keep", str(path), str(source)
    ) as shell:
        shell.until("will hold the secrets")
        shell.until("New passphrase: ")
        shell.type(PASSPHRASE + "\n")
        shell.until("Once more: ")
        shell.type("something else\n")
        shell.until("do not match")
        shell.until("New passphrase: ")
        shell.type(PASSPHRASE + "\n")
        shell.until("Once more: ")
        shell.type(PASSPHRASE + "\n")
        code, out = shell.finish()
    assert (code, out) == (4, "") and PASSPHRASE not in shell.shown
    assert not path.exists()
