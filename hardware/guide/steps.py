"""Putting a build together, step by step: which wires come when, in words and pictures."""

from dataclasses import dataclass

from guide.build import Build, Part, Pin

_ORDER = (  # what comes when: title, its nets, what kinds of part are there from then on
    ("Ground and 3.3 V", ("GND", "3V3"), ("board", "panel", "clock")),
    ("The bus", ("SCL", "SDA"), ("pull-up",)),
    ("The buttons", ("BUTTON", "BUTTON2"), ("button",)),
    ("The dividers", ("BAT_SENSE", "USB_SENSE", "VBUS"), ("resistor", "capacitor")),
    ("The battery, last", ("VBAT",), ("cell",)),
)

_SUPPLIES = ("GND", "3V3")


@dataclass(frozen=True)
class Step:
    """One step: the parts and nets that are there after it, its new ones, its wires in words."""

    title: str
    refs: tuple[str, ...]
    nets: tuple[str, ...]
    new: tuple[str, ...]
    wires: tuple[str, ...]


def steps(build: Build) -> list[Step]:
    """Return the steps that this build has."""
    found: list[Step] = []
    kinds: set[str] = set()
    nets: list[str] = []
    for title, wanted, parts in _ORDER:
        new = [net for net in wanted if net in build.nets and not _on_board_only(build, net)]
        if not new:
            continue
        before = {part.ref for part in build.parts if _sort(part) in kinds}
        kinds |= set(parts)
        refs = tuple(part.ref for part in build.parts if _sort(part) in kinds)
        fresh = [ref for ref in refs if ref not in before]
        again = [
            net
            for net in _SUPPLIES
            if net in nets and any(net in _nets(build.part(ref)) for ref in fresh)
        ]
        nets += new
        new += again
        wires = [
            wire
            for net in new
            for wire in _wires(build, net, [r for r in refs if net not in _SUPPLIES or r in fresh])
        ]
        found.append(Step(title, refs, tuple(nets), tuple(new), tuple(wires)))
    return found


def _sort(part: Part) -> str:
    return "pull-up" if part.purpose.startswith("pull_up.") else part.kind


def _nets(part: Part) -> set[str | None]:
    return {pin.net for pin in part.pins}


def _on_board_only(build: Build, net: str) -> bool:
    return {pin.ref for pin in build.nets[net]} == {build.board.ref}


def _wires(build: Build, net: str, refs: list[str]) -> list[str]:
    """Return a sentence for each wire of a net to the parts `refs`."""
    at_board = [pin for pin in build.nets[net] if pin.ref == build.board.ref]
    return [
        f"{pin.ref} {pin.label} to {target(build, pin, at_board)}"
        for pin in build.nets[net]
        if pin.ref in refs and pin.ref != build.board.ref and not pin.through
    ]


def target(build: Build, pin: Pin, at_board: list[Pin]) -> str:
    """Return where a part's pin goes to: to the board, or to the module before it."""
    part = build.part(pin.ref)
    if part.purpose.startswith("behind "):
        return f"{part.purpose.removeprefix('behind ')} {pin.label}, at its far end"
    if part.kind == "cell" and pin.net == "GND":
        return f"{build.board.ref} BAT-"
    usual = [each for each in at_board if each.label != "BAT-"] or at_board
    return f"{build.board.ref} {usual[0].label}"
