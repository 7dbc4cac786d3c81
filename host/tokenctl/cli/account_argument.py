"""An account on a command line: which one on the token its name means."""

from typing import TYPE_CHECKING

from otpcore.errors import NoSuchAccount
from tokenctl.cli import terminal
from tokenctl.errors import AmbiguousName
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


def one_account(token: "Token", name: str) -> "StoredAccount":
    """Return the account that matches `name`; raise NoSuchAccount, AmbiguousName."""
    with terminal.working(_("Looking for the account")):
        found = token.find(name) if name else []
    # Names differ by case alone, too: then the one that is written exactly so is meant.
    found = [each for each in found if full_name(each) == name] or found
    if not found:
        raise NoSuchAccount(
            _("no account on the token matches '{name}'; see tokenctl list").format(name=name)
        )
    if len(found) > 1:
        names = ", ".join(f"'{full_name(each)}'" for each in found[:5])
        more = ", …" if len(found) > 5 else ""
        raise AmbiguousName(
            _("'{name}' matches several accounts: {names}{more}; enter a full name").format(
                more=more, name=name, names=names
            )
        )
    return found[0]


def full_name(account: "StoredAccount") -> str:
    """Return a name that matches this account and no other."""
    return f"{account.issuer}:{account.name}"
