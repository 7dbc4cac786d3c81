"""tokenctl provision of what is on the token already, or is there twice."""

from typing import Any

from e2e.commandline import NOTHING, unchanged
from e2e.provision_command import ADDED, EXAMPLE, SECRET, SEVERAL, THREE, URI, issuers, sources

from tokenctl.device.accounts import StoredAccount
from tokenctl.device.token import Token
from tokenctl.enrol.code_parameters import CodeParameters
from tokenctl.enrol.enrolment import enrol
from tokenctl.enrol.provisioning import counted_on

__all__ = ["sources"]


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


def test_replacing_sets_no_counter_back_unless_it_is_given(commandline):
    """The service would refuse the codes until the counter had caught up."""
    source = f"otpauth://hotp/VPN:alice?secret={SECRET}&counter=5"
    again = ("provision", "--replace", "-")
    commandline("provision", "-", stdin=source)
    for _ in range(3):
        commandline("code", "VPN")
    result = commandline(*again, stdin=source)
    assert result.code == 0 and "'VPN' keeps its counter 8" in result.err
    assert [each.counter for each in commandline.stored()] == [8]
    ahead = commandline(*again, stdin=source.replace("=5", "=20"))
    assert ahead.code == 0 and "counter" not in ahead.err
    assert [each.counter for each in commandline.stored()] == [20]
    assert commandline(*again, "--counter", "2", stdin=source).code == 0
    assert [each.counter for each in commandline.stored()] == [2]
    typed = ("--type", "hotp", "--counter", "1", "--issuer", "VPN", "--account", "alice")
    assert commandline("provision", "--replace", *typed, stdin=SECRET).code == 0
    assert [each.counter for each in commandline.stored()] == [1]
    other = source.replace(SECRET, SECRET[::-1].replace("3", "A"))
    assert commandline(*again, stdin=other).code == 0
    assert [each.counter for each in commandline.stored()] == [5]


def test_of_two_tokens_the_counter_that_is_ahead_is_kept():
    parameters = CodeParameters(type="hotp", counter=4)
    enrolment = enrol("VPN", "alice", b"a secret of alice's", parameters)
    check = enrolment.account.key_check_value() or ""

    def stored(counter: int) -> StoredAccount:
        return StoredAccount(
            account_id=1, type="hotp", issuer="VPN", name="alice", counter=counter,
            key_check_value=check,
        )  # fmt: skip

    for counters, kept in (((10, 3), 10), ((3, 10), 10), ((3, 2), 4)):
        (after,) = counted_on([enrolment], [stored(each) for each in counters])
        assert after.account.counter == kept
        assert enrolment.account.counter == 4


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
