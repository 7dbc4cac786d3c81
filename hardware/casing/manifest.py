"""The manifest of a printed case: what its meshes were made from, and which files they are.

`printed/NAME.json` has the measures that the meshes follow from, as numbers; how each piece is
turned and moved from the closed case to the printer's bed; and the hashes of the files.
Measures are compared by their values, so that a comment in a source changes nothing, and
nobody prints a case of yesterday's.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from casing import data, fits
from casing.plan import Plan

PRINTED = "printed"
_NOT_MEASURED = ("title", "parts")  # of a build's figures: words, and names of other files


def measures(plan: Plan) -> dict[str, Any]:
    """Return all that the meshes follow from, as JSON has it, in mm to a tenth of a micrometre."""
    figures = {key: each for key, each in plan.figures.items() if key not in _NOT_MEASURED}
    parts = {what: [asdict(box) for box in part.boxes] for what, part in plan.placed.items()}
    for box in (box for boxes in parts.values() for box in boxes):
        del box["what"]
    whole = {
        "figures": figures,
        "shell": asdict(plan.shell),
        "opening": asdict(plan.opening),
        "window": asdict(plan.window),
        "buttons": [asdict(each) for each in plan.buttons],
        "snaps": [asdict(each) for each in plan.snaps],
        "carved": [asdict(each) for each in plan.carved],
        "parts": parts,
    }
    return json.loads(json.dumps(_rounded(whole)))


def manifest(name: str, home: Path = data.HOME) -> dict[str, Any]:
    """Return the manifest of a build. Raises DataError."""
    return data.read(home / PRINTED / f"{name}.json")


def stale(plan: Plan, home: Path = data.HOME) -> list[str]:
    """Return what does not agree: the plan and the meshes, the meshes and their hashes."""
    found, kept = [], manifest(plan.name, home)
    for difference in _differences(kept["measures"], measures(plan)):
        found.append(
            f"The {plan.name} case was made from other measures ({difference}): run make case."
        )
        break  # one measure moves many others
    for file, told in kept["files"].items():
        path = home / PRINTED / file
        if not path.exists() or _hash(path) != told:
            found.append(f"{file} is not the file that was made: run make case.")
    return found


def pieces(name: str, home: Path = data.HOME) -> dict[str, fits.Piece]:
    """Return the printed pieces of a build, where they are in the closed case."""
    found = {}
    for piece, told in manifest(name, home)["pieces"].items():
        solid = fits.load(home / PRINTED / told["file"]).translate([-v for v in told["moved"]])
        down = told["face_down"]
        found[piece] = fits.Piece(piece, solid.rotate((180, 0, 0)) if down else solid, down)
    return found


def write(plan: Plan, pieces_told: dict[str, Any], files: list[Path], home: Path) -> None:
    """Write the manifest of a plan's pieces and files."""
    hashes = {path.name: _hash(path) for path in files}
    told = {"measures": measures(plan), "pieces": pieces_told, "files": hashes}
    path = home / PRINTED / f"{plan.name}.json"
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _differences(kept: Any, now: Any, place: str = "") -> Iterator[str]:
    """Return where two measures differ: their place, the one that was, the one that is."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for key in [*now, *(key for key in kept if key not in now)]:
            yield from _differences(kept.get(key), now.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        for number, pair in enumerate(zip(kept, now, strict=True)):
            yield from _differences(*pair, f"{place}[{number}]")
    elif kept != now:
        yield f"{place} was {kept} and is {now}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) + 0.0  # no -0.0
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
