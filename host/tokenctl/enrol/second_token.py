"""The same accounts on two tokens: what stands in the way.

A library like provisioning: it prints nothing and asks nobody.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.provisioning import is_same
from tokenctl.errors import BadEnrolment
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount

_SHOWN = 10  # names in a sentence


def require_in_step(enrolments: Sequence[Enrolment], hotp: bool) -> None:
    """Raise BadEnrolment for an HOTP account, whose counters drift apart, unless `hotp`."""
    for each in enrolments:
        if each.account.type == "hotp" and not hotp:
            raise BadEnrolment(
                "type",
                _(
                    "{name} is an HOTP account: after a code from one token, a service may "
                    "refuse those of the other; --hotp adds it to both anyway"
                ).format(name=named(each)),
            )


def in_the_way(
    enrolments: Sequence[Enrolment], stored: Sequence["StoredAccount"]
) -> list[Enrolment]:
    """Return the enrolments whose names a token already has, with another secret or settings."""
    there = {(each.issuer, each.name): each for each in stored if not each.damaged}
    taken: list[Enrolment] = []
    for each in enrolments:
        found = there.get((each.account.issuer, each.account.name))
        if found is not None and not is_same(each, found):
            taken.append(each)
    return taken


def listed(enrolments: Sequence[Enrolment]) -> str:
    """Return the names of the first ones, and how many more there are."""
    names = ", ".join(named(each) for each in enrolments[:_SHOWN])
    more = len(enrolments) - _SHOWN
    return _("{names} and {more} more").format(names=names, more=more) if more > 0 else names


def named(enrolment: Enrolment) -> str:
    """Return an enrolment's names, quoted for a sentence."""
    return f"'{enrolment.account.issuer}:{enrolment.account.name}'"
