"""What tokenctl says, in the language of its reader: gettext, marked where it is said.

A sentence stands where it is used, `_("No token named {name}").format(name=name)`: the catalogue
is keyed by the English text with its fields in braces, so that fields are filled in after the
look-up. `plural` picks the form for a number, which stays a field, too. Numbers that fill a
field are written as the language writes them: 3.91 V is 3,91 V in Dutch. A text that a module
keeps is `marked` there and passed through `_` when it is said: the language is chosen later.
`choose` chooses it. What click says of its own accord is in the same catalogue.
"""

import gettext
import os
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOMAIN = "tokenctl"
FOLDER = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Language:
    """What a language needs besides its catalogue.

    `yes` and `no` are the answers that are typed in it, in lower case; `decimal_comma` is whether
    it writes 1.234,5 where English has 1,234.5.
    """

    yes: tuple[str, ...]
    no: tuple[str, ...]
    decimal_comma: bool


TABLE = {
    "en": Language(("y", "yes"), ("n", "no"), decimal_comma=False),
    "nl": Language(("j", "ja"), ("n", "nee"), decimal_comma=True),
}
LANGUAGES = tuple(TABLE)
# An answer counts in any language, whichever the question was asked in.
YES = tuple(word for each in TABLE.values() for word in each.yes)
NO = tuple(word for each in TABLE.values() for word in each.no)

_SWAPPED = str.maketrans(".,", ",.")

_catalogue = gettext.NullTranslations()
_chosen = LANGUAGES[0]


class _Numbers(string.Formatter):
    """Fills in fields as `str.format` does, with numbers as the chosen language writes them."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        """Return one field's text."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number(value, format_spec)
        return super().format_field(value, format_spec)


class _Sentence(str):
    """A sentence to fill in."""

    def format(self, *args: Any, **kwargs: Any) -> str:
        """Return the sentence with its fields filled in."""
        return _Numbers().vformat(self, args, kwargs)


def _(text: str) -> str:
    """Return `text` in the chosen language, or unchanged if there is no translation."""
    return _Sentence(_catalogue.gettext(text)) if text else ""


def plural(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for `number` things, in the chosen language."""
    return _Sentence(_catalogue.ngettext(one, many, number))


def number(value: float, form: str) -> str:
    """Return a number in a format of Python's, such as "+.1f", as the chosen language writes it."""
    text = format(value, form)
    return text.translate(_SWAPPED) if TABLE[_chosen].decimal_comma else text


def marked(text: str) -> str:
    """Return `text` unchanged: this puts it in the catalogue; `_` translates it later."""
    return text


def choose(language: str) -> None:
    """Use one of LANGUAGES from now on, also in processes that this one starts."""
    global _catalogue, _chosen
    _chosen = language
    _catalogue = gettext.translation(DOMAIN, FOLDER, [language], fallback=True)
    # click asks gettext itself, which goes by the domain and by this variable.
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)


def chosen() -> str:
    """Return the language in use, for texts that have files of their own."""
    return _chosen


def inherit() -> None:
    """Use the language of the process that started this one, if it chose one."""
    language = os.environ.get("LANGUAGE", "")
    choose(language if language in LANGUAGES else LANGUAGES[0])


def of_locale(environment: Mapping[str, str]) -> str:
    """Return the one of LANGUAGES that the locale selects, as POSIX and GNU gettext read it.

    The first of LC_ALL, LC_MESSAGES and LANG that is set is the locale; unless that is C,
    the list in LANGUAGE precedes it. English if none is available.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    wanted = [locale]
    if _code(locale) not in ("", "c", "posix"):
        wanted = [*environment.get("LANGUAGE", "").split(":"), locale]
    return next((code for code in map(_code, wanted) if code in LANGUAGES), "en")


def of_arguments(arguments: Sequence[str]) -> str | None:
    """Return the one of LANGUAGES that a command line selects, None if it does not.

    Read before click does, whose help and errors are to be in that language. With --json it
    is English, whatever the locale: programs read that.
    """
    own = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    for argument, following in zip(own, [*own, ""][1:], strict=True):
        name, equals, value = argument.partition("=")
        wanted = value if equals else following
        if name == "--language" and wanted in LANGUAGES:
            return wanted
    return "en" if "--json" in own else None


def _code(locale: str) -> str:
    """Return a locale's language: nl for nl_BE.UTF-8."""
    return locale.partition(".")[0].partition("@")[0].partition("_")[0].lower()
