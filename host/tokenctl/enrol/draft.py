"""The draft of an account: what a source says about it, unchanged.

A draft may lack a name or a counter, and has not been checked. What is missing can be supplied
(`Draft.given`); `enrolment.from_draft` checks the result. The secret is in no
representation and no message.
"""

from dataclasses import dataclass, replace

from otpcore.account import STEAM_LETTERS
from tokenctl.enrol.code_parameters import USUAL, CodeParameters
from tokenctl.enrol.setup_code import NOWHERE, SetupCode
from tokenctl.errors import BadEnrolment, NoCounter
from tokenctl.language import _, marked
from tokenctl.pictures import CHARSET_ASSUMED

STEAM_GUESSED = marked("read as Steam Guard (five letters), because its issuer is Steam")


@dataclass(frozen=True)
class Given:
    """What the user supplies instead of the source: names, and the counter of an HOTP account."""

    issuer: str | None = None
    account: str | None = None
    counter: int | None = None


NOTHING_GIVEN = Given()


@dataclass(frozen=True)
class Names:
    """The names of one account: `issuer` for the token, `display_issuer` in full for people.

    `assumptions` say which guesses were made.
    """

    issuer: str
    account: str
    display_issuer: str
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportPart:
    """Which code of a Google Authenticator export it was: `index` from 0, of `size`.

    `batch` tells one export from another; newer ones do not say it, and have None.
    """

    batch: int | None
    size: int
    index: int


@dataclass(frozen=True, eq=False, repr=False)
class Draft:
    """One account that a source describes.

    `says_digits` is whether the digits are the source's own, or the usual ones. `lacks` is what
    the source does not say, or says illegibly, and the user may supply: what is raised if nobody
    does. `entry` is its number, from 1, in a code that holds several, else 0; `remarks` are on all
    of its source. `favourite` is whether an app shows it among its own.
    """

    names: Names
    secret: bytes
    parameters: CodeParameters = USUAL
    says_digits: bool = True
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    lacks: tuple[BadEnrolment, ...] = ()
    code: SetupCode = NOWHERE
    entry: int = 0
    export: ExportPart | None = None
    favourite: bool = False

    @property
    def issuer(self) -> str:
        """The issuer; may be empty."""
        return self.names.issuer

    @property
    def account(self) -> str:
        """The account name; may be empty."""
        return self.names.account

    @property
    def is_named(self) -> bool:
        """Whether it has a name, even one that cannot be read."""
        unreadable = any(lack.field == "name" for lack in self.lacks)
        return bool(self.issuer or self.account) or unreadable

    @property
    def lacks_counter(self) -> bool:
        """Whether it is counter-based and its source gives no counter."""
        return any(isinstance(lack, NoCounter) for lack in self.lacks)

    def given(self, given: Given) -> "Draft":
        """Return the draft with what the user gave instead of what the source says.

        Raises BadEnrolment for a counter if the account has none.
        """
        draft = self
        if given.counter is not None:
            if self.parameters.type != "hotp":
                clause = _("a counter was given, but only an HOTP account has one")
                raise BadEnrolment("counter", clause)
            parameters = replace(self.parameters, counter=given.counter)
            draft = replace(self, parameters=parameters, lacks=self._lacks_without("counter"))
        if given.issuer is None and given.account is None:
            return draft
        return draft._named(given.issuer, given.account)

    def _named(self, issuer: str | None, account: str | None) -> "Draft":
        """Return it with other names, without the guesses about its own."""
        both = issuer is not None and account is not None
        names = Names(
            self.issuer if issuer is None else issuer,
            self.account if account is None else account,
            self.names.display_issuer if issuer is None else issuer,
            () if both else self.names.warnings,
        )
        draft = replace(self, names=names)
        if both:  # no letter of the source's is in a name
            kept = tuple(each for each in self.assumptions if each != _(CHARSET_ASSUMED))
            draft = replace(draft, assumptions=kept, lacks=self._lacks_without("name"))
        return draft if self.issuer else as_steam(draft, draft.issuer)

    def _lacks_without(self, field: str) -> tuple[BadEnrolment, ...]:
        return tuple(lack for lack in self.lacks if lack.field != field)

    def __repr__(self) -> str:
        return f"<Draft {self.parameters.type} {self.issuer!r} {self.account!r}>"


def as_steam(draft: Draft, issuer: str) -> Draft:
    """Return the draft as a Steam account, if `issuer` and any digits given say so."""
    found = draft.parameters
    if found.type != "totp" or issuer.casefold() != "steam":
        return draft
    if draft.says_digits and found.digits != STEAM_LETTERS:
        return draft
    guessed = () if draft.says_digits else (_(STEAM_GUESSED),)
    parameters = replace(found, type="steam", digits=STEAM_LETTERS)
    return replace(draft, parameters=parameters, warnings=draft.warnings + guessed)
