"""From the plan to files: STL for each piece, one 3MF with all of them on the bed, STEP to change.

Needs build123d (requirements-case.txt).
"""

import itertools
import re
import shutil
import tempfile
import uuid
import zipfile
from pathlib import Path

from build123d import Compound, Mesher, Part, Pos, Rot, export_step, export_stl

from casing import breadboard, breadboard_model, data, manifest, pocket, pocket_model

FINE = 0.03  # mm: how far a mesh may be from the curve that it stands for
TURN = 0.25  # radians
BETWEEN = 6.0  # mm from piece to piece on the bed
ROW = 200.0  # mm: the width of what is laid out there
MODELS = {"pocket": (pocket, pocket_model), "breadboard": (breadboard, breadboard_model)}


def build(name: str, home: Path = data.HOME) -> list[Path]:
    """Make all files of a build anew, and return them. Raises DataError."""
    plans, models = MODELS[name]
    plan = plans.plan(home)
    solids = models.pieces(plan)
    folder = home / manifest.PRINTED
    folder.mkdir(exist_ok=True)
    files, told, flat = [], {}, {}
    for piece, solid in solids.items():
        down = piece == "lid"
        turned = Rot(180, 0, 0) * solid if down else solid
        box = turned.bounding_box()
        moved = [-box.center().X, -box.center().Y, -box.min.Z]
        flat[piece] = Pos(*moved) * turned
        kind = piece.split("-")[0]
        path = folder / f"{name}-{kind}.stl"
        if path not in files:
            export_stl(flat[piece], str(path), tolerance=FINE, angular_tolerance=TURN)
            files.append(path)
        told[piece] = {
            "file": path.name,
            "face_down": down,
            "moved": [round(value, 6) for value in moved],
        }
    files.append(_three_mf(folder / f"{name}.3mf", _side_by_side(flat)))
    manifest.write(plan, told, files, home)
    step = folder / f"{name}.step"  # for those who want to change it by hand; not kept in git
    export_step(Compound(children=list(solids.values())), str(step))
    return [*files, step]


def differences(name: str, home: Path = data.HOME) -> list[str]:
    """Build anew, elsewhere, and return where the meshes are not those that are kept."""
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder) / "case"
        shutil.copytree(home, elsewhere)
        build(name, elsewhere)
        kept, new = manifest.pieces(name, home), manifest.pieces(name, elsewhere)
        found = []
        for piece in sorted(kept.keys() | new.keys()):
            if piece not in kept or piece not in new:
                found.append(f"The {piece} is not in both.")
                continue
            one, other = kept[piece].solid, new[piece].solid
            differ = (one - other).volume() + (other - one).volume()
            if differ > 1.0:
                found.append(f"The {piece} differs by {differ:.1f} mm3.")
    return found


def _side_by_side(flat: dict[str, Part]) -> dict[str, Part]:
    """Lay pieces out in rows on the bed, the largest in front."""
    placed, right, front, deep = {}, 0.0, 0.0, 0.0
    for name, solid in sorted(flat.items(), key=lambda item: -item[1].bounding_box().size.Y):
        size = solid.bounding_box().size
        if right + size.X > ROW:
            right, front, deep = 0.0, front + deep + BETWEEN, 0.0
        placed[name] = Pos(right + size.X / 2, front + size.Y / 2, 0) * solid
        right, deep = right + size.X + BETWEEN, max(deep, size.Y)
    return placed


def _three_mf(path: Path, solids: dict[str, Part]) -> Path:
    """Write all pieces into one 3MF, the same bytes for the same pieces."""
    mesher = Mesher()
    for name, solid in solids.items():
        mesher.add_shape(solid, linear_deflection=FINE, angular_deflection=TURN, part_number=name)
    mesher.write(str(path))
    with zipfile.ZipFile(path) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            numbers = itertools.count()
            fixed = re.sub(
                rb'UUID="[^"]*"', lambda _, n=numbers: _uuid(path.name, next(n)), content
            )
            archive.writestr(
                zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), fixed, zipfile.ZIP_DEFLATED
            )
    return path


def _uuid(file: str, number: int) -> bytes:
    """Return an identifier that is not random, as lib3mf's are."""
    return f'UUID="{uuid.uuid5(uuid.NAMESPACE_URL, f"{file}/{number}")}"'.encode()
