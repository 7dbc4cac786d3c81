"""The words that the token shows: one file for each language, looked up when they are needed.

A language is a module here with NAME and TEXTS, "key=text" each; its code is in LANGUAGES, its
name in _MODULES. A text of several rows has them between bars; its first one is the title. What
is looked up is remembered, the file is not: it would take 10 KB of memory. A reason why the
time is not known has the key "why_" and that reason, a PIN's weakness "weak_" and that.
"""

from otpcore.settings import LANGUAGE
from tokenfw.system import on_demand

LANGUAGES = ("en", "nl")  # the first one is meant when nothing else was chosen
_MODULES = ("tokenfw.ui.words.en", "tokenfw.ui.words.nl")  # theirs, in the same order
_REMEMBERED = 12  # texts: no screen has more


class Words:
    """`setting(key)` gives the setting LANGUAGE, as the vault's does."""

    def __init__(self, setting):
        self._setting = setting
        self._known = {}
        self._of = None  # the language of what is known
        self._keeps = self._together = False
        self._texts = None  # all texts of the language, while they are kept

    def language(self):
        """Return the code of the language that is set."""
        code = self._setting(LANGUAGE)
        return code if code in LANGUAGES else LANGUAGES[0]

    def __call__(self, key):
        """Return the text of a key; the key itself where the language has none."""
        code = self.language()
        if code != self._of or len(self._known) >= _REMEMBERED:
            self._known.clear()
            self._texts = load(code).TEXTS if self._keeps else None
            self._of = code
        text = self._known.get(key)
        if text is None:
            texts = self._texts or load(code).TEXTS
            if self._together:
                self._texts = texts
            text = self._known[key] = _find(texts, key)
        return text

    def keep(self, on):
        """Keep the texts while many are needed, or no longer."""
        self._keeps = on
        self._of = self._texts = None

    def together(self, on):
        """While this is on, as for one screen, the file is read once at most."""
        self._together = on
        if not on and not self._keeps:
            self._texts = None

    def rows(self, key, *values):
        """Return the rows of a text, with the values in their places."""
        text = self(key)
        return (text % values if values else text).split("|")


def _find(texts, key):
    start = key + "="
    for text in texts:
        if text.startswith(start):
            return text[len(start) :]
    return key


def load(code):
    """Return the module of one of LANGUAGES, which nothing else keeps."""
    return on_demand.once(_MODULES[LANGUAGES.index(code)])
