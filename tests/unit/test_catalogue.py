"""What tokenctl says is marked, and is in the catalogue, with a translation for each language."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from support import sources

from otpcore import account, base32
from tokenctl import core_sentences, language
from tokenctl.cli.main import cli, run

sys.path.insert(0, str(Path(__file__).parents[2]))
from tools import catalogue  # noqa: E402

OTHERS = language.LANGUAGES[1:]
# Two words in a row make a sentence, or a part of one.
_WORDS = re.compile(r"[A-Za-z]{2,}[,:;]? +\(?[A-Za-z]{2,}")
_FIELD = re.compile(r"(?<!\{)\{(\w+)(![rsa])?(:[^}]*)?\}|%\((\w+)\)s")
# What stays English, or is in no language: where, and how it begins.
_NOT_MARKED = {
    "boards/devices.py": "",  # makes Python sources and a page of hardware/
    "cli/board_argument.py": "file or name",  # click shows our metavar instead
    "cli/chip_key.py": "burn test key ",  # is to be typed as it stands
    "cli/examples.py": "tokenctl ",  # command lines
    "cli/image_options.py": "file or version",
    "core_sentences.py": "",  # what otpcore says, to be recognised; ours beside it is marked
    "device/journal.py": "",  # the log of --debug, for a bug report
    "device/transport.py": "exclusively lock",  # of an error of pyserial's
    "device/usb_chips.py": "",  # names, a command, and the comments of a file
    "enrol/apps/keepassxc.py": "Recycle Bin",  # the name of a group there
    "enrol/apps/table.py": "",  # names of apps; what is said of them is marked
    "enrol/not_otp.py": "ForgeRock or Ping",
    "flashing/layout.py": "",  # why a table is none, which nobody is told
    "flashing/loader.py": "that is no place to write to",  # a fault of ours
    "hardening/chip_key.py": "that is no key",  # a fault of ours
    "hardening/efuses.py": "the burning ended early",  # caught in the same function
    "pictures/passes.py": "dict[",
    "release/": "",  # what is wrong with our own sources
}


def _said_elsewhere(tree: ast.AST) -> set[int]:
    """Return the ids of the texts that are marked, help, or docstrings."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            found |= {id(first.value)} if isinstance(first, ast.Expr) else set()
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("_", "marked", "plural"):
                found |= {id(each) for each in node.args}
        elif isinstance(node, ast.keyword) and node.arg in ("help", "short_help"):
            found |= {id(each) for each in ast.walk(node.value)}
    return found


def unmarked(source: str) -> Iterator[str]:
    """Yield the texts of a source that a user may read, and that are not marked."""
    tree = ast.parse(source)
    skipped = _said_elsewhere(tree)
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in skipped and _WORDS.search(text):
            yield text


@pytest.mark.parametrize("path", catalogue.sources(), ids=lambda path: path.stem)
def test_what_is_said_is_marked(path: Path) -> None:
    name = path.relative_to(catalogue.HOST / "tokenctl").as_posix()
    allowed = [begin for place, begin in _NOT_MARKED.items() if name.startswith(place)]
    found = unmarked(path.read_text("utf-8"))
    assert [text for text in found if not any(map(text.startswith, allowed))] == []


@pytest.mark.parametrize(
    "source",
    ['raise Error("there is none")', 'say(f"there is {no} place")', 'say("Press the " + button)'],
)
def test_what_is_not_marked_is_found(source: str) -> None:
    assert list(unmarked(source))


def test_nothing_is_filled_in_before_it_is_looked_up() -> None:
    with pytest.raises(ValueError, match="f-string"):
        list(catalogue.called(ast.parse('_(f"no {name}")'), ("_",), "plural"))


@pytest.mark.parametrize("path", catalogue.sources(), ids=lambda path: path.stem)
def test_the_mark_is_no_variable_where_it_is_called(path: Path) -> None:
    """`_` for what nobody needs would be called in the place of the function."""
    for function in ast.walk(sources.tree(path)):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            names = [each for each in ast.walk(function) if isinstance(each, ast.Name)]
            ours = [each.ctx for each in names if each.id == "_"]
            stores = [each for each in ours if isinstance(each, ast.Store)]
            assert not stores or len(stores) == len(ours), getattr(function, "name", "lambda")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return catalogue.template()


def _known(code: str) -> Catalog:
    with catalogue.place(code).open("rb") as file:
        return read_po(file, locale=code)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_has_a_translation(code: str, template: Catalog) -> None:
    known = _known(code)
    wanted = {catalogue.forms(message.id) for message in template}
    assert {catalogue.forms(message.id) for message in known} == wanted, "make catalogue"
    lacking = [message.id for message in known if not all(catalogue.forms(message.string))]
    where = (
        f"write them in {catalogue.place(code).relative_to(catalogue.HOST)}, then make catalogue"
    )
    assert lacking == [], where
    assert not any(message.fuzzy for message in known if message.id), where


@pytest.mark.parametrize("code", OTHERS)
def test_the_file_says_where_each_text_stands_today(code: str, template: Catalog) -> None:
    """Else somebody who changes another text finds the places that moved in his difference."""
    today = {each.id: {path for path, _line in each.locations} for each in template}
    known = {each.id: {path for path, _line in each.locations} for each in _known(code)}
    assert [text for text in known if known[text] != today.get(text, known[text])] == [], (
        "make catalogue"
    )


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_not_english(code: str) -> None:
    """A few texts are the same in both, such as an app's menus; of Dutch it is 1 in 47."""
    known = [each for each in _known(code) if each.id]
    same = [each.id for each in known if catalogue.forms(each.id) == catalogue.forms(each.string)]
    assert len(same) <= len(known) // 20, same


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_a_question_offers_the_answers_of_its_language(code: str) -> None:
    language.choose(code)
    answers = language.TABLE[code]
    for prompt, usual in (("{question} [y/N] ", 1), ("{question} [Y/n] ", 0)):
        offered = re.findall(r"\[(\w+)/(\w+)\]", language._(prompt))[0]
        assert [each.isupper() for each in offered] == [place == usual for place in (0, 1)]
        assert offered[0].lower() in answers.yes and offered[1].lower() in answers.no


def test_an_answer_means_the_same_in_all_languages() -> None:
    """Whichever the question was asked in; and it is none of the other words of the review."""
    assert not set(language.YES) & set(language.NO)
    others = {"q", "quit", "e", "edit", "c", "code", "all", ""}
    for word in (*language.YES, *language.NO):
        assert word == word.lower() and word not in others, word


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_the_decimal_sign_is_the_language_s(code: str) -> None:
    sign = Locale(code).number_symbols["latn"]["decimal"]
    assert language.TABLE[code].decimal_comma == (sign == ",")


def test_the_manual_names_the_languages() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "manual.md").read_text()
    named = re.findall(r"`tokenctl` speaks (.+?):", " ".join(manual.split()))
    names = {Locale(code).english_name for code in language.LANGUAGES}
    assert len(named) == 1
    assert set(re.split(", | and ", named[0])) == names, "docs/manual.md: `tokenctl` speaks ..."


def commands(text: str) -> set[str]:
    """Return the commands and options that a text names: they are the same in all languages."""
    names = "|".join(cli.list_commands(click.Context(cli)))
    return set(re.findall(rf"(?<![\w-])(?:tokenctl (?:{names})|--[a-z-]+)\b", text))


# click fills in a word of its own that is in no catalogue: "integer range".
_ENGLISH_FIELD = {"{value!r} is not a valid {number_type}.": "{number_type}"}


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_same_fields_and_blanks(code: str) -> None:
    for message in _known(code):
        texts = catalogue.forms(message.id)
        if not message.id or not any(catalogue.forms(message.string)):
            continue  # what lacks is test_every_text_has_a_translation's
        fields = [Counter(found[0] for found in _FIELD.finditer(each)) for each in texts]
        for form, translation in enumerate(catalogue.forms(message.string)):
            found = Counter(found[0] for found in _FIELD.finditer(translation))
            found += Counter(filter(None, [_ENGLISH_FIELD.get(str(message.id))]))
            assert found in fields[form:] or found in fields, (message.id, translation)
            for strip in (str.lstrip, str.rstrip):
                blanks = {each.replace(strip(each), "") for each in texts}
                assert translation.replace(strip(translation), "") in blanks, translation
            assert commands(translation) in [commands(each) for each in texts], translation


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_compiled_is_what_was_written(code: str) -> None:
    po = catalogue.place(code)
    assert catalogue.written(_known(code))[1] == po.with_suffix(".mo").read_bytes(), (
        "make catalogue"
    )


# otpcore has no catalogue: its clauses are known by their English


def _clauses() -> Iterator[str]:
    """Yield what otpcore raises, each with something in the place of what it fills in."""
    for module in (account, base32):
        for node in ast.walk(sources.tree(Path(str(module.__file__)))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("AccountError", "Base32Error"):
                texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
                text = max((each for each in texts if isinstance(each, str)), key=len, default="")
                yield text.replace("%d", "5").replace("%s", "x")


# What only a wrong program of ours could meet: the wire's form of an account.
_OF_THE_WIRE = ("the account ",)


def test_every_clause_of_otpcore_is_known() -> None:
    clauses = [each for each in _clauses() if each and not each.startswith(_OF_THE_WIRE)]
    assert len(clauses) > 20
    patterns = [pattern for pattern, _sentence in core_sentences._SENTENCES]
    assert [each for each in clauses if not any(p.fullmatch(each) for p in patterns)] == []


# which language it is


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "nl_NL.UTF-8"}, "nl"),
        ({"LANG": "nl"}, "nl"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "nl_BE@euro"}, "nl"),
        ({"LANG": "nl_NL.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "nl_NL.UTF-8", "LC_ALL": ""}, "nl"),
        ({"LANG": "en_US", "LANGUAGE": "xx:nl:en"}, "nl"),
        ({"LANG": "C", "LANGUAGE": "nl"}, "en"),
        ({"LANG": "xx_YY.UTF-8"}, "en"),
        ({"LANG": "../../etc"}, "en"),
    ],
)
def test_the_locale_s_language(environment: dict[str, str], code: str) -> None:
    assert language.of_locale(environment) == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], None),
        (["--language", "nl", "list"], "nl"),
        (["list", "--language=nl"], "nl"),
        (["list", "--language"], None),
        (["list", "--language", "xx"], None),
        (["list", "--json"], "en"),
        (["list", "--json", "--language", "nl"], "nl"),
        (["code", "--", "--language", "nl"], None),
    ],
)
def test_the_command_line_s_language(arguments: list[str], code: str | None) -> None:
    assert language.of_arguments(arguments) == code


DIGITS_12 = "otpauth://totp/A:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=12"
HAS_A_1 = "otpauth://totp/A:b?secret=GEZDGNBVGY3TQOJ1GEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--help"], {"LC_ALL": "nl_NL.UTF-8"}, ["Gebruik:", "Opties:", "Afsluitcodes:", "gelukt"]),
        (["move", "--help", "--language", "nl"], {}, ["Verplaats het account NAME", "uitleg"]),
        (["move"], {"LC_ALL": "nl"}, ["Fout: Ontbrekend argument 'NAME'", "Zie tokenctl move"]),
        (["liist", "--language", "nl"], {}, ["Fout: Onbekende opdracht", "Bedoel je 'list'?"]),
        (["code", "x", "--language", "xx"], {}, ["Error: Invalid value for '--language'"]),
        (["move"], {"LC_ALL": "xx_YY"}, ["Error: Missing argument 'NAME'. See tokenctl move"]),
        (["pin", "lock-after", "abc"], {"LC_ALL": "nl"}, ["'abc' is geen geldig getal. Zie"]),
        (
            ["provision", "--dry-run", DIGITS_12],
            {"LC_ALL": "nl"},
            ["Het aantal cijfers moet van 4"],
        ),
        (["provision", "--dry-run", HAS_A_1], {"LC_ALL": "nl"}, ["misschien is het I of L."]),
        (
            ["backup", "--verify", "no/file"],
            {"LC_ALL": "nl"},
            ["dat bestand of die map bestaat niet"],
        ),
        (["provision", "a", "--static"], {"LC_ALL": "nl"}, ["Fout: --static vraagt om een"]),
        (["provision", "a", "--static", "--json"], {"LC_ALL": "nl"}, ['{"error": "--static asks']),
    ],
)
def test_commands_in_a_language(arguments, environment, words, monkeypatch, capfd) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LANGUAGE", "")
    run(arguments)
    shown = " ".join("".join(capfd.readouterr()).split())
    assert all(word in shown for word in words), shown


@pytest.mark.parametrize(
    ("code", "volts", "limit", "kept"),
    [("en", "3.91 V", "1,000,000", "1.24.0"), ("nl", "3,91 V", "1.000.000", "1.24.0")],
)
def test_numbers_are_written_as_the_language_does(code, volts, limit, kept) -> None:
    """The Dutch decimal sign is a comma (Taaladvies); a version is no number."""
    language.choose(code)
    about = language._("about {charge} % ({volts:.2f} V)").format(charge=70, volts=3.907)
    too_many = language._("the secret has {size} bytes; the limit is {limit}")
    assert volts in about and "70 %" in about
    assert f"{language.number(1_000_000, ',')}" == limit
    assert kept in too_many.format(size=kept, limit=1)
    assert "0x4e20" in language._("{size} at {offset:#x}").format(size=2, offset=20000)
