"""A surface in unit coordinates, with a silhouette.

Shapes take colours as (r, g, b); with a fourth value they are glazes: blended
over what is there without changing the silhouette.
"""

# Coordinates are positional, as in every drawing interface.
# ruff: noqa: PLR0917
from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import cos, pi, sin

from PIL import Image, ImageDraw

Colour = tuple[int, ...]
Point = tuple[float, float]


class Canvas:
    """Draws on `image` and records opaque shapes in `mask`; one unit is `px` pixels."""

    def __init__(self, image: Image.Image, px: float, mask: Image.Image | None = None) -> None:
        self.image, self.px = image, px
        self.mask = mask
        self._pens = [ImageDraw.Draw(image, "RGBA")]
        self._mask_pen = ImageDraw.Draw(mask) if mask else None

    def poly(self, points: Sequence[Point], fill: Colour) -> None:
        """A closed polygon."""
        px = self.px
        xy = [(x * px, y * px) for x, y in points]
        self._pens[0].polygon(xy, fill=fill)
        if self._mask_pen and len(fill) == 3:
            self._mask_pen.polygon(xy, fill=255)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A smooth closed shape through the points."""
        self.poly(smooth(tuple(points), closed=True), fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """An upright ellipse around (x, y)."""
        px = self.px
        xy = ((x - rx) * px, (y - ry) * px, (x + rx) * px, (y + ry) * px)
        self._pens[0].ellipse(xy, fill=fill)
        if self._mask_pen and len(fill) == 3:
            self._mask_pen.ellipse(xy, fill=255)

    def disc(self, x: float, y: float, r: float, fill: Colour) -> None:
        """A circle."""
        self.oval(x, y, r, r, fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, r: float = 0.0) -> None:
        """A rectangle with corners of radius `r`."""
        px = self.px
        xy = (left * px, top * px, right * px, bottom * px)
        pens = [(self._pens[0], fill)]
        if self._mask_pen and len(fill) == 3:
            pens.append((self._mask_pen, (255,)))
        for pen, ink in pens:
            colour = ink if len(ink) > 1 else 255
            if r and r * px >= 1:
                pen.rounded_rectangle(xy, r * px, fill=colour)
            else:
                pen.rectangle(xy, fill=colour)

    def wedge(self, x: float, y: float, r: float, start: float, end: float, fill: Colour, ry: float = 0.0) -> None:
        """A slice of a disc from `start` to `end` degrees, clockwise from the right."""
        px, ry = self.px, ry or r
        xy = ((x - r) * px, (y - ry) * px, (x + r) * px, (y + ry) * px)
        self._pens[0].pieslice(xy, start, end, fill=fill)
        if self._mask_pen and len(fill) == 3:
            self._mask_pen.pieslice(xy, start, end, fill=255)

    def ring(
        self, x: float, y: float, r: float, width: float, fill: Colour, start: float = 0, end: float = 360
    ) -> None:
        """An arc of the given line width, whose outer edge has radius `r`."""
        px = self.px
        xy = ((x - r) * px, (y - r) * px, (x + r) * px, (y + r) * px)
        pen_width = max(1, round(width * px))
        self._pens[0].arc(xy, start, end, fill=fill, width=pen_width)
        if self._mask_pen and len(fill) == 3:
            self._mask_pen.arc(xy, start, end, fill=255, width=pen_width)

    def line(self, points: Sequence[Point], width: float, fill: Colour, *, cap: bool = True) -> None:
        """An open line with round joints and, unless `cap` is off, round ends."""
        px = self.px
        xy = [(x * px, y * px) for x, y in points]
        pen_width = max(1, round(width * px))
        joint = "curve" if len(points) > 2 and pen_width > 2 else None
        self._pens[0].line(xy, fill=fill, width=pen_width, joint=joint)
        if self._mask_pen and len(fill) == 3:
            self._mask_pen.line(xy, fill=255, width=pen_width, joint=joint)
        if cap and pen_width > 2 and len(fill) == 3:
            for x, y in (points[0], points[-1]):
                self.disc(x, y, width / 2, fill)

    def curve(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A smooth open line through the points."""
        self.line(smooth(tuple(points), closed=False), width, fill)


@cache
def smooth(points: tuple[Point, ...], closed: bool) -> tuple[Point, ...]:
    """A Catmull-Rom spline through the points, eight pieces per span."""
    n = len(points)
    found: list[Point] = []
    for i in range(n if closed else n - 1):
        span = [points[(i + k) % n] if closed else points[min(max(i + k, 0), n - 1)] for k in (-1, 0, 1, 2)]
        found += [_between(span, step / 8) for step in range(8)]
    return tuple(found if closed else [*found, points[-1]])


@cache
def path(text: str) -> tuple[Point, ...]:
    """Points written as "x y, x y, …", for outlines that are long as lists."""
    return tuple((float(x), float(y)) for x, y in (pair.split() for pair in text.split(",")))


def _between(span: list[Point], t: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = span
    return (_spline(ax, bx, cx, dx, t), _spline(ay, by, cy, dy, t))


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def around(x: float, y: float, r: float, count: int, turn: float = 0.0) -> list[Point]:
    """`count` points evenly on a circle, the first at `turn` radians."""
    return [(x + r * cos(turn + 2 * pi * i / count), y + r * sin(turn + 2 * pi * i / count)) for i in range(count)]


def star(x: float, y: float, r: float, spikes: int = 5, inner: float = 0.45) -> list[Point]:
    """A star with one spike up."""
    outer = around(x, y, r, spikes, -pi / 2)
    dents = around(x, y, r * inner, spikes, -pi / 2 + pi / spikes)
    return [point for pair in zip(outer, dents, strict=True) for point in pair]
