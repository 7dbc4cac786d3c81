"""What a chip supports and has burnt, the conditions for burning, and the burning itself.

A measure that closes the loader can never be repaired, so nothing is burnt on a board
whose flash is not, byte for byte, the release that this tokenctl flashes: that is
compared on the board, with the same MD5s as after flashing. That the token works is
asked of it before, where its port can reset it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tokenctl.errors import HardeningRefused
from tokenctl.flashing import plan
from tokenctl.flashing.image_header import named
from tokenctl.flashing.loader import Board, Loader
from tokenctl.hardening import chip_key
from tokenctl.hardening.efuses import BURNT, LOCKED, OPEN, Efuses
from tokenctl.hardening.measures import CHIP_KEY, SECURE_LOADER, Measure, measures_for
from tokenctl.language import _, marked

UNKNOWN, UNSUPPORTED = "unknown", "unsupported"
STATES = {
    OPEN: marked("not burnt"),
    BURNT: marked("burnt"),
    LOCKED: marked("cannot be burnt"),
    UNSUPPORTED: marked("not on this chip"),
    UNKNOWN: marked("cannot be read"),
}


@dataclass(frozen=True)
class Finding:
    """A measure of this chip; `state` is open, burnt, locked, unsupported or unknown; `why`."""

    measure: Measure
    efuse: str
    state: str
    why: str = ""

    def describe(self) -> dict[str, Any]:
        """Return it as a dict of JSON types."""
        shown = ("name", "title", "buys", "costs", "burnable", "closes_loader")
        known = {name: value for name, value in asdict(self.measure).items() if name in shown}
        return known | {"efuse": self.efuse, "state": self.state, "why": self.why}


def findings(loader: Loader) -> list[Finding]:
    """Return all measures that the chip has, with their states; raise LinkError."""
    chip = loader.chip.name
    if loader.secure:
        return [_unread(each, each.efuses[chip]) for each in measures_for(chip)]
    efuses, revision = Efuses(loader.esp), loader.revision
    return [_finding(each, chip, revision, efuses) for each in measures_for(chip)]


def _unread(measure: Measure, efuse: str) -> Finding:
    if measure.name == SECURE_LOADER:
        return Finding(measure, efuse, BURNT)
    return Finding(
        measure, efuse, UNKNOWN, _("the loader is in secure mode, and does not read eFuses")
    )


def _finding(measure: Measure, chip: str, revision: int, efuses: Efuses) -> Finding:
    if measure.name == CHIP_KEY:
        return _key_finding(measure, efuses)
    efuse = measure.efuses[chip]
    state, oldest = efuses.state(efuse), measure.oldest.get(chip, 0)
    if state != BURNT and revision < oldest:
        why = _("it needs chip revision {needed}, but this is {found}").format(
            found=named(revision), needed=named(oldest)
        )
        return Finding(measure, efuse, UNSUPPORTED, why)
    if state == LOCKED:
        return Finding(measure, efuse, state, _("its eFuse is write-protected"))
    return Finding(measure, efuse, state)


def _key_finding(measure: Measure, efuses: Efuses) -> Finding:
    """Return the finding about the chip's key, with the block that has it, or would get it."""
    burnt = [each for each in efuses.key_blocks() if each.has_hidden_key]
    if burnt:
        return Finding(measure, burnt[0].name, BURNT)
    try:
        return Finding(measure, chip_key.free_block(efuses).name, OPEN)
    except HardeningRefused as refused:
        return Finding(measure, "", LOCKED, str(refused))


def chosen(found: Sequence[Finding], names: Sequence[str]) -> list[Finding]:
    """Return the findings to burn, loader-closing ones last; raise HardeningRefused."""
    by_name = {each.measure.name: each for each in found}
    for name in names:
        if name not in by_name:
            raise HardeningRefused(
                _("this chip has no measure {name}; nothing was burnt").format(name=name)
            )
        finding = by_name[name]
        if finding.state != OPEN:
            why = f": {finding.why}" if finding.why else ""
            raise HardeningRefused(
                _("{name} cannot be burnt: {state}{why}; nothing was burnt").format(
                    name=name, state=_(STATES[finding.state]), why=why
                )
            )
    meant = [each for each in found if each.measure.name in names]
    if CHIP_KEY in names and len(meant) > 1:
        raise HardeningRefused(_("burn chip-key by itself, before the others; nothing was burnt"))
    closing = [each.measure.name for each in meant if each.measure.closes_loader]
    if len(closing) > 1:
        raise HardeningRefused(
            _("burn only one of {joined}; nothing was burnt").format(joined=", ".join(closing))
        )
    return meant


def check_flash(board: Board, regions: Sequence[plan.Region]) -> None:
    """Raise HardeningRefused if the flash differs in these places."""
    for region in regions:
        if not board.holds(region.offset, region.data):
            raise HardeningRefused(
                _(
                    "the {name} on the board does not match this release, and could never be "
                    "replaced; run tokenctl flash first; nothing was burnt"
                ).format(name=_(region.name))
            )


def burn(board: Board, findings: Sequence[Finding]) -> dict[str, str]:
    """Burn these measures; return the state that each reads back as; raise LinkError."""
    return {each.measure.name: Efuses(board.esp).burn(each.efuse) for each in findings}
