"""What tokenctl says, in the language of who reads it: gettext, marked where it is said.

A sentence stands where it is used, `_("No token named {name}").format(name=name)`: a catalogue
is keyed by the English text, with its fields in braces, so nothing is filled in before it is
looked up. `plural` picks the form for a number, which stays a field, too. A text that a module
keeps is `marked` there and goes through `_` when it is said: the language is chosen later.
`choose` chooses it. What click says of its own accord is in the same catalogue.
"""

import gettext
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

LANGUAGES = ("en", "nl")
DOMAIN = "tokenctl"
FOLDER = Path(__file__).parent / "locale"

_catalogue = gettext.NullTranslations()
_chosen = "en"


def _(text: str) -> str:
    """Return `text` in the chosen language, or as it is where no translation exists."""
    return _catalogue.gettext(text) if text else ""


def plural(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for `number` things, in the chosen language."""
    return _catalogue.ngettext(one, many, number)


def marked(text: str) -> str:
    """Return `text` as it is: it is in the catalogue, and said through `_`."""
    return text


def choose(language: str) -> None:
    """Speak one of LANGUAGES from now on; processes that are started from here do, too."""
    global _catalogue, _chosen
    _chosen = language
    _catalogue = gettext.translation(DOMAIN, FOLDER, [language], fallback=True)
    # click asks gettext itself, which goes by the domain and by this variable.
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)


def chosen() -> str:
    """Return the one of LANGUAGES that is spoken now."""
    return _chosen


def inherit() -> None:
    """Speak what the process speaks that started this one, where it has chosen something."""
    language = os.environ.get("LANGUAGE", "")
    choose(language if language in LANGUAGES else LANGUAGES[0])


def of_locale(environment: Mapping[str, str]) -> str:
    """Return which of LANGUAGES the locale asks for, as POSIX and GNU gettext read it.

    The first of LC_ALL, LC_MESSAGES and LANG that is set is the locale; unless that is C,
    LANGUAGE goes before it, a list. English where there is none that we have.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    wanted = [locale]
    if _code(locale) not in ("", "c", "posix"):
        wanted = [*environment.get("LANGUAGE", "").split(":"), locale]
    return next((code for code in map(_code, wanted) if code in LANGUAGES), "en")


def of_arguments(arguments: Sequence[str]) -> str | None:
    """Return which of LANGUAGES a command line asks for, and None where it does not.

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
