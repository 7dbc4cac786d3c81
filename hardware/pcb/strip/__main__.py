"""`python3 -m strip`: route the board, write it, have KiCad judge it, plot it."""

import sys

from strip import kicad, netlist, router
from strip import made as written


def main() -> int:
    """Make all files anew; return 1 if KiCad finds fault."""
    board = netlist.load()
    home = netlist.HOME
    made = kicad.Writer(board, router.Router(board).route()).write(home / "strip.kicad_pcb")
    complaints = kicad.judge(made, home / "drc.txt")
    kicad.plot(made, home / "gerber")
    kicad.placement(board, home / "placement.csv")
    kicad.draw(made, (board.width, board.height), home)
    written.write(board)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
