"""An app's favourites, as far as the token has them already and does not mark them.

A new account is marked when it is written. To mark another one is a change of its own: it is
asked here and at the token, and in a script only said how.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from otpcore.errors import WireError
from tokenctl.cli.account_argument import full_name
from tokenctl.cli.dialog import agrees
from tokenctl.cli.output import Output
from tokenctl.enrol.provisioning import Step
from tokenctl.language import plural

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


def mark(
    token: "Token", output: Output, steps: Sequence[Step], stored: Sequence["StoredAccount"]
) -> list["StoredAccount"]:
    """Mark the app's favourites that were there already, if somebody agrees; return `stored` then.

    These are the steps' accounts. The token asks about each of them; what it refuses ends it.
    """
    found = list(stored)
    unmarked = [n for n, step in enumerate(steps) if step.is_there and _is_left(step, stored[n])]
    if not unmarked or "favourites" not in token.identity.capabilities:
        return found
    question = plural(
        "{names} is a favourite in the app, but not on the token. Mark it there, too?",
        "{names} are favourites in the app, but not on the token. Mark them there, too?",
        len(unmarked),
    )
    names = ", ".join(f"'{full_name(stored[n])}'" for n in unmarked)
    if not agrees(question.format(names=names)):
        return found
    count = 0
    for number in unmarked:
        try:
            token.mark(stored[number].account_id, True)
        except WireError as error:
            output.warn(str(error))
            break
        found[number] = replace(stored[number], favourite=True)
        count += 1
    if count:
        said = plural(
            "{count} account is now a favourite.", "{count} accounts are now favourites.", count
        )
        output.note(said.format(count=count))
    return found


def say_unmarked(output: Output, steps: Sequence[Step], stored: Sequence["StoredAccount"]) -> None:
    """Say how many of the app's favourites are none on the token, and why."""
    left = [step.is_there for step, each in zip(steps, stored, strict=True) if _is_left(step, each)]
    if there := sum(left):
        output.note(
            plural(
                "{count} of the app's favourites was on the token already and is not marked as a "
                "favourite there; change that with tokenctl favourite.",
                "{count} of the app's favourites were on the token already and are not marked as "
                "favourites there; change that with tokenctl favourite.",
                there,
            ).format(count=there)
        )
    if full := len(left) - there:
        output.note(
            plural(
                "{count} of the app's favourites was not marked as a favourite on the token, "
                "which holds 8 at most; change them with tokenctl favourite.",
                "{count} of the app's favourites were not marked as favourites on the token, "
                "which holds 8 at most; change them with tokenctl favourite.",
                full,
            ).format(count=full)
        )


def _is_left(step: Step, stored: "StoredAccount") -> bool:
    return step.enrolment.favourite and not stored.favourite
