"""The catalogue of tokenctl's texts: extracted from the sources, kept in .po, compiled to .mo.

    catalogue.py [--check]

The texts are the arguments of `_`, `plural` and `marked`; the help of commands and options, as
click has it; texts in the chips' definitions; and what click itself says to users. Each
language's file keeps its translations, except those of texts that are gone. --check writes
nothing, and fails if something would change.
"""

import ast
import inspect
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tokenctl.boards.chips import NAMES, pins_of
from tokenctl.cli.main import cli
from tokenctl.language import DOMAIN, FOLDER, LANGUAGES

HOST = Path(__file__).parents[1] / "host"
Text = str | tuple[str, str]  # a pair: singular and plural

_MARKS = ("_", "marked")
_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)  # so that a file changes only with its texts
_CLICK = ("core", "exceptions", "formatting", "types", "parser", "decorators")
# What click says to developers of a command line, not to users.
_CLICK_FOR_DEVELOPERS = ("Warning", "declaration", "defined twice", "No options", "cannot use")


def called(tree: ast.AST, marks: tuple[str, ...], plural: str) -> Iterator[Text]:
    """Yield the texts that these functions are called with; raise ValueError if not a literal."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
        if node.func.id in marks and texts and isinstance(texts[0], str):
            yield texts[0]
        elif node.func.id == plural:
            one, many = texts[:2]
            yield str(one), str(many)
        elif node.func.id in marks and isinstance(node.args[0], ast.JoinedStr):
            raise ValueError(f"line {node.lineno}: an f-string has no one text to be looked up")


def sources() -> list[Path]:
    """Return the modules that may have texts."""
    return sorted((HOST / "tokenctl").rglob("*.py"))


def helps(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the help of a command, its options and its subcommands, as it is looked up."""
    texts = [command.help, command.short_help]
    texts += [each.help for each in command.params if isinstance(each, click.Option)]
    texts += [each.help for each in command.get_params(context) if isinstance(each, click.Option)]
    yield from (inspect.cleandoc(each) for each in texts if each)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, name
            yield from helps(found, click.Context(found, context, name))


def of_chips() -> Iterator[str]:
    """Yield the texts in the definitions of the chips (boards/chips/*.json)."""
    for name in NAMES:
        pins = pins_of(name)
        yield from filter(None, (pins.psram_where, pins.adc2_why))
        yield from (level.effect for of in pins.strapping.values() for level in of.values())


def of_click() -> Iterator[Text]:
    """Yield what click says to a user."""
    for name in _CLICK:
        text = (Path(click.__file__).parent / f"{name}.py").read_text("utf-8")
        for found in called(ast.parse(text), ("_",), "ngettext"):
            if not any(each in found for each in _CLICK_FOR_DEVELOPERS):
                yield found
    yield "required"


def template() -> Catalog:
    """Return a catalogue of all texts, without translations."""
    made = Catalog(
        project="tokenctl",
        version="-",  # constant, so that a file changes only with its texts
        domain=DOMAIN,
        fuzzy=False,
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
    )
    for path in sources():
        place = (path.relative_to(HOST).as_posix(), 0)
        for text in called(ast.parse(path.read_text("utf-8")), _MARKS, "plural"):
            made.add(text, locations=[place])
    for text in helps(cli, click.Context(cli, info_name="tokenctl", **cli.context_settings)):
        made.add(text, auto_comments=["help"])
    for text in of_chips():
        made.add(text, auto_comments=["a chip"])
    for text in of_click():
        made.add(text, auto_comments=["click"])
    return made


def forms(text: object) -> tuple[str, ...]:
    """Return a text, or a translation, as a tuple of its forms: one, or singular and plural."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


def place(language: str) -> Path:
    """Return the .po file of a language; its .mo is next to it."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def updated(language: str) -> Catalog:
    """Return a language's catalogue with all present texts; new ones have no translation."""
    new = template()
    with place(language).open("rb") as file:
        old = read_po(file, locale=language, domain=DOMAIN)
    for message in new:
        if message.id and (known := old.get(message.id)) is not None:
            message.string = known.string
    new.locale = old.locale
    return new


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Return the bytes of a catalogue's .po and .mo."""
    catalogue.header_comment = "# What tokenctl says. Made by `make catalogue`; msgstr is yours."
    catalogue.creation_date = catalogue.revision_date = _ALWAYS
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=100, include_lineno=False, sort_output=True)
    write_mo(mo, catalogue)
    return po.getvalue(), mo.getvalue()


def main() -> None:
    """Update the catalogues, or with --check fail if one would change."""
    stale = False
    for language in LANGUAGES[1:]:
        catalogue, po = updated(language), place(language)
        lacking = [message.id for message in catalogue if not all(forms(message.string))]
        for path, data in zip((po, po.with_suffix(".mo")), written(catalogue), strict=True):
            stale |= not path.exists() or path.read_bytes() != data
            if "--check" not in sys.argv:
                path.write_bytes(data)
        print(f"{language}: {len(catalogue)} texts, {len(lacking)} without a translation")
    if stale and "--check" in sys.argv:
        sys.exit("The catalogue is out of date: make catalogue")


if __name__ == "__main__":
    main()
