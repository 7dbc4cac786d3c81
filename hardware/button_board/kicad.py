"""Writes the board with KiCad's own Python module, lets KiCad judge it, and plots it.

Runs under Debian's python3 with its package `kicad` (6.0), which has no kicad-cli. Nothing
outside the standard library but pcbnew.
"""

import csv
import re
import tempfile
from pathlib import Path

import pcbnew

from button_board.netlist import NAME, Board, Pad, Placed, Text
from button_board.router import Routes

ORIGIN = 100.0, 100.0  # mm: where the upper left corner of the board is on KiCad's sheet
COPPER = pcbnew.F_Cu, pcbnew.B_Cu
PLOTTED = [
    ("F_Cu", pcbnew.F_Cu), ("B_Cu", pcbnew.B_Cu), ("F_Mask", pcbnew.F_Mask),
    ("B_Mask", pcbnew.B_Mask), ("F_Paste", pcbnew.F_Paste), ("B_Paste", pcbnew.B_Paste),
    ("F_Silkscreen", pcbnew.F_SilkS), ("B_Silkscreen", pcbnew.B_SilkS),
    ("Edge_Cuts", pcbnew.Edge_Cuts),
]  # fmt: skip


GREEN, GOLD, WHITE = "#0b5c33", "#cfa63a", "#ffffff"
SIDES = {
    "front": [(pcbnew.F_Cu, GREEN), (pcbnew.F_Mask, GOLD), (pcbnew.F_SilkS, WHITE)],
    "back": [(pcbnew.B_Cu, GREEN), (pcbnew.B_Mask, GOLD), (pcbnew.B_SilkS, WHITE)],
}


def mm(value: float) -> int:
    """Return millimetres in KiCad's units."""
    return pcbnew.FromMM(float(value))


class Writer:
    """Makes one KiCad board of a netlist and its routes."""

    def __init__(self, board: Board, routes: Routes) -> None:
        self.board, self.routes = board, routes
        self.made = pcbnew.BOARD()
        self.nets = {}

    def point(self, x: float, y: float) -> pcbnew.wxPoint:
        """Return a place on KiCad's sheet, where y points down."""
        return pcbnew.wxPoint(mm(ORIGIN[0] + x), mm(ORIGIN[1] + self.board.height - y))

    def write(self, path: Path) -> pcbnew.BOARD:
        """Write the board, its copper areas filled, and return it."""
        rules, settings = self.board.rules, self.made.GetDesignSettings()
        settings.m_TrackMinWidth = mm(rules["track"])
        settings.m_MinClearance = mm(rules["clearance"])
        settings.m_CopperEdgeClearance = mm(rules["edge"] - 0.05)
        settings.m_ViasMinSize = mm(rules["via"])
        settings.m_MinThroughDrill = mm(rules["drill"] - 0.05)
        settings.SetBoardThickness(mm(self.board.thickness))
        for name in self.board.nets:
            self.nets[name] = pcbnew.NETINFO_ITEM(self.made, name)
            self.made.Add(self.nets[name])
        self._outline()
        for part in self.board.parts:
            self._part(part)
        self._tracks()
        for text in self.board.texts:
            self._silk(text)
        self.made.GetTitleBlock().SetTitle(self.board.title.split(",")[0])
        for layer in COPPER:
            self._area(layer)
        pcbnew.SaveBoard(str(path), self.made)
        made = pcbnew.LoadBoard(str(path))  # filling a board that was never read crashes 6.0
        pcbnew.ZONE_FILLER(made).Fill(made.Zones())
        pcbnew.SaveBoard(str(path), made)
        return made

    def _outline(self) -> None:
        corners = [(0, 0), (self.board.width, 0), (self.board.width, self.board.height),
                   (0, self.board.height)]  # fmt: skip
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            line = pcbnew.PCB_SHAPE(self.made)
            line.SetShape(pcbnew.SHAPE_T_SEGMENT)
            line.SetLayer(pcbnew.Edge_Cuts)
            line.SetWidth(mm(0.1))
            line.SetStart(self.point(*start))
            line.SetEnd(self.point(*end))
            self.made.Add(line)

    def _part(self, part: Placed) -> None:
        footprint = pcbnew.FOOTPRINT(self.made)
        footprint.SetFPID(pcbnew.LIB_ID(NAME, part.footprint))
        footprint.SetReference(part.ref)
        footprint.SetValue(part.value)
        footprint.SetPosition(self.point(part.x, part.y))
        if part.back:
            footprint.SetLayer(pcbnew.B_Cu)
        through = any(pad.drill for pad in part.pads)
        footprint.SetAttributes(pcbnew.FP_THROUGH_HOLE if through else pcbnew.FP_SMD)
        for text in (footprint.Reference(), footprint.Value()):
            text.SetVisible(False)
        for pad in part.pads:
            footprint.Add(self._pad(footprint, pad))
        self.made.Add(footprint)

    def _pad(self, footprint: pcbnew.FOOTPRINT, told: Pad) -> pcbnew.PAD:
        pad = pcbnew.PAD(footprint)
        pad.SetNumber(told.number)
        pad.SetPosition(self.point(told.x, told.y))
        pad.SetPos0(pad.GetPosition() - footprint.GetPosition())
        pad.SetSize(pcbnew.wxSize(mm(told.width), mm(told.height)))
        if told.drill:
            pad.SetAttribute(pcbnew.PAD_ATTRIB_PTH)
            pad.SetShape(pcbnew.PAD_SHAPE_CIRCLE)
            pad.SetDrillSize(pcbnew.wxSize(mm(told.drill), mm(told.drill)))
            pad.SetLayerSet(pad.PTHMask())
        else:
            pad.SetAttribute(pcbnew.PAD_ATTRIB_SMD)
            pad.SetShape(pcbnew.PAD_SHAPE_RECT)
            back = 1 in told.layers
            layers = pcbnew.LSET()
            for layer in (
                (pcbnew.B_Cu, pcbnew.B_Mask, pcbnew.B_Paste)
                if back
                else (pcbnew.F_Cu, pcbnew.F_Mask, pcbnew.F_Paste)
            ):
                layers.AddLayer(layer)
            pad.SetLayerSet(layers)
        if told.net:
            pad.SetNet(self.nets[told.net])
        return pad

    def _silk(self, text: Text) -> None:
        """Print a text on front or back."""
        label = pcbnew.PCB_TEXT(self.made)
        label.SetText(text.words)
        label.SetPosition(self.point(text.x, text.y))
        label.SetLayer(pcbnew.B_SilkS if text.back else pcbnew.F_SilkS)
        label.SetMirrored(text.back)
        label.SetTextSize(pcbnew.wxSize(mm(text.size), mm(text.size)))
        label.SetTextThickness(mm(text.size * 0.16))
        self.made.Add(label)

    def _tracks(self) -> None:
        rules = self.board.rules
        for net, layer, points in self.routes.tracks:
            for start, end in zip(points, points[1:], strict=False):
                track = pcbnew.PCB_TRACK(self.made)
                track.SetStart(self.point(*start))
                track.SetEnd(self.point(*end))
                track.SetWidth(mm(rules["track"]))
                track.SetLayer(COPPER[layer])
                track.SetNet(self.nets[net])
                self.made.Add(track)
        for net, x, y in self.routes.vias:
            via = pcbnew.PCB_VIA(self.made)
            via.SetPosition(self.point(x, y))
            via.SetWidth(mm(rules["via"]))
            via.SetDrill(mm(rules["drill"]))
            via.SetNet(self.nets[net])
            self.made.Add(via)

    def _area(self, layer: int) -> pcbnew.ZONE:
        """Fill what is free with ground."""
        area, edge = pcbnew.ZONE(self.made), self.board.rules["edge"]
        area.SetLayer(layer)
        area.SetNet(self.nets["GND"])
        area.SetLocalClearance(mm(self.board.rules["clearance"] + 0.05))
        area.SetMinThickness(mm(0.25))
        area.SetThermalReliefGap(mm(0.3))
        area.SetThermalReliefSpokeWidth(mm(0.35))
        area.SetPadConnection(pcbnew.ZONE_CONNECTION_THERMAL)
        area.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        outline = area.Outline()
        outline.NewOutline()
        right, top = self.board.width - edge, self.board.height - edge
        for x, y in ((edge, edge), (right, edge), (right, top), (edge, top)):
            place = self.point(x, y)
            outline.Append(place.x, place.y)
        self.made.Add(area)
        return area


def judge(board: pcbnew.BOARD, path: Path) -> list[str]:
    """Write KiCad's report of its design rule check, and return its complaints."""
    pcbnew.WriteDRCReport(board, str(path), pcbnew.EDA_UNITS_MILLIMETRES, True)
    text = re.sub(r"\*\* Created on .*", "** By make pcb, KiCad 6.0 **", path.read_text())
    text = re.sub(r"\*\* Drc report for .*", f"** Drc report for {NAME}.kicad_pcb **", text)
    path.write_text(text)
    return re.findall(r"^\[(\w+)\]: .*", text, re.M)


def plot(board: pcbnew.BOARD, folder: Path) -> list[Path]:
    """Write Gerber files and the drill file."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    plotter = pcbnew.PLOT_CONTROLLER(board)
    options = plotter.GetPlotOptions()
    options.SetOutputDirectory(str(folder))
    options.SetPlotFrameRef(False)
    options.SetUseGerberProtelExtensions(False)
    options.SetUseGerberX2format(True)
    options.SetIncludeGerberNetlistInfo(True)
    options.SetCreateGerberJobFile(False)
    options.SetSubtractMaskFromSilk(True)
    for name, layer in PLOTTED:
        plotter.SetLayer(layer)
        plotter.OpenPlotfile(name, pcbnew.PLOT_FORMAT_GERBER, name)
        plotter.PlotLayer()
    plotter.ClosePlot()
    drill = pcbnew.EXCELLON_WRITER(board)
    drill.SetFormat(True)
    drill.SetOptions(False, False, pcbnew.wxPoint(0, 0), True)
    drill.CreateDrillandMapFilesSet(str(folder), True, False)
    for file in folder.iterdir():  # no dates: the same board gives the same files
        text = re.sub(
            r"(CreationDate,|date |DRILL file \{KiCad [^}]*\} date )[^*\n]*",
            r"\1-",
            file.read_text(),
        )
        file.write_text(text)
    return sorted(folder.iterdir())


def draw(board: pcbnew.BOARD, size: tuple[float, float], folder: Path) -> list[Path]:
    """Draw both sides, as KiCad plots them, in the colours of a board; `size` in mm."""
    found = []
    for name, layers in SIDES.items():
        with tempfile.TemporaryDirectory() as scratch:
            plotter = pcbnew.PLOT_CONTROLLER(board)
            plotter.GetPlotOptions().SetOutputDirectory(scratch)
            plotter.GetPlotOptions().SetPlotFrameRef(False)
            groups = []
            for number, (layer, colour) in enumerate(layers):
                plotter.SetLayer(layer)
                plotter.OpenPlotfile(str(number), pcbnew.PLOT_FORMAT_SVG, "")
                plotter.PlotLayer()
                plotter.ClosePlot()
                plot = next(Path(scratch).glob(f"*-{number}.svg")).read_text()
                inner = plot[plot.index("<g ") : plot.rindex("</svg>")]
                inner = re.sub(r"<text.*?</text>|<desc>.*?</desc>", "", inner, flags=re.S)
                groups.append(inner.replace("#000000", colour))
        wide, high = (round(side * 1e6) for side in size)
        left, top = (round(at * 1e6) for at in ORIGIN)
        mirror = f'transform="translate({2 * left + wide} 0) scale(-1 1)"' if name == "back" else ""
        path = folder / f"{name}.svg"
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0] * 24:.0f}" '
            f'height="{size[1] * 24:.0f}" viewBox="{left} {top} {wide} {high}">'
            f'<rect x="{left}" y="{top}" width="{wide}" height="{high}" fill="#14804a"/>'
            f"<g {mirror}>{''.join(groups)}</g></svg>\n"
        )
        found.append(path)
    return found


def placement(board: Board, path: Path) -> None:
    """Write where each part is, in the columns that assemblers read."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["Ref", "Val", "Package", "PosX", "PosY", "Rot", "Side"])
        for part in board.parts:
            if part.footprint in ("0805", "so-8"):
                side = "bottom" if part.back else "top"
                rows.writerow(
                    [
                        part.ref,
                        part.value,
                        part.footprint,
                        f"{part.x:.2f}",
                        f"{part.y:.2f}",
                        0,
                        side,
                    ]
                )
