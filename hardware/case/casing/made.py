"""What was made of a build: the meshes that are printed, and the list that goes with them.

The list `printed/NAME.json` names the meshes with their hashes, how each is turned and moved
from the closed case to the printer's bed, and the hash of all that it was made from, so that
nobody prints a case of yesterday's measures.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from casing import data, fits

PRINTED = "printed"
SOURCES = ("data", "plan", "shapes")  # and the build's own plan and model


def sources(name: str, home: Path = data.HOME) -> list[Path]:
    """Return the files that a build is made from."""
    figures = data.build(name, home)
    modules = [f"casing/{module}.py" for module in (*SOURCES, name, f"{name}_model")]
    parts = [f"parts/{part}.json" for part in sorted({*figures["parts"].values(), "plugs"})]
    return [home / path for path in (*modules, f"builds/{name}.json", *parts)]


def digest(paths: list[Path]) -> str:
    """Return the SHA-256 over names and contents of some files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def listed(name: str, home: Path = data.HOME) -> dict[str, Any]:
    """Return the list of what was made of a build. Raises DataError."""
    return data.read(home / PRINTED / f"{name}.json")


def stale(name: str, home: Path = data.HOME) -> list[str]:
    """Return what does not agree: the measures and the meshes, the meshes and the list."""
    found, made = [], listed(name, home)
    if made["made_from"] != digest(sources(name, home)):
        found.append(f"The {name} case was made from other measures: run make case.")
    for file, told in made["files"].items():
        path = home / PRINTED / file
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != told:
            found.append(f"{file} is not the file that was made: run make case.")
    return found


def pieces(name: str, home: Path = data.HOME) -> dict[str, fits.Piece]:
    """Return the printed pieces of a build, where they are in the closed case."""
    found = {}
    for piece, told in listed(name, home)["pieces"].items():
        solid = fits.load(home / PRINTED / told["file"]).translate([-v for v in told["moved"]])
        down = told["face_down"]
        found[piece] = fits.Piece(piece, solid.rotate((180, 0, 0)) if down else solid, down)
    return found


def write_list(name: str, pieces_told: dict[str, Any], files: list[Path], home: Path) -> None:
    """Write the list of what was made."""
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    told = {"made_from": digest(sources(name, home)), "pieces": pieces_told, "files": hashes}
    path = home / PRINTED / f"{name}.json"
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
