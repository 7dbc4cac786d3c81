"""tokenctl provision of several accounts at once: one press for all, or none of them."""

from e2e.commandline import NO, unchanged
from e2e.provision_command import EXAMPLE, PICTURES, SEVERAL, THREE, issuers

from tokenctl.enrol.pipeline import enrolments as enrolments_in
from tokenctl.enrol.provisioning import plan, write


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
