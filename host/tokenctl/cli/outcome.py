"""What a token has done by the time a command ends early, said in a sentence.

`done` are the methods that it has carried out, in their order. What is known of methods is
imported here when a command ends early: help needs none of it.
"""

from collections.abc import Sequence

from tokenctl.language import _

_CODE = "accounts.code"


def outcome_of(done: Sequence[str], unsure: str | None) -> str:
    """Return the sentence; empty if nothing changed. `unsure` may have been carried out, too."""
    from tokenctl.device.methods import changes

    if unsure == "transfer.finish":
        from tokenctl.device.backups import UNSURE

        return _(UNSURE)
    if unsure == _CODE:
        return _("The token may have generated the code.")
    if unsure is not None and changes(unsure):
        return _("The token may have made the change: check with tokenctl list or tokenctl status.")
    changed = [each for each in done if changes(each)]
    if not changed:  # a code that nobody has seen moves an HOTP counter on
        return _("The token had already generated the code.") if _CODE in done else ""
    if changed[-1] == "clock.set":
        return _("The clock had already been set.")
    return _("The token had already made the change.")


def outcome_of_lost(done: Sequence[str], unanswered: str) -> str:
    """Return the sentence for a token that is gone: if a change was meant, also that none was made.

    Empty if nothing was asked for that could change anything.
    """
    from tokenctl.device.methods import is_at_once

    asked = [each for each in (*done, unanswered) if not is_at_once(each)]
    meant = any(each != _CODE for each in asked)  # a code moves a counter on
    return outcome_of(done, unanswered) or (_("Nothing was changed.") if meant else "")
