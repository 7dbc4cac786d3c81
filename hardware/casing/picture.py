"""Pictures of the printed pieces and the parts in them: rays from the eye, and light of a sky.

No GPU and no display: Embree finds what a ray meets, the rest is NumPy. Every visible point
looks at the sky along a few dozen directions; what it sees there is its light. The
directions are fixed, others for each ray of a pixel: no noise, and the same picture each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]
CHUNK = 400_000  # rays at a time


@dataclass(frozen=True)
class Thing:
    """Triangles (n, 3, 3) in millimetres and their colour (0 to 1); `image` lies on its top."""

    triangles: Floats
    colour: tuple[float, float, float]
    image: Path | None = None
    area: tuple[float, float, float, float] | None = None  # of the image: x, y, width, height

    def moved(self, by: Sequence[float]) -> "Thing":
        """Return the thing elsewhere."""
        area = self.area and (self.area[0] + by[0], self.area[1] + by[1], *self.area[2:])
        return Thing(self.triangles + np.asarray(by), self.colour, self.image, area)


@dataclass(frozen=True)
class View:
    """Where the eye is (degrees around, and above the table), and what it looks at."""

    around: float
    above: float
    centre: tuple[float, float, float]
    width: float  # of what is in the picture, in mm
    far: float = 6.0  # distance of the eye, in widths


def cuboid(low: Sequence[float], high: Sequence[float]) -> Floats:
    """Return the twelve triangles of an upright box."""
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1])
                        for z in (low[2], high[2])], float)  # fmt: skip
    faces = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
             (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)]  # fmt: skip
    return corners[np.array(faces)]


def _sky(directions: Floats) -> Floats:
    """The light from above: soft, brighter from the upper left, and a little from everywhere."""
    lamp = np.array([-0.45, 0.35, 0.82])
    towards = np.clip(directions @ (lamp / np.linalg.norm(lamp)), 0, 1)
    return 0.45 + 0.25 * directions[:, 2] + 1.5 * towards**8


def _around(count: int) -> Floats:
    """Return directions that are spread evenly over the sphere, in an order without pattern."""
    number = np.arange(count)
    z = 1 - (2 * number + 1) / count
    angle = number * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - z * z)
    spread = np.stack([flat * np.cos(angle), flat * np.sin(angle), z], -1)
    return spread[np.random.default_rng(1).permutation(count)]


class Scene:
    """Things on a table, ready to be looked at."""

    def __init__(self, things: Sequence[Thing], table: float | None = 0.0) -> None:
        self.things = list(things)
        if table is not None:
            size = 4000.0
            self.things.append(
                Thing(cuboid((-size, -size, table - 1), (size, size, table)), (0.93, 0.93, 0.92))
            )
        self.table = len(self.things) - 1 if table is not None else -1
        triangles = np.concatenate([thing.triangles for thing in self.things])
        self.owner = np.repeat(
            np.arange(len(self.things)), [len(thing.triangles) for thing in self.things]
        )
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        self.normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        self._embree = rtcore_scene.EmbreeScene()
        TriangleMesh(self._embree, triangles.astype(np.float32))
        self._images = {
            number: np.asarray(Image.open(thing.image).convert("RGB"), float) / 255
            for number, thing in enumerate(self.things)
            if thing.image
        }

    def _meet(self, origins: Floats, directions: Floats) -> tuple[NDArray[np.int32], Floats]:
        found = self._embree.run(
            np.ascontiguousarray(origins, np.float32),
            np.ascontiguousarray(directions, np.float32),
            output=True,
        )
        return found["primID"], found["tfar"].astype(float)

    def picture(
        self, view: View, size: tuple[int, int], rays: int = 4, light: int = 24
    ) -> Image.Image:
        """Return the picture: `rays` times `rays` per pixel, `light` directions per point."""
        wide, high = size[0] * rays, size[1] * rays
        around, above = np.radians([view.around, view.above])
        back = np.array(
            [np.cos(above) * np.cos(around), np.cos(above) * np.sin(around), np.sin(above)]
        )
        right = np.array([-np.sin(around), np.cos(around), 0.0])
        up = np.cross(back, right)
        eye = np.asarray(view.centre) + back * view.far * view.width
        step = view.width / wide
        x = (np.arange(wide) - (wide - 1) / 2) * step
        y = ((high - 1) / 2 - np.arange(high)) * step
        directions = _around(rays * rays * light)
        places = np.arange(rays)
        rows = []
        some_rows = max(1, CHUNK // wide)
        for start in range(0, high, some_rows):
            some = np.arange(start, min(start + some_rows, high))
            grid = np.stack(np.meshgrid(x, y[some]), -1).reshape(-1, 2)
            points = np.asarray(view.centre) + grid[:, :1] * right + grid[:, 1:] * up
            of_pixel = (some % rays)[:, None] * rays + np.tile(places, size[0])[None, :]
            rows.append(self._look(eye, points - eye, directions, of_pixel.ravel(), rays * rays))
        colours = np.concatenate(rows).reshape(size[1], rays, size[0], rays, 3).mean((1, 3))
        encoded = np.clip(colours, 0, 1) ** (1 / 2.2)
        return Image.fromarray((encoded * 255 + 0.5).astype(np.uint8))

    def _look(
        self, eye: Floats, directions: Floats, sky: Floats, of_pixel: NDArray[np.int_], sets: int
    ) -> Floats:
        directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
        prim, distance = self._meet(np.broadcast_to(eye, directions.shape), directions)
        colours = np.full(directions.shape, 0.9)
        hit = prim >= 0
        normals = self.normals[prim[hit]]
        facing = np.sign(-(normals * directions[hit]).sum(1, keepdims=True))
        normals = normals * np.where(facing == 0, 1, facing)
        points = eye + directions[hit] * distance[hit, None] + normals * 0.01
        lit, light = np.zeros(len(points)), len(sky) // sets
        for number in range(light):  # the sum of normal and a ball of directions is Lambert's law
            way = normals + 0.999 * sky[of_pixel[hit] + number * sets]
            way /= np.linalg.norm(way, axis=1, keepdims=True)
            blocked = self._meet(points, way)[0] >= 0
            lit += np.where(blocked, 0.12, _sky(way))
        lit /= light
        owner = self.owner[prim[hit]]
        albedo = np.array([thing.colour for thing in self.things])[owner]
        shown = (albedo**2.2) * lit[:, None]
        bare = owner == self.table  # the table fades into the background
        shown[bare] = np.minimum(0.9, 0.9 * (lit[bare, None] / 1.02))
        for number, pixels in self._images.items():
            self._light_up(shown, points, normals, owner, number, pixels)
        colours[hit] = shown
        return colours

    def _light_up(self, shown, points, normals, owner, number, pixels) -> None:
        left, low, width, height = self.things[number].area or (0, 0, 1, 1)
        x, y = (points[:, 0] - left) / width, (points[:, 1] - low) / height
        on = (owner == number) & (x > 0) & (x < 1) & (y > 0) & (y < 1) & (normals[:, 2] > 0.9)
        rows = ((1 - y[on]) * pixels.shape[0]).astype(int)
        columns = (x[on] * pixels.shape[1]).astype(int)
        shown[on] += pixels[rows, columns] ** 2.2
