"""What the user gave along with a file: its password, and permission to take long."""

from collections.abc import Callable
from dataclasses import dataclass

from tokenctl.enrol.apps.faults import NoPassword, WrongPassword
from tokenctl.language import _


@dataclass(repr=False)
class Opening:
    """`password` is called once, and only where a file needs one; None where nobody can say it.

    No representation shows it.
    """

    password: Callable[[], str] | None = None
    allow_slow: bool = False
    _said: str | None = None

    @property
    def was_asked_for(self) -> bool:
        """Whether the file turned out to be encrypted."""
        return self._said is not None

    def ask(self) -> bytes:
        """Return the password in UTF-8; raise NoPassword, WrongPassword."""
        if self._said is None:
            if self.password is None:
                raise NoPassword(
                    _(
                        "it is encrypted and needs a password: run this at a terminal, or use "
                        "--password-file"
                    )
                )
            self._said = self.password()
        try:
            return self._said.encode()
        except UnicodeEncodeError:
            raise WrongPassword(_("the password is not valid Unicode text")) from None
