"""What is printed in terminals of every width: names stay whole, words too, nothing is lost."""

import io
import unicodedata

import pytest

from tokenctl.cli import layout, terminal
from tokenctl.cli.layout import Column

TITLES = (
    Column("#"),
    Column("Issuer"),
    Column("Account"),
    Column("Type", ("totp",)),
    Column("Algorithm", ("SHA1",)),
    Column("Digits", ("6",)),
    Column("Period", ("30 s",)),
    Column("Check", order=1),
)
USUAL = [
    ("1", "Microsoft (Contoso BV)", "alain@contoso.com", "totp", "SHA1", "6", "30 s", "12345678"),
    ("2", "日本語の銀行", "ユーザー", "totp", "SHA1", "6", "30 s", "abcdef01"),
    ("3", "Post", "box", "static", "", "", "", ""),
]
ODD = ("4", "Example Bank", "alice@example.com", "hotp", "SHA256", "8", "counter 7", "01234567")
SENTENCE = "The token does not know the time, and shows no codes until its clock is set."


def drawn(rows, width):
    return ["".join(line).rstrip() for line in layout.table(TITLES, rows, width)]


def columns(text):
    """As a terminal counts them, by Unicode's own tables (UAX 11)."""
    return sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in text)


@pytest.mark.parametrize("width", [200, 100, 80, 72, 60, 50, 40, 30, 26])
@pytest.mark.parametrize("rows", [USUAL[:2], USUAL, [*USUAL, ODD]], ids=["usual", "text", "odd"])
def test_names_stay_whole_and_nothing_is_wider_than_the_terminal(width, rows):
    lines = drawn(rows, width)
    assert max(columns(line) for line in lines) <= width
    text = "\n".join(lines)
    for row in rows:
        assert row[1] in text and row[2] in text


@pytest.mark.parametrize("width", range(6, 26))
def test_a_terminal_narrower_than_a_name_breaks_it_and_loses_nothing(width):
    lines = drawn([*USUAL, ODD], width)
    assert max(columns(line) for line in lines) <= width
    text = "".join(lines).replace(" ", "")
    for row in (*USUAL, ODD):
        assert row[1].replace(" ", "") in text and row[2] in text


def test_columns_that_say_nothing_go_first_and_the_last_is_the_check_value():
    assert drawn(USUAL[:2], 60)[0].split() == ["#", "Issuer", "Account", "Check"]
    assert drawn(USUAL[:2], 80)[0].split() == [
        *("#", "Issuer", "Account", "Digits", "Period", "Check"),
    ]
    assert drawn([USUAL[0], ODD], 80)[0].split()[-1] == "Period"
    assert drawn([*USUAL, ODD], None)[0].split()[-1] == "Check"


def test_what_is_not_usual_is_said_in_every_width():
    for width in (60, 40, 20):
        text = " ".join(" ".join(drawn([*USUAL, ODD], width)).split())
        assert "hotp, SHA256, 8 digits, counter 7, 01234567" in text and "static" in text


def test_without_a_terminal_a_row_is_a_line():
    lines = drawn([*USUAL, ODD], None)
    assert len(lines) == 5 and len(set(map(columns, (lines[1], lines[4])))) == 1


@pytest.mark.parametrize("width", [80, 60, 40, 20, 12])
def test_prose_breaks_between_words(width):
    lines = layout.prose(SENTENCE, width)
    assert " ".join(lines) == SENTENCE
    assert all(columns(line) <= width for line in lines)
    assert layout.prose(SENTENCE, None) == [SENTENCE]


def test_a_question_keeps_the_blank_behind_it():
    assert layout.prose("Set its clock to this computer's now? [Y/n] ", 30)[-1].endswith("] ")


def test_what_stands_behind_a_label_stays_in_its_column():
    first, *others = layout.prose("Clock       " + SENTENCE, 50)
    assert first.startswith("Clock       The") and others
    assert all(line.startswith(" " * 12) and line[12] != " " for line in others)


def test_a_form_s_sentences_break_between_words_too():
    """What is asked by hand is written to a screen of its own."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()  # of 80 columns, since it does not say
    terminal.show(screen, f"{SENTENCE} {SENTENCE}")
    written = screen.getvalue()
    assert written.split() == [*SENTENCE.split(), *SENTENCE.split()]
    assert written.endswith("\n") and max(map(len, written.splitlines())) <= 80
    file = io.StringIO()
    terminal.show(file, f"{SENTENCE} {SENTENCE}")
    assert file.getvalue() == f"{SENTENCE} {SENTENCE}\n", "what is no terminal gets one line"
