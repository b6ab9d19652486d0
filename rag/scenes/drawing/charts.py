"""Bar, line and pie charts on paper."""

from __future__ import annotations

import random

from PIL import Image

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.lettering import write
from rag.scenes.drawing.palette import INK, RGB, Tone, mix, tone
from rag.scenes.model import Chart

_PAPERS: tuple[RGB, ...] = ((236, 240, 246), (244, 236, 224), (230, 242, 236), (242, 234, 242))
_GREYS: tuple[RGB, ...] = ((188, 194, 206), (216, 220, 228))
_DARK_GREYS: tuple[RGB, ...] = ((84, 94, 120), (108, 118, 144))
_AXIS: RGB = (112, 118, 138)
_LABELS = "JFMAMJ"


def draw_chart(chart: Chart, seed: int, size: int, factor: int) -> Image.Image:
    """A chart with title and labels, `size` pixels square."""
    side = size * factor
    paper = random.Random(seed).choice(_PAPERS)
    frame = Image.new("RGB", (side, side), paper)
    c = Canvas(frame, side)
    c.box(0.05, 0.06, 0.97, 0.97, mix(paper, (80, 80, 120), 0.18), 0.04)
    c.box(0.04, 0.04, 0.96, 0.955, (255, 255, 255) if chart.colour != "white" else (150, 160, 184), 0.04)
    ink = INK if chart.colour != "white" else (250, 250, 255)
    write(c, chart.topic, 0.5, 0.135, 0.1, ink)
    painter = {"bar": _bars, "line": _line, "pie": _pie}[chart.form]
    painter(c, chart, tone(chart.colour), ink)
    return frame.reduce(factor)


def _axes(c: Canvas, ink: RGB) -> None:
    for y in (0.3, 0.42, 0.54, 0.66):
        c.line([(0.15, y), (0.9, y)], 0.004, mix(_AXIS, (255, 255, 255), 0.6), cap=False)
    c.line([(0.14, 0.24), (0.14, 0.82), (0.91, 0.82)], 0.01, mix(_AXIS, ink, 0.5))
    for i, letter in enumerate(_LABELS):
        write(c, letter, 0.215 + i * 0.124, 0.878, 0.055, ink)


def _height(value: int) -> float:
    return 0.82 - 0.56 * value / 100


def _bars(c: Canvas, chart: Chart, t: Tone, ink: RGB) -> None:
    _axes(c, ink)
    for i, value in enumerate(chart.values):
        x, top = 0.215 + i * 0.124, _height(value)
        c.box(x - 0.045, top, x + 0.045, 0.815, t.base, 0.012)
        c.box(x + 0.015, top + 0.01, x + 0.045, 0.815, t.dark)
        c.box(x - 0.045, 0.79, x + 0.045, 0.815, t.base)
        c.box(x + 0.015, 0.79, x + 0.045, 0.815, t.dark)


def _line(c: Canvas, chart: Chart, t: Tone, ink: RGB) -> None:
    _axes(c, ink)
    points = [(0.215 + i * 0.124, _height(value)) for i, value in enumerate(chart.values)]
    c.poly([(points[0][0], 0.815), *points, (points[-1][0], 0.815)], (*t.base, 56))
    c.line(points, 0.03, t.base)
    for x, y in points:
        c.disc(x, y, 0.03, t.dark)
        c.disc(x, y, 0.015, (255, 255, 255))


def _pie(c: Canvas, chart: Chart, t: Tone, ink: RGB) -> None:
    start = -90.0
    c.disc(0.5, 0.57, 0.335, mix(_AXIS, ink, 0.4))
    greys = _GREYS if chart.colour != "white" else _DARK_GREYS
    for value, fill in zip(chart.values, (t.base, *greys), strict=True):
        end = start + 3.6 * value
        c.wedge(0.5, 0.57, 0.325, start, end, fill)
        start = end
    c.ring(0.5, 0.57, 0.3, 0.03, t.light, -84, -90 + 3.6 * chart.values[0] - 6)
    write(c, f"{chart.values[0]}%", 0.64, 0.57, 0.085, (255, 255, 255) if t.accent != (92, 98, 120) else INK)
