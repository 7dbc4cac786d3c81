"""From a source to enrolments: what is given, what lacks, what is bad, and which files may go."""

from pathlib import Path

import pytest
from support import enrolled
from unit.exports import export
from unit.test_migration import ALICE, BOB
from unit.test_sources import OTHER, URI

from tokenctl.enrol import pipeline, sources
from tokenctl.enrol.draft import Draft, Given
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import Fault, parted
from tokenctl.enrol.setup_code import SetupCode
from tokenctl.errors import BadEnrolment, NoName, SourceError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NAMELESS = f"otpauth://totp/?secret={SECRET}"


def draft_of(uri: str) -> Draft:
    (draft,) = pipeline.parse_code(SetupCode(uri))
    assert isinstance(draft, Draft)
    return draft


def test_a_draft_may_lack_its_name_and_is_parsed_once() -> None:
    draft = draft_of(NAMELESS)
    assert not draft.is_named
    (fault,) = pipeline.finish([draft])
    assert isinstance(fault, Fault) and isinstance(fault.error, NoName)
    (made,) = pipeline.finish([draft], Given(account="me"))
    assert isinstance(made, Enrolment) and made.account.name == "me"


def test_what_a_draft_lacks_is_said_the_same_way_each_time() -> None:
    drafts = pipeline.parse([sources.text_sheet(f"otpauth://hotp/me?secret={SECRET}", "in a.txt")])
    said = [str(parted(pipeline.finish(drafts))[1][0]) for _ in range(2)]
    assert said[0] == said[1] and said[0].startswith("in a.txt: ")


@pytest.mark.parametrize(
    ("uri", "given"),
    [
        (f"otpauth://totp/Steam:me?secret={SECRET}", {"issuer": "My games", "account": "x"}),
        (f"otpauth://totp/Steam:me?secret={SECRET}", {"issuer": "My games"}),
        (NAMELESS, {"issuer": "Steam", "account": "me"}),
        (NAMELESS, {"issuer": "steam"}),
    ],
)
def test_a_name_that_is_given_makes_no_other_codes(uri: str, given: dict[str, str]) -> None:
    """What is Steam's by its own name stays so; a nameless one is by the name that it gets."""
    made = enrolled.from_uri(uri, **given)
    assert (made.account.type, made.account.digits) == ("steam", 5)
    assert any("Steam" in warning for warning in made.warnings)


def test_a_nameless_code_of_six_digits_is_not_steam_s() -> None:
    made = enrolled.from_uri(NAMELESS + "&digits=6", issuer="Steam")
    assert (made.account.type, made.account.digits) == ("totp", 6)


def test_an_unreadable_label_is_no_fault_of_what_follows() -> None:
    """Both names have to be given: one of its own is no name."""
    uri = f"otpauth://totp/%FF?secret={SECRET}&issuer=Bank"
    for given in ({}, {"issuer": "Bank"}, {"account": "me"}):
        with pytest.raises(BadEnrolment, match="not UTF-8"):
            enrolled.from_uri(uri, **given)
    assert enrolled.from_uri(uri, issuer="Bank", account="me").account.issuer == "Bank"


def test_faults_are_told_in_the_order_of_the_source() -> None:
    """Whichever step of the way found them: the scheme, the parameters, the limits."""
    text = "\n".join((URI + "&digits=3", OTHER, "hello", URI + "&algorithm=MD5"))
    with pytest.raises(SourceError) as caught:
        enrolled.from_text(text)
    told = [caught.value, *caught.value.more]
    assert [str(each)[:6] for each in told] == ["line 1", "line 3", "line 4"]
    assert [each.account.name for each in caught.value.good] == ["bob"]


def test_the_same_fault_of_several_accounts_is_one() -> None:
    bad = {"name": "x" * 65}
    with pytest.raises(BadEnrolment, match=r"account 1 of the export \(also 3\): ") as caught:
        enrolled.from_text(export(ALICE | bad, BOB, ALICE | bad))
    assert caught.value.more == [] and len(caught.value.good) == 1


@pytest.mark.parametrize("bad", ["&digits=3", "&algorithm=MD5"])
def test_a_list_with_a_bad_enrolment_in_it_is_not_to_be_deleted(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "uris.txt"
    path.write_text(f"{URI}\n{OTHER}{bad}\n")
    with pytest.raises(BadEnrolment) as caught:
        enrolled.from_path(path)
    assert [each.lists for each in caught.value.good] == [()]


def test_what_is_said_of_a_source_is_said_though_its_first_account_is_bad() -> None:
    text = f"Hello,\nhere: {URI}&digits=3 and {OTHER}\n"
    outcomes = pipeline.finish(pipeline.parse([sources.text_sheet(text)]))
    (good,) = (each for each in outcomes if isinstance(each, Enrolment))
    assert good.remarks == ("1 line of the text has no otpauth URI and was ignored",)


def test_no_representation_shows_a_secret() -> None:
    draft = draft_of(URI)
    sheet = sources.text_sheet(URI)
    shown = repr((draft, draft.code, sheet, sources.content(URI), pipeline.finish([draft])))
    assert SECRET[:8] not in shown and repr(draft.secret) not in shown
