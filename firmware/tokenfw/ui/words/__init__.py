"""The texts on the token's screen: one module for each language, loaded to look texts up.

A language is a module here with NAME and TEXTS, a tuple of "key=text"; its code is in LANGUAGES,
the module's name in _MODULES. Rows of a text are separated by bars; the first row is the title.
Texts that were looked up are cached, the module is not: it takes 10 KB. The key of a reason why
the time is unknown is "why_" and the reason, that of a weak PIN "weak_" and the weakness.
"""

from otpcore.settings import LANGUAGE
from tokenfw.system import on_demand

LANGUAGES = ("en", "nl")  # the first one is the default
_MODULES = ("tokenfw.ui.words.en", "tokenfw.ui.words.nl")  # in the same order
_REMEMBERED = 12  # texts to cache: no screen has more


class Words:
    """The texts in the language that `setting(LANGUAGE)` returns, as Vault.setting() does."""

    def __init__(self, setting):
        self._setting = setting
        self._known = {}
        self._of = None  # the language of the cached texts
        self._keeps = self._together = False
        self._texts = None  # TEXTS of the language, while it is kept

    def language(self):
        """Return the code of the language that is set."""
        code = self._setting(LANGUAGE)
        return code if code in LANGUAGES else LANGUAGES[0]

    def __call__(self, key):
        """Return the text of a key; the key itself if the language does not have it."""
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
        """Keep all texts in memory from now on, or no longer."""
        self._keeps = on
        self._of = self._texts = None

    def together(self, on):
        """Load the module at most once while this is on, such as for one screen."""
        self._together = on
        if not on and not self._keeps:
            self._texts = None

    def rows(self, key, *values):
        """Return a list of the rows of a text, with the values filled in."""
        text = self(key)
        return (text % values if values else text).split("|")


def _find(texts, key):
    start = key + "="
    for text in texts:
        if text.startswith(start):
            return text[len(start) :]
    return key


def load(code):
    """Return the module of one of LANGUAGES; only the caller's reference keeps it in memory."""
    return on_demand.once(_MODULES[LANGUAGES.index(code)])
