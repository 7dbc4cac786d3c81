"""From what was collected onto the token: review, writing, and what the token lacks after it.

Imported when something is to be written: what only shows what is in a picture needs none of it.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from otpcore.account import STATIC
from otpcore.errors import WireError
from tokenctl.cli.commands.accounts import read_all
from tokenctl.cli.commands.clock import may_set_clock, set_clock
from tokenctl.cli.commands.pin import offer_pin
from tokenctl.cli.enrolling import favourites, site_code
from tokenctl.cli.enrolling.keeper import Keeper
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.enrolling.review import Review
from tokenctl.cli.enrolling.second_token import SecondToken
from tokenctl.cli.enrolling.typing_in import typed_here
from tokenctl.cli.enrolling.writing import Writer
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.enrol import provisioning
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import TokenctlError, refused
from tokenctl.language import _, plural

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


def put(session: Session, options: Options, collected: Sequence[Enrolment]) -> list[Enrolment]:
    """Write what was collected or is typed now, as the user chooses; return what was written."""
    output = session.output
    keeper = Keeper(options, output)
    with ExitStack() as stack:
        second = None
        if options.also is not None:
            second = stack.enter_context(SecondToken(session, options.also))
        beside = None if second is None else second.port
        token = stack.enter_context(session.token(beside))
        there = read_all(token, output)
        if second is not None:
            second.meet(token)
        on_both = [*there, *(second.there if second is not None else ())]
        enrolments = _counted_on(collected, on_both, options, output)
        # The tokens are there before somebody types a secret.
        enrolments = enrolments or [typed_here(options, output)]
        replace = options.replace
        if options.asking:
            review = Review(enrolments, there, output, typed=not collected)
            enrolments = review.choose(options.take_all, replace)
            replace = True  # where it would, somebody said yes
        writer = Writer(token, there, second, keeper, options, output)
        stored = writer.write(enrolments, replace)
        session.outcome = _outcome(len(stored), options)
        _report(output, writer.steps, stored, second)
        if options.asking and not session.json:
            stored = favourites.mark(token, output, writer.steps, stored)
        favourites.say_unmarked(output, writer.steps, stored)
        knows_time = _knows_time(token, output, stored, options.asking)
        if options.asking and len(stored) == 1 and not session.json:
            site_code.offer(token, stored[0], knows_time, others=len(there))
        if not there and not token.status().has_pin:
            offer_pin(token, output, options.asking)
        if second is not None:
            _look_after(second, output, options.asking)
    return enrolments


def _counted_on(
    collected: Sequence[Enrolment],
    stored: "Sequence[StoredAccount]",
    options: Options,
    output: Output,
) -> list[Enrolment]:
    """Have no HOTP account set back to the counter of its source, unless one was given."""
    if options.given.counter is not None:
        return list(collected)
    counted = provisioning.counted_on(collected, stored)
    for before, after in zip(collected, counted, strict=True):
        if options.replace and after is not before:
            output.note(
                _(
                    "'{name}' keeps its counter {counter}, which is ahead of the source's; "
                    "--counter sets another."
                ).format(
                    name=after.display_issuer or after.account.name,
                    counter=after.account.counter,
                )
            )
    return counted


def _look_after(second: SecondToken, output: Output, asking: bool) -> None:
    """Report what else the second token lacks: the time, or a PIN with its first accounts."""
    with second.named() as token:
        status = token.status()
        if status.unix_time is None:
            output.note(_("The second token does not know the time yet: tokenctl sync"))
        if not second.there and not status.has_pin:
            output.note(_("The second token:"))
            offer_pin(token, output, asking)


def _report(
    output: Output,
    steps: Sequence[provisioning.Step],
    stored: Sequence["StoredAccount"],
    second: SecondToken | None,
) -> None:
    """Print the accounts as the token now has them, and what was done about each."""
    output.accounts(stored)
    there = sum(step.is_there for step in steps)
    if second is not None:
        output.note(
            plural(
                "The account is on both tokens, verified by the key check value.",
                "All {count} accounts are on both tokens, verified by the key check value.",
                len(stored),
            ).format(count=len(stored))
        )
    elif len(steps) == there:
        sentence = plural(
            "The account was already on the token; nothing was written.",
            "All {count} accounts were already on the token; nothing was written.",
            there,
        )
        output.note(sentence.format(count=there))
    elif stored[0].type == STATIC:
        output.note(_("The app password is on the token, which has read it back from its flash."))
    else:
        sentence = plural(
            "The account is on the token, verified by its key check value.",
            "All {count} accounts are on the token, verified by their key check values.",
            len(stored),
        )
        output.note(sentence.format(count=len(stored)))
        if there:
            sentence = plural(
                "{count} of them was already on the token.",
                "{count} of them were already on the token.",
                there,
            )
            output.note(sentence.format(count=there))


def _outcome(count: int, options: Options) -> str:
    """Return what is true from now on, however the command ends."""
    said = plural(
        "The account is on the token.", "All {count} accounts are on the token.", count
    ).format(count=count)
    if options.delete_pictures or options.delete_sources:
        said += " " + _("Nothing was deleted.")
    return said


def _knows_time(
    token: "Token", output: Output, stored: Sequence["StoredAccount"], asking: bool
) -> bool:
    """Return whether the token knows the time; if codes need it, offer to set its clock."""
    if token.status().unix_time is not None:
        return True
    if all(each.type in ("hotp", STATIC) for each in stored):
        return False
    if not asking or output.as_json:
        output.note(
            _("The token does not know the time yet and shows no codes; run tokenctl sync.")
        )
        return False
    output.note(_("The token does not know the time, and shows no codes until its clock is set."))
    clock = may_set_clock(output, _("Set its clock from this computer's now?"))
    if clock is None:
        return False
    try:
        set_clock(token, clock, output)
    except (TokenctlError, WireError) as error:
        fault = error if isinstance(error, TokenctlError) else refused(error)
        output.note(
            _(
                "{sentence} The account is on the token; to set the clock later, run tokenctl sync."
            ).format(sentence=fault.sentence)
        )
        return False
    return True
