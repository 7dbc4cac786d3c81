"""What is said of accounts that are to be added: remarks on their sources, warnings, guesses."""

from collections.abc import Sequence

from tokenctl.cli.output import Output
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import Ambiguous
from tokenctl.language import _, plural


def warn(output: Output, enrolments: Sequence[Enrolment], refuse_guesses: bool = False) -> None:
    """Print warnings; one that several enrolments share comes once.

    With `refuse_guesses` the first guess is raised as Ambiguous, in the place of its warning.
    """
    said: dict[str, list[str]] = {}
    for each in enrolments:
        for warning in each.warnings:
            said.setdefault(warning, []).append(each.display_issuer or each.account.name)
    guesses = [text for each in enrolments for text in each.assumptions if refuse_guesses]
    refused = [(guess, said.pop(guess)) for guess in guesses[:1]]
    for remark in dict.fromkeys(text for each in enrolments for text in each.remarks):
        output.warn(remark)
    for warning, names in said.items():
        others = _(" and {more} more").format(more=len(names) - 1) if len(names) > 1 else ""
        output.warn(f"{names[0]}{others}: {warning}")
    for guess, names in refused:
        raise _ambiguous(guess, names)


def _ambiguous(assumption: str, names: list[str]) -> Ambiguous:
    others = len(names) - 1
    if others:
        sentence = plural(
            "'{name}' and {others} other account are ambiguous: {assumption}; run this at a "
            "terminal to edit them, or accept the guess with --guess",
            "'{name}' and {others} other accounts are ambiguous: {assumption}; run this at a "
            "terminal to edit them, or accept the guess with --guess",
            others,
        )
    else:
        sentence = _(
            "'{name}' is ambiguous: {assumption}; run this at a terminal to edit it, "
            "name it with --issuer and --account, or accept the guess with --guess"
        )
    return Ambiguous(sentence.format(assumption=assumption, name=names[0], others=others))
