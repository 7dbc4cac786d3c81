"""The languages on the token: each has every text, and every text fits where it is drawn."""

import ast
import re
from pathlib import Path

import pytest
from babel import Locale
from support import sources

FIRMWARE = Path(__file__).parents[2] / "firmware"
WORDS = FIRMWARE / "tokenfw" / "ui" / "words"
LANGUAGES = sorted(path.stem for path in WORDS.glob("*.py") if path.stem != "__init__")
COLUMNS = 16  # of 8 pixels, on both panels

# Longest values that come into a text, where they are not the user's.
VALUES = {
    "counter": (99_999_999,),
    "pin_wrong": (9,),
    "wait": (9, 1800),
    "prove": (7, 2),
    "prove_now": (7, 2),
    "wipe": (1000,),
    "add_several": (1000,),
    "new": (1000,),
    "replaced": (1000,),
    "move": (1000,),
    "lock_after": (3600,),
    "next_in": (300,),
    "next_low": (300,),
    "seconds": (60,),
    "minutes": (60,),
    "about_firmware": ("10.10",),
    "about_battery": (100,),
    "about_pin": (32,),
    "favourites_full": (8,),
    "code_repeat": (10,),
    "restore_code": (10,),
    "drill_code": (10,),
    "accounts": (1000,),
    "backup_made": ("2026-11-24 12:00",),
    "behind": (99_999_999,),
    "set_clock": ("2026-11-24 12:00", "2026-11-24 12:01"),
    "clone_give": (1000, "0123456789AB"),
    "clone_take": (1000, "0123456789AB"),
    "clone_code": ("0123 4567", "0123456789AB"),
    "clone_made": ("2026-11-24 12:00",),
}
# Rows that scroll, or are wrapped, and so may be longer; and texts that somebody's name is put in.
MENU_COLUMNS = 15
LONG = {"time_unknown", "pin_weak", "rename_to", "replace_by"}


def constants(path: Path) -> dict[str, object]:
    """Return the constants of a module, without running it."""
    found: dict[str, object] = {}
    for node in sources.tree(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def texts(code: str) -> dict[str, str]:
    pairs = constants(WORDS / f"{code}.py")["TEXTS"]
    assert isinstance(pairs, tuple)
    assert all(pair.count("=") == 1 for pair in pairs), "a comma is missing?"
    split = dict(pair.split("=") for pair in pairs)
    assert len(split) == len(pairs), "a key comes twice"
    return split


def rows(code: str, key: str) -> list[str]:
    text = texts(code)[key]
    return (text % VALUES[key] if key in VALUES else text).split("|")


def reasons() -> set[str]:
    """Return the keys of why the firmware has no time, or what it says about a PIN."""
    clock = (FIRMWARE / "tokenfw" / "clock" / "clock.py").read_text()
    pins = (FIRMWARE / "otpcore" / "pins.py").read_text()
    why = {f"why_{each}" for each in re.findall(r'TimeUnknown\("(.*?)"\)', clock)}
    return why | {f"weak_{each}" for each in re.findall(r'return "(.+?)"', pins)}


def test_the_languages_are_those_that_there_are_files_for():
    found = constants(WORDS / "__init__.py")
    listed = found["LANGUAGES"]
    assert isinstance(listed, tuple) and sorted(listed) == LANGUAGES
    assert found["_MODULES"] == tuple(f"tokenfw.ui.words.{each}" for each in listed)
    assert {"en", "nl"} <= set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_text(code):
    assert list(texts(code)) == list(texts("en"))
    name = str(constants(WORDS / f"{code}.py")["NAME"])
    assert 0 < len(name) <= MENU_COLUMNS, "in the lists of languages, beside a scroll bar"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_language_is_not_english(code):
    """A few words are the same in both, such as Menu or %d s; of Dutch it is 1 in 17."""
    english = texts("en")
    same = [key for key, text in texts(code).items() if text == english[key]]
    assert len(same) <= len(english) // 6, f"still English: {', '.join(same)}"


def test_the_manual_names_the_languages():
    manual = (FIRMWARE.parent / "docs" / "manual.md").read_text()
    named = re.findall(r"language \((.+?)\)", " ".join(manual.split()))
    assert len(named) == 1
    names = {Locale(code).english_name for code in LANGUAGES}
    assert set(named[0].split(", ")) == names, "docs/manual.md, where the menu has the language"


@pytest.mark.parametrize("code", LANGUAGES)
def test_fields_and_rows_agree(code):
    for key, english in texts("en").items():
        other = texts(code)[key]
        assert re.findall("%.", other) == re.findall("%.", english), key
        assert other, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_line_fits(code):
    for key in texts(code):
        lines = rows(code, key)
        if key in reasons():
            continue  # it is wrapped, or scrolls
        for number, line in enumerate(lines):
            if key not in LONG or number == 0:
                assert len(line) <= COLUMNS, (key, line)


def test_the_longest_value_of_every_field_is_known():
    """Else a text would be measured without it."""
    fields = {key for key, text in texts("en").items() if "%" in text}
    assert fields <= {*VALUES, *LONG} and set(VALUES) <= fields


@pytest.mark.parametrize("code", LANGUAGES)
def test_rows_of_the_menu_fit_beside_the_scale(code):
    starts = ("menu_", "values_", "help", "about_", "vault_", "clock_ok", "clock_counts")
    keys = [key for key in texts(code) if key.startswith(starts)]
    assert len(keys) > 20
    for key in [*keys, "seconds", "minutes", "back", "reading"]:
        assert all(len(row) <= MENU_COLUMNS for row in rows(code, key)), key
    assert all(len(row) <= 5 for row in rows(code, "find_keys"))
    for key in (
        "values_brightness",
        "values_flipped",
        "values_order",
        "values_next_code",
        "find_keys",
    ):
        assert len(rows(code, key)) == len(rows("en", key))


@pytest.mark.parametrize("code", LANGUAGES)
def test_messages_have_rows_for_every_panel(code):
    """Four rows under the title of a tall panel; the reasons wrap to two, with what to do."""
    for key in set(texts(code)) - {"help", "help_two"}:
        assert len(rows(code, key)) <= 5, key
    for reason in reasons():
        words = texts(code)[reason].split()
        assert len(" ".join(words)) <= 2 * COLUMNS and max(map(len, words)) <= COLUMNS


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("key", ["press_hints_low", "hold_hints_low"])
def test_the_answers_to_a_question_share_the_low_panels_line(code, key):
    words = rows(code, key)
    assert len(words) == 4
    assert sum(map(len, words)) * 8 + 2 * 4 + 8 <= 128


@pytest.mark.parametrize("code", LANGUAGES)
def test_only_letters_that_are_drawn(code):
    for key, text in texts(code).items():
        assert all(" " <= letter <= "~" or "\xa1" <= letter <= "\u017f" for letter in text), key


def test_every_key_that_the_firmware_asks_for_is_there():
    asked: set[str] = set()
    for path in FIRMWARE.rglob("*.py"):
        asked |= set(re.findall(r'(?:words(?:\.rows)?|_say)\("([^"]+)"[,)]', path.read_text()))
    assert asked and asked <= set(texts("en")), asked - set(texts("en"))


def test_every_reason_has_its_text():
    assert len(reasons()) > 6
    assert reasons() <= set(texts("en"))
