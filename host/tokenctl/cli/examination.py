"""tokenctl harden --examine-chip-key: asks a chip what its manuals leave open.

The chip is given up to the published test key, and its answers are yes or no.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokenctl.cli.chip_key import burn, ready
from tokenctl.cli.flash_board import choose_port
from tokenctl.cli.harden_board import TRIED, working
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.device.models import Examined
from tokenctl.device.token import Token
from tokenctl.errors import HardeningRefused
from tokenctl.language import _, number

if TYPE_CHECKING:
    from tokenctl.flashing.micropython_source import Choice

_ESTIMATED = 180_000  # HMACs a second, in machine code at 160 MHz


def examine(session: Session, choice: "Choice", wiring: Path | None) -> None:
    """Examine a board; one without a key first gets the test key, if the user confirms."""
    # Here, not above, as in flash: esptool takes long to load.
    from tokenctl.hardening.chip_key import TEST_KEY

    output = session.output
    session = replace(session, port=choose_port(session))
    with working(session) as token:
        status, state = ready(token)
        if state == "test_key":
            _report(token, output)
            return
        if state != "no_key":
            raise HardeningRefused(
                _("only a chip with the published test key can be examined; nothing was burnt")
            )
        if status.account_count != 0:
            raise HardeningRefused(
                _("a token that has accounts cannot be given the test key; nothing was burnt")
            )
        serial = token.identity.serial
    output.note(
        _(
            "For the examination, the published test key is burnt into this chip permanently. It "
            "takes one of six key blocks, and nothing can be bound to it."
        )
    )
    output.warn(_(TRIED))
    burn(session, serial, choice, wiring, TEST_KEY)
    with session.token() as token:
        _report(token, output)


def _report(token: Token, output: Output) -> None:
    """Print the chip's answers and type, and no number that identifies it."""
    from tokenctl.hardening import examination

    found = token.chip.examine(*examination.questions())
    about = {name: getattr(token.identity, name) for name in ("board", "firmware", "micropython")}
    if output.as_json:
        output.data(about | asdict(found))
        return
    output.line(_("Board {board}, firmware {firmware}, MicroPython {micropython}").format(**about))
    for place, question, answer in _answers(found):
        output.line(f"{place:<2} {question} {answer}")
    output.note(_("Please report this in an issue, and say which chip it is."))


def _answers(found: Examined) -> list[tuple[str, str, str]]:
    """Return the number of each open question, the question, and what this chip says."""
    rate = number(found.per_second, ",")
    return [
        (
            "1.",
            _("Do the SHA engine's registers show inner states, and so reveal the key?"),
            _yes(found.states_readable),
        ),
        ("2.", _("Does writing 1 to RESULT_FINISH end an HMAC?"), _yes(found.finish_one)),
        ("", _("Does writing 2 to it?"), _yes(found.finish_two)),
        (
            "3.",
            _("Are there 180,000 HMACs a second, as estimated? ({rate})").format(rate=rate),
            _yes(found.per_second >= _ESTIMATED),
        ),
        (
            "4.",
            _("Does the module read as zeros without its clock?"),
            _yes(found.without_clock == "zeros"),
        ),
        ("", _("And in reset?"), _yes(found.in_reset == "zeros")),
    ]


def _yes(answer: bool) -> str:
    return _("yes") if answer else _("no")
