"""The manifest of the button board: what its files were made from, and their hashes.

The netlist is compared by its values, so that a comment in a source changes nothing.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from button_board.netlist import HOME, NAME, Board

MANIFEST = "manifest.json"
FILES = (f"{NAME}.kicad_pcb", "drc.txt", "placement.csv", "gerber/*")


def netlist(board: Board) -> dict[str, Any]:
    """Return all that the board is made from, as JSON has it."""
    whole = asdict(board)
    for part in whole["parts"]:
        for pad in part["pads"]:
            pad["layers"] = sorted(pad["layers"])
    return json.loads(json.dumps(whole))


def hashes(home: Path = HOME) -> dict[str, str]:
    """Return the SHA-256 of each file that was made."""
    paths = sorted(path for pattern in FILES for path in home.glob(pattern))
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def write(board: Board, home: Path = HOME) -> None:
    """Write the manifest."""
    told = {"netlist": netlist(board), "files": hashes(home)}
    (home / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def stale(board: Board, home: Path = HOME) -> list[str]:
    """Return what does not agree: the netlist and the board, the files and their hashes."""
    told = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
    found = []
    if told["netlist"] != netlist(board):
        found.append("The board was made from another netlist: run make pcb.")
    if told["files"] != hashes(home):
        found.append("The files are not those that were made: run make pcb.")
    return found
