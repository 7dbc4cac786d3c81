"""URIs in lists, in prose, in tables and in mails, as people send them to themselves."""

import pytest
from support import enrolled
from unit.test_sources import OTHER, URI, names

from tokenctl.enrol.sources import holds_enrolments
from tokenctl.errors import BadEnrolment, NotAnEnrolment, SourceError


@pytest.mark.parametrize(
    "text",
    [
        f"Dear Alice,\n\nyour code is {URI}.\nPlease use {OTHER}, too.\nBye\n",
        f"name,code\nExample,{URI}\nOther,{OTHER}\n",
        f'"name","code","note"\n"Example","{URI}","a, b"\n"Other","{OTHER}",""\n',
        f"code,name\n{URI},Example\n{OTHER},Other\n",
        f'"code","name"\n"{URI}","Example"\n"{OTHER}","Other"\n',
        f"name;code\nExample;{URI};x\nOther;{OTHER};y\n",
        f"- Example: <{URI}>\n- Other: ({OTHER})\n",
        f"* Example: `{URI}`\n* Other: '{OTHER}'\n",
        f"{URI}\tmy bank\n{OTHER}\tthe other one\n",
        f"{URI} {OTHER}\n",
        f"Example\t{URI}\nOther\t{OTHER}\n",
        f'{{"code": "{URI}"}},\n{{"code": "{OTHER}"}}\n',
        f"[Example]({URI}) and [Other]({OTHER})\n",
    ],
)
def test_uris_in_a_text(text: str) -> None:
    made = enrolled.from_text(text)
    assert names(made) == ["alice", "bob"]
    plain = enrolled.from_text(f"{URI}\n{OTHER}\n")
    assert [each.account.to_record() for each in made] == [
        each.account.to_record() for each in plain
    ]
    assert holds_enrolments(text)


def test_raw_blanks_in_a_label_within_prose() -> None:
    (made,) = enrolled.from_text(
        "use otpauth://totp/Big Bank:me?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP now"
    )
    assert (made.account.issuer, made.account.name) == ("Big Bank", "me")


def test_lines_that_say_something_else_are_counted() -> None:
    made = enrolled.from_text(f"Hello,\n\nthis is it: {URI}\nBye\n")
    assert made[0].remarks == ("2 lines of the text have no otpauth URI and were ignored",)
    assert enrolled.from_text(f"this is it: {URI}\n")[0].remarks == ()


def test_a_bad_uri_in_prose_is_refused_by_its_line() -> None:
    with pytest.raises(BadEnrolment, match="line 2: the digits"):
        enrolled.from_text(f"Hello,\nhere: {URI}&digits=3\nand here: {OTHER}\n")


@pytest.mark.parametrize("broken", ["tpauth//totp/a?secret=JBSWY3DP", "otpauth;//totp/a"])
def test_a_damaged_uri_is_no_prose(broken: str) -> None:
    with pytest.raises(NotAnEnrolment, match="line 2"):
        enrolled.from_text(f"this is it: {URI}\n{broken}\n")


def test_a_list_is_a_list_still() -> None:
    with pytest.raises(NotAnEnrolment, match="line 2"):
        enrolled.from_text(f"{URI}\nhello\n")
    with pytest.raises(SourceError):
        enrolled.from_text("hello\n")


@pytest.mark.parametrize("text", ["nototpauth://totp/a", "see https://example.com/otpauth"])
def test_what_is_no_uri_within_a_line(text: str) -> None:
    assert not holds_enrolments(text)
