"""The rules for a board's wiring, all of them.

A finding names the key, the pin where there is one, and the rule. A wiring is refused
if it cannot work or defeats the token's purpose; a warning means that it works at a cost.
"""

from tokenctl.boards.chips import pins_of
from tokenctl.boards.definition import Definition
from tokenctl.boards.finding import Finding
from tokenctl.boards.part_rules import PART_RULES
from tokenctl.boards.pin_rules import PIN_RULES
from tokenctl.errors import WrongBoard
from tokenctl.language import _, plural


def check(definition: Definition) -> list[Finding]:
    """Return all findings, refusals first; raise WrongBoard for an unknown chip."""
    pins = pins_of(definition.chip)
    found = [each for rule in PIN_RULES + PART_RULES for each in rule(definition, pins)]
    return sorted(found, key=lambda each: not each.refused)


def refuse(definition: Definition) -> list[Finding]:
    """Return the warnings of a definition; raise WrongBoard if it breaks a rule."""
    found = check(definition)
    refused = [each for each in found if each.refused]
    if refused:
        more = len(refused) - 1
        rest = ""
        if more:
            rest = plural(
                "; {more} more finding: tokenctl board check",
                "; {more} more findings: tokenctl board check",
                more,
            ).format(more=more)
        raise WrongBoard(
            _("the board definition '{name}' is rejected: {finding}{rest}").format(
                finding=refused[0], name=definition.name, rest=rest
            )
        )
    return found
