"""The third kind of stranger: a file, a picture, a URI, an argument, a USB device's name.

Whatever is in them, tokenctl ends with a sentence and an exit code of its table, and nothing
that a terminal would obey is printed. The mutated ones are seeded; make torture has more.
"""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import segno
from attacks.conftest import COMMANDS, URI, Run
from attacks.hostile_text import ALL, HOSTILE
from attacks.hostile_token import HostileToken
from attacks.mutations import (
    SECRET,
    encoded,
    export,
    mutated,
    read_mutated_pictures,
    read_mutated_texts,
)
from support import enrolled

from tokenctl.boards.definition import parse as parse_board
from tokenctl.cli.main import cli
from tokenctl.device.ports import Port
from tokenctl.errors import BadPayload, SourceError, TokenctlError, WrongBoard
from tokenctl.exit_codes import EXIT_CODES
from tokenctl.flashing import releases
from tokenctl.payload import board_definition
from tokenctl.release.translating import Map

FIELDS = ("issuer", "algorithm", "digits", "period", "counter", "encoder", "secret", "unknown")
MUTATED, MUTATED_LONG = 3_000, 60_000
PICTURES, PICTURES_LONG = 25, 2_500


def said(outcome: Any, *codes: int) -> None:
    """Assert an exit code of the table and, where it is none of success, sentences."""
    assert outcome.code in (codes or tuple(set(EXIT_CODES) - {1})), outcome
    if outcome.code:
        assert outcome.sentences
        for sentence in outcome.sentences:  # one for each thing that is bad
            assert sentence.startswith("Error: "), sentence


def uris(text: str) -> list[str]:
    """Enrolments with a text in each of their fields, in turn; encoded, and raw."""
    raw = text.replace("\n", " ").replace("\r", " ").replace("\0", "\x01")
    found = [f"otpauth://totp/{each}?secret={SECRET}" for each in (encoded(text), raw)]
    found += [f"otpauth://{each}/a?secret={SECRET}" for each in (encoded(text), raw)]
    for name in FIELDS:
        rest = "" if name == "secret" else f"&secret={SECRET}"
        found += [f"otpauth://totp/a?{name}={each}{rest}" for each in (encoded(text), raw)]
    for size in (64, 16):
        found.append(export(text[:size].encode("utf-8", "replace"), b"Bank"))
        found.append(export(b"alice", text[:size].encode("utf-8", "replace")))
    return found


def provisioned(run: Run, name: str, options: tuple[str, ...], uri: str) -> None:
    """Enrol it from standard input, where that can be written, and as an argument."""
    if name != "surrogates":
        said(run(HostileToken(), "provision", *options, "-", stdin=uri), 0, 3, 8)
    said(run(HostileToken(), "provision", *options, uri), 0, 2, 3, 8)


OPTIONS = (("--dry-run",), ("--dry-run", "--json"), ("--yes", "--guess"))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_each_field_of_an_enrolment(run: Run, name: str):
    """Each field with each text, whole or cut, and with each of the options in turn."""
    first = list(HOSTILE).index(name)
    for number, (whole, short) in enumerate(
        zip(uris(HOSTILE[name]), uris(HOSTILE[name][:8]), strict=True), first
    ):
        options = OPTIONS[number % 3]
        provisioned(run, name, options, whole)
        provisioned(run, name, options, short)


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("options", OPTIONS)
def test_hostile_text_with_all_options(run: Run, name: str, options: tuple[str, ...]):
    for uri in uris(HOSTILE[name]) + uris(HOSTILE[name][:8]):
        provisioned(run, name, options, uri)


def test_hostile_names_are_shown_and_stored_as_they_are(run: Run):
    """The escape is for the eye: what a program and the token get is the text."""
    name = "Bank \u202egnp\u200b\ufe0f"
    uri = f"otpauth://totp/a?secret={SECRET}&issuer={encoded(name)}"
    outcome = run(HostileToken(), "provision", "--dry-run", "--json", "-", stdin=uri)
    assert json.loads(outcome.out)[0]["issuer"] == name
    shown = run(HostileToken(), "provision", "--dry-run", "-", stdin=uri)
    assert "Bank \\u202egnp\\u200b\ufe0f" in shown.out.decode()


def test_hostile_text_in_pictures(run: Run, tmp_path: Path):
    for number, text in enumerate((ALL.encode("utf-8", "replace").decode()[:200], "\x1b]0;x\x07")):
        path = tmp_path / f"{number}\x1b[31m\u202e.png"
        segno.make(f"otpauth://totp/{encoded(text)}?secret={SECRET}", micro=False).save(str(path))
        said(run(HostileToken(), "provision", "--dry-run", str(path)), 0, 3)
    said(run(HostileToken(), "provision", "--dry-run", str(tmp_path)), 0, 3)


# arguments


ARGUMENTS = (
    "\x1b[31mred",
    "\udcff",
    "\u202egnp",
    "a\nb",
    "\x9b31m",
    "[red]x[/red]",
    "\ud800\udc00",
)
PLACES: tuple[tuple[str, ...], ...] = (
    ("code", "?"), ("rename", "?", "--issuer", "x"), ("rename", "alice", "--issuer", "?"),
    ("rename", "alice", "--account", "?"), ("move", "?", "1"), ("move", "alice", "?"),
    ("remove", "?"), ("pin", "lock-after", "?"), ("?",), ("list", "?"), ("list", "--?"),
    ("--serial", "?", "list"), ("provision", "?"), ("provision", "--dry-run", "?"),
    ("provision", "--dry-run", "--issuer", "?", "-"), ("provision", "--type", "?"),
    ("provision", "--dry-run", "--account", "?", "-"), ("provision", "--digits", "?"),
    ("provision", "--dry-run", "otpauth://totp/?"), ("provision", "--dry-run", URI + "?"),
    ("provision", "--dry-run", "otpauth-migration://offline?data=?"),
    ("provision", "--dry-run", "otpauth-migration:?"), ("provision", "--dry-run", "steam://?"),
    ("provision", "--dry-run", "motp://?"), ("provision", "--camera", "?"),
    ("fault", "?"), ("fault", "--map", "?", "ValueError 1:2"), ("fault", "--save-map", "/?/x"),
    ("board", "check", "?"), ("flash", "--dry-run", "--micropython", "?"),
    ("flash", "--dry-run", "--board", "?"), ("flash", "--dry-run", "--releases", "?"),
    ("verify", "--board", "?"), ("harden", "--burn", "?"),
)  # fmt: skip


BUILDS = {("fault", "?"), ("fault", "--save-map", "/?/x")}  # a firmware each time: seconds


@pytest.mark.parametrize(
    "place",
    [pytest.param(each, marks=[pytest.mark.long] * (each in BUILDS)) for each in PLACES],
    ids=" ".join,
)
def test_hostile_arguments(run: Run, place: tuple[str, ...]):
    """A lone surrogate is what a shell's bytes become where they are no UTF-8."""
    for text in ARGUMENTS:
        arguments = [each.replace("?", text) for each in place]
        if arguments[-1].endswith("data=" + text):
            arguments[-1] = "otpauth-migration://offline?data=" + text
        said(run(HostileToken(), *arguments, stdin=URI))


def test_a_lone_surrogate_in_an_export_is_a_sentence(run: Run):
    for text in ("otpauth-migration://offline?data=\udcff", "otpauth-migration://\udcff?data=AA"):
        outcome = run(HostileToken(), "provision", "--dry-run", text)
        said(outcome, 3)
        assert b"not valid Unicode text" in outcome.err
        with pytest.raises(SourceError, match="not valid Unicode text"):
            enrolled.from_text(text.replace("\udcff", "\ud800"))


@pytest.mark.parametrize("port", ["\x1b[31m", "\udcff", "a\nb", "socket://\x1b[2J:1", "\u202e://x"])
def test_hostile_names_of_ports(monkeypatch, capfdbinary, port: str):
    from attacks.hostile_text import obeyed

    from tokenctl.cli import main

    code = main.run(["--port", port, "list"])
    out, err = capfdbinary.readouterr()
    assert code == 4 and not obeyed(out + err)


def test_a_usb_device_says_what_it_likes_of_itself(monkeypatch, capfdbinary):
    from attacks.hostile_text import obeyed

    from tokenctl.cli import main

    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    for vendor in (0x10C4, 0x1234, None):
        found = [Port("/dev/none", ALL, vendor), Port("/dev/\x1b[2J", HOSTILE["title"], vendor)]
        monkeypatch.setattr("tokenctl.device.ports.serial_ports", lambda found=found: found)
        monkeypatch.setattr(
            "tokenctl.device.ports.find.__defaults__", (lambda found=found: found, _none)
        )
        for command in ("list", "flash", "harden"):
            assert main.run([command]) == 4
            out, err = capfdbinary.readouterr()
            assert not obeyed(out + err) and b"Error: " in err, (command, err)


def _none(port: str, on_notice: object) -> Any:
    raise SourceError("none")


# mutations


def test_mutated_texts(record_property):
    ends = read_mutated_texts(MUTATED, 14)
    record_property("attack", ["texts, mutated", ends])
    assert min(ends.values()) > MUTATED // 20, f"both happen: {ends}"


@pytest.mark.long
def test_many_mutated_texts(record_property):
    record_property("attack", ["texts, mutated", read_mutated_texts(MUTATED_LONG, 15)])


def test_mutated_pictures(record_property):
    ends = read_mutated_pictures(PICTURES, 14)
    record_property("attack", ["pictures, mutated", ends])
    assert sum(ends.values()) == PICTURES


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_mutated_pictures(record_property):
    ends = read_mutated_pictures(PICTURES_LONG, 15)
    record_property("attack", ["pictures, mutated", ends])
    assert min(ends.values()) > PICTURES_LONG // 20, f"both happen: {ends}"


def reading(read: Callable[[bytes], object], error: type[TokenctlError]) -> Callable[[bytes], bool]:
    def taken(data: bytes) -> bool:
        try:
            read(data)
        except error as refusal:
            assert str(refusal).isprintable()
            return False
        return True

    return taken


def manifest(tmp_path: Path) -> Callable[[bytes], object]:
    path = tmp_path / "releases.json"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        return releases.read(path)

    return read


@pytest.mark.parametrize("kind", ["board", "map", "manifest"])
def test_mutated_files_of_our_own_forms(tmp_path: Path, kind: str):
    """Board definitions, fault maps and manifests come from strangers, too."""
    known = {
        "board": (board_definition("esp32").read_bytes(), reading(parse_board, WrongBoard)),
        "map": (
            b'{"firmware":"0.1","names":{"a":"b"},"units":{"1":[[1,"x.py",2]]}}',
            reading(lambda data: Map(data).translate("ValueError 1:2"), BadPayload),
        ),
        "manifest": (releases._MANIFEST.read_bytes(), reading(manifest(tmp_path), BadPayload)),
    }
    good, taken = known[kind]
    assert taken(good)
    dice = random.Random(14)
    deep = b"[" * 100_000, b'{"a":' * 100_000, b"1e999", b"\xff", b"[1e999]", b"9" * 5000
    whole = [mutated(good, dice) for _ in range(150)]
    assert {taken(each) for each in (*deep, *whole)} >= {False}
    for junk in (b"null", b"1e999", b'"\\ud800"', b"[]", b"{}", b"true", b"-1", b"9" * 400):
        for place in range(good.count(b":")):
            parts = good.split(b":")
            rest = parts[place + 1].partition(b",")
            parts[place + 1] = junk + rest[1] + rest[2]
            taken(b":".join(parts))


def test_every_command_is_here():

    asked = {each[0] for each, _ in COMMANDS.values()} | {each[0] for each in PLACES}
    alone = {"udev-rule", "completion", "doctor", "sync", "status", "wipe", "lock", "clone"}
    assert set(cli.list_commands(click.Context(cli))) - asked <= alone
