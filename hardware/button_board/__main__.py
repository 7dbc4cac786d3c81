"""`python3 -m button_board`: route the board, write it, have KiCad judge it, plot it."""

import sys

from button_board import kicad, manifest, netlist, router


def main() -> int:
    """Make all files anew; return 1 if KiCad finds fault."""
    board = netlist.load()
    home = netlist.HOME
    made = kicad.Writer(board, router.Router(board).route()).write(
        home / f"{netlist.NAME}.kicad_pcb"
    )
    complaints = kicad.judge(made, home / "drc.txt")
    kicad.plot(made, home / "gerber")
    kicad.placement(board, home / "placement.csv")
    kicad.draw(made, (board.width, board.height), home)
    manifest.write(board)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
