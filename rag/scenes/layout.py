"""Where everything stands: boxes in unit coordinates, decided by the scene alone.

The renderer draws exactly these boxes, so they are the ground truth for
relations and detection. y grows downwards.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import sqrt

from rag.scenes.model import Group, Scene
from rag.scenes.vocabulary import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the unit square."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> float:
        """The x in the middle."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Placed:
    """One drawn thing; `group` counts the scene's groups from 0, `name` is its kind, or person, chart or sign."""

    name: str
    colour: str | None
    group: int
    box: Box
    mirrored: bool = False
    shadow: bool = True


def layout(scene: Scene) -> tuple[Placed, ...]:
    """Every drawn thing with its box, in painting order (furthest first)."""
    rng = random.Random(scene.seed)
    if not scene.groups:
        return _subject(scene, rng)
    if scene.relation == "on":
        return _on(scene, rng)
    if scene.relation == "under":
        return _under(scene, rng)
    if len(scene.groups) > 1:
        return _row(scene, rng)
    return (_single if scene.groups[0].count == 1 else _many)(scene.groups[0], rng)


def _subject(scene: Scene, rng: random.Random) -> tuple[Placed, ...]:
    """The one person, chart or sign."""
    if scene.person:
        height = rng.uniform(0.76, 0.82)
        box = _box(rng.uniform(0.4, 0.6), 0.95, height * 0.56, height)
        return (Placed("person", scene.person.colour, 0, box),)
    if scene.chart:
        return (Placed("chart", scene.chart.colour, 0, Box(0.05, 0.05, 0.95, 0.95)),)
    box = _box(rng.uniform(0.44, 0.56), 0.93, 0.74, 0.62)
    return (Placed("sign", scene.sign.colour if scene.sign else None, 0, box),)


def _box(centre: float, bottom: float, width: float, height: float) -> Box:
    return Box(centre - width / 2, bottom - height, centre + width / 2, bottom)


def _scale(kind: Kind, extent: float, max_width: float, max_height: float) -> float:
    """The factor from a kind's own units to the frame, for a box whose area is `extent` squared."""
    return min(extent / sqrt(kind.width * kind.height), max_width / kind.width, max_height / kind.height)


def _base(kind: Kind, rng: random.Random, height: float) -> float:
    """The y of the lower edge."""
    if kind.stand == "air":
        return rng.uniform(0.1, 0.22) + height
    return rng.uniform(0.72, 0.76) if kind.stand == "water" else rng.uniform(0.86, 0.91)


def _thing(group: Group, index: int, box: Box, rng: random.Random) -> Placed:
    return Placed(group.kind, group.colour, index, box, rng.random() < 0.5, KINDS[group.kind].stand == "ground")


def _single(group: Group, rng: random.Random) -> tuple[Placed, ...]:
    kind = KINDS[group.kind]
    scale = _scale(kind, rng.uniform(0.46, 0.54), 0.66, 0.7)
    width, height = kind.width * scale, kind.height * scale
    slack = 0.5 - width / 2 - 0.06
    centre = 0.5 + rng.uniform(-1, 1) * min(slack, 0.14)
    return (_thing(group, 0, _box(centre, _base(kind, rng, height), width, height), rng),)


_PLACES = {
    2: ((0.27, 0.0), (0.73, 0.02)),
    3: ((0.2, 0.0), (0.5, 0.04), (0.8, 0.0)),
    4: ((0.28, -0.27), (0.74, -0.27), (0.26, 0.05), (0.72, 0.05)),
    5: ((0.2, -0.27), (0.5, -0.27), (0.8, -0.27), (0.33, 0.05), (0.68, 0.05)),
}


def _many(group: Group, rng: random.Random) -> tuple[Placed, ...]:
    kind = KINDS[group.kind]
    places = _PLACES[group.count]
    max_width = {2: 0.42, 3: 0.28, 4: 0.4, 5: 0.28}[group.count]
    max_height = 0.5 if group.count < 4 else 0.31
    scale = _scale(kind, 0.5, max_width, max_height)
    width, height = kind.width * scale, kind.height * scale
    low = _base(kind, rng, height) + (0.24 if group.count > 3 and kind.stand == "air" else 0.0)
    boxes = [
        _box(x + rng.uniform(-0.012, 0.012), min(low + dy + rng.uniform(-0.012, 0.012), 0.96), width, height)
        for x, dy in places
    ]
    mirrored = rng.random() < 0.5
    return tuple(Placed(group.kind, group.colour, 0, box, mirrored, kind.stand == "ground") for box in boxes)


def _row(scene: Scene, rng: random.Random) -> tuple[Placed, ...]:
    """Groups side by side, in caption order except for "next to", which has no order."""
    singles = [(index, group) for index, group in enumerate(scene.groups) for _ in range(group.count)]
    if scene.relation == "next to" and rng.random() < 0.5:
        singles.reverse()
    gap = 0.035
    kinds = [KINDS[group.kind] for _, group in singles]
    scales = [_scale(kind, 0.4, 0.6, 0.6) for kind in kinds]
    room = 0.92 - gap * (len(kinds) - 1)
    shrink = min(1.0, room / sum(kind.width * scale for kind, scale in zip(kinds, scales, strict=True)))
    used = sum(kind.width * scale * shrink for kind, scale in zip(kinds, scales, strict=True)) + gap * (len(kinds) - 1)
    x = rng.uniform(0.04, 0.96 - used) if used < 0.92 else 0.04
    placed = []
    for (index, group), kind, scale in zip(singles, kinds, scales, strict=True):
        width, height = kind.width * scale * shrink, kind.height * scale * shrink
        base = 0.88 if kind.stand == "ground" else _base(kind, rng, height)
        placed.append(_thing(group, index, _box(x + width / 2, base, width, height), rng))
        x += width + gap
    return tuple(placed)


def _on(scene: Scene, rng: random.Random) -> tuple[Placed, ...]:
    upper, lower = (KINDS[group.kind] for group in scene.groups)
    scale = _scale(lower, 0.5, 0.66, 0.58)
    width, height = lower.width * scale, lower.height * scale
    below = _box(rng.uniform(0.4, 0.6), 0.92, width, height)
    surface = below.top + (lower.top or 0.0) * height
    scale = _scale(upper, 0.34, max(width * 0.8, 0.28), min(0.4, surface - 0.06))
    above = _box(below.centre, surface, upper.width * scale, upper.height * scale)
    first, second = scene.groups
    return (
        _thing(second, 1, below, rng),
        Placed(first.kind, first.colour, 0, above, rng.random() < 0.5, shadow=False),
    )


def _under(scene: Scene, rng: random.Random) -> tuple[Placed, ...]:
    first, second = scene.groups
    lower, upper = KINDS[first.kind], KINDS[second.kind]
    scale = _scale(upper, 0.85, 0.84, 0.82)
    above = _box(rng.uniform(0.46, 0.54), 0.89, upper.width * scale, upper.height * scale)
    ceiling = above.top + (upper.underside or 0.0) * above.height
    each = above.width * 0.72 / first.count
    scale = _scale(lower, 0.38, each * 0.94, 0.93 - ceiling - 0.03)
    things = [_thing(second, 1, above, rng)]
    for i in range(first.count):
        centre = above.centre + (i - (first.count - 1) / 2) * each
        things.append(_thing(first, 0, _box(centre, 0.93, lower.width * scale, lower.height * scale), rng))
    return tuple(things)
