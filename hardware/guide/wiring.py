"""The wiring picture of a build, and one for each step of putting it together."""

from collections.abc import Collection

from guide.build import Build
from guide.layout import MARGIN, Box, End, Picture, Trunk, lay_out
from guide.styles import FADED, NET_STYLES, decorate
from guide.svg import Drawing

_LEGEND = 26  # px a row
_COLUMN = 290
_BACK = "#ffffff"


def wiring(
    build: Build,
    refs: Collection[str] | None = None,
    nets: Collection[str] | None = None,
    new: Collection[str] | None = None,
    heading: str = "",
) -> str:
    """Return the picture as SVG.

    Of a step only the parts `refs` and the nets `nets` are there, and of these only the nets
    `new` in colour; None stands for all.
    """
    picture = lay_out(build)
    shown = [net for net in build.nets if nets is None or net in nets]
    coloured = [net for net in shown if new is None or net in new]
    columns = max(1, int((picture.width - 40) // _COLUMN))
    rows = -(-len(shown) // columns)
    boxes = [box for box in picture.boxes if refs is None or box.part.ref in refs]
    bottom = max(box.y + box.height for box in [picture.board, *boxes]) + MARGIN
    height = int(bottom + rows * _LEGEND + 34)
    drawing = Drawing(int(picture.width), height, heading or build.title)
    drawing.text(34, 30, heading or build.title, 17, bold=True)
    if refs is not None:
        _only(picture, refs)
    drawn = {trunk.net for trunk in picture.trunks}
    _wires(drawing, picture, shown, coloured)
    _board(drawing, build, picture, shown)
    for box in boxes:
        _part(drawing, picture, box)
    for number, net in enumerate(net for net in shown if net in drawn):
        x = 34 + number % columns * _COLUMN
        y = bottom + 14 + number // columns * _LEGEND
        style = NET_STYLES[net]
        drawing.line(
            [(x, y), (x + 62, y)], style.colour if net in coloured else FADED, 3, style.dashes
        )
        drawing.text(x + 70, y + 4, f"{net}: {style.meaning}", 12)
    foot = (
        "Wires that cross do not touch; a dot joins them. "
        f"Made of hardware/boards/{build.definition.name}.json by make hardware."
    )
    drawing.text(34, height - 10, foot, 10, "#6b7280")
    return drawing.source()


def _only(picture: Picture, refs: Collection[str]) -> None:
    """Take away the wires to parts that are not there, and bridges that lead nowhere then."""
    for trunk in picture.trunks:
        trunk.ends = [end for end in trunk.ends if end.pin.ref in refs]
    lost = {each.turn for each in picture.trunks if not each.ends}
    picture.bridges = [each for each in picture.bridges if each[1] not in lost]
    for trunk in picture.trunks:
        if trunk.turn in lost:
            trunk.turn = None
    picture.trunks = [each for each in picture.trunks if len(each.ys) > 1]


def _wires(
    drawing: Drawing, picture: Picture, shown: Collection[str], coloured: Collection[str]
) -> None:
    """Draw stubs, then bridges, then trunks; each cuts what it crosses."""
    trunks = [each for each in picture.trunks if each.net in shown and each.ends]
    for trunk in trunks:
        for end in trunk.ends:
            _line(drawing, trunk.net, [(end.x, end.y), (trunk.x, end.y)], coloured)
    for net, y, first, last in picture.bridges:
        if net in shown:
            _line(drawing, net, [(first, y), (last, y)], coloured)
    for trunk in trunks:
        low, high = min(trunk.ys), max(trunk.ys)
        if high > low:
            _line(drawing, trunk.net, [(trunk.x, low), (trunk.x, high)], coloured)
    for trunk in trunks:
        _joints(drawing, trunk, coloured)


def _line(
    drawing: Drawing, net: str, points: list[tuple[float, float]], coloured: Collection[str]
) -> None:
    (x1, y1), (x2, y2) = points
    if x1 == x2:  # the gap ends short of the corners, which it would eat
        drawing.line([(x1, y1 + 4), (x2, y2 - 4)], _BACK, 9)
    style = NET_STYLES[net]
    drawing.line(points, style.colour if net in coloured else FADED, 3, style.dashes)


def _joints(drawing: Drawing, trunk: Trunk, coloured: Collection[str]) -> None:
    colour = NET_STYLES[trunk.net].colour if trunk.net in coloured else FADED
    for y in sorted(set(trunk.ys)):
        if min(trunk.ys) < y < max(trunk.ys) or trunk.ys.count(y) > 1:
            drawing.circle(trunk.x, y, 4.5, colour)


def _board(drawing: Drawing, build: Build, picture: Picture, shown: Collection[str]) -> None:
    box = picture.board
    module = build.whole["module"]
    bottom = box.y + box.height
    usb_y = bottom - 20 if module["usb_at"] == "bottom" else box.y - 10
    drawing.rectangle(box.x, box.y, box.width, box.height, "#1f2937", "#0b1220", 8)
    drawing.rectangle(box.x + box.width / 2 - 30, usb_y, 60, 30, "#cbd5e1", "#475569", 4)
    drawing.text(box.x + box.width / 2, usb_y + 20, "USB", 12, "#111827", "middle", bold=True)
    middle = box.y + box.height / 2
    words = [build.board.ref, *_wrapped(module["name"], 11)]
    for number, line in enumerate(words):
        y = middle + (number - len(words) / 2) * 17
        drawing.text(box.x + box.width / 2, y, line, 12, "#f8fafc", "middle", bold=number == 0)
    boot = next((pin for pin in build.board.pins if pin.label == "BOOT"), None)
    if boot is not None:
        x, y = box.x + box.width / 2, bottom - 62
        drawing.circle(x, y, 13, "#9ca3af", "#f8fafc")
        drawing.text(x, y + 4, "BOOT", 7.5, "#111827", "middle", bold=True)
        drawing.text(x, y + 27, f"GPIO {boot.gpio}: the button", 9, "#f8fafc", "middle")
    wired = {(end.pin.label, end.x, end.y) for trunk in picture.trunks for end in trunk.ends}
    for end in picture.ends:
        if end.pin.ref == build.board.ref:
            used = end.pin.net in shown and (end.pin.label, end.x, end.y) in wired
            _board_pin(drawing, end, used)


def _board_pin(drawing: Drawing, end: End, used: bool) -> None:
    inwards = 1 if end.to_right else -1
    anchor = "start" if end.to_right else "end"
    drawing.circle(end.x, end.y, 5.5, "#fbbf24" if used else "#6b7280", "#0b1220")
    colour, label = ("#ffffff", end.pin.label) if used else ("#9ca3af", end.pin.label)
    label += f" ({end.pin.place})" if end.pin.place else ""
    drawing.text(end.x + inwards * 12, end.y + 4.5, label, 12, colour, anchor, bold=used)
    if used and end.pin.net != end.pin.label:
        anchor = "end" if end.to_right else "start"
        drawing.text(end.x - inwards * 9, end.y - 5, end.pin.net or "", 9, "#111827", anchor)


def _part(drawing: Drawing, picture: Picture, box: Box) -> None:
    drawing.rectangle(box.x, box.y, box.width, box.height, "#eef2f7", "#475569", 6)
    title = f"{box.part.ref}  {box.part.title}"
    drawing.text(box.x, box.y - 6, _short(title), 11.5, bold=True)
    own = [end for end in picture.ends if end.pin.ref == box.part.ref]
    for end in own:
        anchor = "start" if end.to_right else "end"
        inwards = 1 if end.to_right else -1
        drawing.circle(end.x, end.y, 5, "#fbbf24" if end.pin.net else "#cbd5e1", "#475569")
        colour = "#111111" if end.pin.net else "#8a94a3"
        drawing.text(end.x + inwards * 11, end.y + 4.5, end.pin.label, 12, colour, anchor)
    room = box.width - 56 - (52 if any(end.pin.through for end in own) else 0)
    faces_right = bool(own) and not own[0].to_right
    x = box.x + 10 if faces_right else box.x + 50
    decorate(drawing, box.part, x, box.y + 3, room - 6, box.height - 6)


def _short(title: str) -> str:
    return title if len(title) <= 27 else title[:26] + "…"


def _wrapped(words: str, width: int) -> list[str]:
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
