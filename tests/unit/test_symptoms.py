"""doctor --symptom: what to do by what somebody sees, in two languages, and on two pages."""

import json
import re
from pathlib import Path

import pytest

from tokenctl import language as speaking
from tokenctl.cli import main
from tokenctl.cli.checks import symptoms

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "troubleshooting.md", "nl": DOCS / "nl" / "troubleshooting.md"}
# Of issue 18: each has an answer.
WANTED = {
    "codes-refused", "token-dark", "token-lost", "token-stolen", "token-new", "forgotten-pin",
    "travelling", "old-program", "qr-code", "push-code", "five-methods", "no-option",
}  # fmt: skip
TRANSLATED = {"NAAM": "NAME", "afdruk.png": "shot.png"}


@pytest.fixture
def tokenctl(monkeypatch, capfd):
    """Run tokenctl with these arguments in a language; return code, output and errors."""

    def run(*arguments: str, language: str = "en_GB.UTF-8") -> tuple[int, str, str]:
        for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", language)
        capfd.readouterr()
        code = main.run(["doctor", *arguments])
        return (code, *capfd.readouterr())

    yield run
    speaking.choose("en")


@pytest.mark.parametrize("language", speaking.LANGUAGES)
def test_each_symptom_is_there_in_each_language(language):
    path = Path(symptoms.__file__).with_name("symptoms.json")
    lacking = [
        name for name, texts in json.loads(path.read_text()).items() if language not in texts
    ]
    assert lacking == [], path


def test_a_language_that_is_being_added_has_the_english_ones():
    assert symptoms.symptoms("eo") == symptoms.symptoms("en")


def test_each_symptom_is_there_in_both_languages():
    english, dutch = symptoms.symptoms("en"), symptoms.symptoms("nl")
    assert set(english) == WANTED and list(english) == list(dutch)
    for name, each in english.items():
        other = dutch[name]
        assert each.title != other.title and len(each.steps) == len(other.steps) >= 4
        for step, translated in zip(each.steps, other.steps, strict=True):
            assert step != translated and step.endswith(".") and translated.endswith(".")
            assert typed(step) == typed(translated)


def typed(step: str) -> list[str]:
    """Return what a step has somebody type, with English names."""
    text: str = " ".join(re.findall("`(.+?)`", step))
    for dutch, english in TRANSLATED.items():
        text = text.replace(dutch, english)
    return re.split(" +", text)


@pytest.mark.parametrize("language", PAGES)
def test_the_page_says_the_same_as_the_terminal(language, tokenctl):
    page = PAGES[language].read_text()
    for name, each in symptoms.symptoms(language).items():
        section = page.split(f"\n## {each.title}\n")[1].split("\n## ")[0]
        assert [line for line in section.splitlines() if re.match(r"\d+\. ", line)] == [
            f"{number}. {step}" for number, step in enumerate(each.steps, 1)
        ]
        code, out, err = tokenctl("--symptom", name, language=f"{language}_BE.UTF-8")
        assert (code, err) == (0, "")
        plain = page_text(section)
        assert out.splitlines()[0] == each.title
        for line in out.splitlines()[1:]:
            assert page_text(line.split(". ", 1)[1]) in plain


def page_text(text: str) -> str:
    return re.sub(r'[`"]|\*\*', "", text)


def test_without_a_name_they_are_listed(tokenctl):
    code, out, err = tokenctl("--symptom")
    assert code == 0 and {line.split()[0] for line in out.splitlines()} == WANTED
    assert "--symptom NAME" in err


@pytest.mark.parametrize(
    ("arguments", "title"),
    [((), "You are travelling"), (("--language", "nl"), "Je gaat op reis")],
)
def test_a_program_gets_english_unless_it_asks(tokenctl, arguments, title):
    code, out, _err = tokenctl("--symptom", "--json", *arguments, language="nl_NL.UTF-8")
    assert code == 0 and {each["name"] for each in json.loads(out)} == WANTED
    assert {"name": "travelling", "title": title} in json.loads(out)


def test_a_part_of_a_name_does(tokenctl):
    assert tokenctl("--symptom", "Refused")[1].startswith("Codes are refused\n")
    report = json.loads(tokenctl("--symptom", "pin", "--json")[1])
    assert report["name"] == "forgotten-pin" and len(report["steps"]) >= 4


@pytest.mark.parametrize(
    ("name", "words"), [("token", ("token-lost", "token-new")), ("xyz", ("xyz", "qr-code"))]
)
def test_what_means_none_or_several_is_refused_with_the_names(tokenctl, name, words):
    code, out, err = tokenctl("--symptom", name)
    assert (code, out) == (2, "") and len(err.splitlines()) == 1
    assert all(word in err for word in words)
