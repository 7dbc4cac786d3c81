"""What was made of the board: hashes of its netlist and of the files that went with it."""

import hashlib
import json
from pathlib import Path

from strip.netlist import HOME, Board

FILES = ("strip.kicad_pcb", "drc.txt", "placement.csv", "gerber/*")


def digest(board: Board) -> str:
    """Return the SHA-256 of all that the board is made from."""
    return hashlib.sha256(repr(board).encode()).hexdigest()


def hashes(home: Path = HOME) -> dict[str, str]:
    """Return the SHA-256 of each file that was made."""
    paths = sorted(path for pattern in FILES for path in home.glob(pattern))
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def write(board: Board, home: Path = HOME) -> None:
    """Write the list."""
    told = {"made_from": digest(board), "files": hashes(home)}
    (home / "made.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def stale(board: Board, home: Path = HOME) -> list[str]:
    """Return what does not agree: the netlist and the board, the files and the list."""
    told = json.loads((home / "made.json").read_text(encoding="utf-8"))
    found = []
    if told["made_from"] != digest(board):
        found.append("The board was made from another netlist: run make pcb.")
    if told["files"] != hashes(home):
        found.append("The files are not those that were made: run make pcb.")
    return found
