"""docs/protocol.md, the firmware and tokenctl agree on methods, fields, codes and reasons."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks.hostile_token import HONEST
from e2e.test_link_requests import PARAMETERS, WITHOUT
from support import sources

from otpcore import errors, settings
from otpcore.account import Account
from tokenctl.device import methods, models, refusals

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware"
PAGE = (ROOT / "docs" / "protocol.md").read_text()
# Raised by tokenctl itself, for the token never sees such a request.
OURS = {"bad_request": {"not_unicode"}}


def rows(heading: str) -> dict[str, str]:
    """Return the rows of the tables and the items of the lists under a heading, by their names."""
    section = re.split(rf"^#+ {heading}$", PAGE, flags=re.M)[1]
    section = re.split(r"^#", section, flags=re.M)[0]
    found: dict[str, str] = {}
    for line in section.splitlines():
        if line.startswith(("| `", "- `")):
            first, _, rest = line[1:].partition("|" if line[0] == "|" else ":")
            for name in re.findall(r"`(\w[\w.]*)`", first):
                found[name] = rest
    return found


def firmware_methods() -> set[str]:
    """Return the methods of the firmware, from the tables of its command modules."""
    found = set()
    for path in (FIRMWARE / "tokenfw" / "link" / "commands").glob("*.py"):
        group = {"device": "", "__init__": None}.get(path.stem, f"{path.stem}.")
        for node in sources.tree(path).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMMANDS":
                assert isinstance(node.value, ast.Dict) and group is not None
                found |= {f"{group}{ast.literal_eval(each)}" for each in node.value.keys if each}
    return found


def raised() -> dict[str, set[str]]:
    """Return the reasons with which the firmware raises each code."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in FIRMWARE.rglob("*.py"):
        for node in ast.walk(sources.tree(path)):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            kind = getattr(errors, name, None)
            if isinstance(kind, type) and issubclass(kind, errors.WireError) and node.args:
                assert isinstance(node.args[0], ast.Constant), (path, node.lineno)
                found[kind.code].add(str(node.args[0].value))
    return found


def test_every_method_is_known_to_all_and_described():
    described = rows("Methods")
    places = {
        "docs/protocol.md": set(described),
        "firmware/tokenfw/link/commands": firmware_methods(),
        "host/tokenctl/device/methods.py": set(methods.METHODS),
        "tests/attacks/hostile_token.py, HONEST": set(HONEST),
        "tests/e2e/test_link_requests.py, PARAMETERS or WITHOUT": set(PARAMETERS) | WITHOUT,
    }
    every = set[str]().union(*places.values())
    assert {place: every - known for place, known in places.items() if known != every} == {}


# What protocol 1 had at first. A method that is added has a word in its token's capabilities.
FIRST = {
    "hello", "status", "cancel", "wipe", "accounts.list", "accounts.batch", "accounts.add",
    "accounts.replace", "accounts.rename", "accounts.move", "accounts.remove", "accounts.code",
    "backup.compare", "backup.forbid", "backup.make", "backup.open", "backup.state",
    "clock.edge", "clock.log", "clock.probe", "clock.read", "clock.set", "clone.accept",
    "clone.compare", "clone.give", "clone.meet", "clone.offer", "clone.take", "examine.board",
    "examine.button", "examine.flash", "examine.memory", "examine.panel", "transfer.cancel",
    "transfer.finish", "transfer.read", "transfer.write", "vault.clear_pin", "vault.lock",
    "vault.lock_after", "vault.set_pin",
}  # fmt: skip
ADDED = {
    "find": {"accounts.find"},
    "chip_key": {"chip.bind", "chip.examine", "chip.key", "chip.unbind"},
    "favourites": {"accounts.favourite"},
}


def test_a_method_that_was_added_is_told_by_a_capability():
    """Else a computer could not know before it asks: an older token says unknown_method."""
    unsaid = firmware_methods() - FIRST - set().union(*ADDED.values())
    assert not unsaid, f"a word in _CAPABILITIES of commands/device.py, and in ADDED: {unsaid}"
    assert FIRST.union(*ADDED.values()) == firmware_methods(), "a method is never taken away"
    device = (FIRMWARE / "tokenfw" / "link" / "commands" / "device.py").read_text()
    words = re.findall(r"^_CAPABILITIES = (\(.+?\))$", device, re.M)[0]
    assert list(ast.literal_eval(words)) == list(ADDED)
    growth = re.split(r"^### Growth$", PAGE, flags=re.M)[1].split("\n#")[0]
    assert set(re.findall(r"`(\w+)`(?= is )", growth)) == set(ADDED), "docs/protocol.md, Growth"


def test_every_code_and_reason_has_its_sentence_and_its_row():
    described = rows("Errors")
    assert set(described) == set(refusals.SENTENCES) == {each.code for each in errors.CLASSES}
    known = raised()
    assert len(known) > 10
    for code, sentences in refusals.SENTENCES.items():
        reasons = known[code] | OURS.get(code, set())
        assert set(sentences) == {""} | reasons, code
        assert set(re.findall(r"`(\w+)`", described[code])) == known[code], code
        assert all(not text.endswith(".") and text == text.strip() for text in sentences.values())
        assert "%s" not in sentences[""], "the value may lack"


def test_every_field_of_status_and_of_an_account_is_described():
    assert set(rows("Status")) == set(models.Status.__dataclass_fields__)
    wires = [
        Account("i", "n", b"x", t0=5).to_wire(),
        Account("i", "n", b"x", "hotp").to_wire(),
    ]
    assert set(rows("An account")) == {field for wire in wires for field in wire}


def test_every_notice_is_described():
    assert set(rows("Notices")) == set(methods.NOTICES)
    told = set()
    for path in (FIRMWARE / "tokenfw" / "ui" / "dialogs").glob("*.py"):
        told |= set(re.findall(r'tell\("(\w+)"\)|notice="(\w+)"', path.read_text()))
    assert {name for pair in told for name in pair if name} <= set(methods.NOTICES)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("vault_full", "accounts", 1000), "the token holds 1000 accounts, which is its limit"),
        (("vault_full", "accounts", None), "the token's vault is full"),
        (("busy", "new_reason", 5), refusals.SENTENCES["busy"][""] + " (new_reason)"),
        (("too_hot", "let_it_cool", 3), "the token refused the request: too_hot let_it_cool"),
    ],
)
def test_the_sentence_of_a_refusal(said, sentence):
    error = refusals.refusal(*said)
    assert (error.code, str(error)) == (said[0], sentence)
    assert type(error) is refusals.BY_CODE.get(said[0], errors.WireError)


LANGUAGES = ast.literal_eval(
    re.findall(
        r"^LANGUAGES = (\(.*?\))",
        (FIRMWARE / "tokenfw" / "ui" / "words" / "__init__.py").read_text(),
        re.M,
    )[0]
)


# --- settings -----------------------------------------------------------------------


def literals(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts that stand where a setting's key is wanted, and their places."""
    wanted = {"setting", "set_setting", "change_settings"}
    for path in folder.rglob("*.py"):
        for node in ast.walk(sources.tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in wanted:
                for each in ast.walk(node):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield each.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_settings_are_named_by_the_table_only():
    keys = set(settings.rules())
    assert list(literals(FIRMWARE)) == []
    words = {key for key in keys if key.endswith(("_s", "_ms"))} | {"clock_day", "clock_confirmed"}
    for path in [*FIRMWARE.rglob("*.py"), *(ROOT / "host" / "tokenctl").rglob("*.py")]:
        if path.name == "settings.py" and path.parent.name == "otpcore":
            continue
        found = {
            node.value
            for node in ast.walk(sources.tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        # What status says under the same name is a field of the link.
        assert not (found & words) - {settings.LOCK_AFTER}, path


def test_every_setting_has_its_row():
    rules = settings.rules()
    assert set(settings.DEFAULTS) <= set(rules)
    for key, value in settings.DEFAULTS.items():
        assert settings.allows(key, value), key
    assert all(since == 1 for _, _, since in rules.values())
    assert len(rules) == len(set(rules)) == 15


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        (settings.LOCK_AFTER, [10, 3600], [9, 3601, True, "10", None, 10.0]),
        (settings.FLIPPED, [True, False], [0, 1, None, "yes"]),
        (settings.ORDER, ["fixed", "used"], ["other", 1, None]),
        (settings.LANGUAGE, LANGUAGES, [5, None, "x" * 9]),
        (settings.FAVOURITES, [[], [1, 65535]], [[0], [65536], ["1"], "1", [1] * 9, [True]]),
    ],
)
def test_what_a_setting_may_be(key, good, bad):
    assert all(settings.allows(key, value) for value in good)
    assert not any(settings.allows(key, value) for value in bad)


def test_what_the_menu_offers_a_setting_may_be():
    path = FIRMWARE / "tokenfw" / "ui" / "menu" / "settings.py"
    text = re.search(r"^CHOICES = (\{.*?^\})", path.read_text(), re.M | re.S)
    assert text is not None
    names = dict(vars(settings)) | {"LANGUAGES": LANGUAGES}
    choices = eval(text[1], names)  # noqa: S307
    assert len(choices) == 7
    for row, (key, values) in choices.items():
        assert names[row.upper()] == key, "a row has the name of its setting"
        assert all(settings.allows(key, value) for value in values), key
        if key == settings.LANGUAGE:
            assert not settings.DEFAULTS[key], "a new token asks"
        else:
            assert settings.DEFAULTS[key] in values, key
