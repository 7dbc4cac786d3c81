"""What tokenctl says, in the language of who reads it: gettext, marked where it is said.

A sentence stands where it is used, `_("No token named {name}").format(name=name)`: a catalogue
is keyed by the English text, with its fields in braces, so nothing is filled in before it is
looked up. `plural` picks the form for a number, which stays a field, too.
"""

import gettext

_catalogue = gettext.NullTranslations()


def _(text: str) -> str:
    """Return `text` in the chosen language, or as it is where no translation exists."""
    return _catalogue.gettext(text)


def plural(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for `number` things, in the chosen language."""
    return _catalogue.ngettext(one, many, number)
