"""Boards that carry a word."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.lettering import write
from rag.scenes.drawing.palette import STEEL, WOOD, mix, tone
from rag.scenes.model import Sign


def draw_sign(c: Canvas, sign: Sign, seed: int) -> None:
    """A board on posts, 1.0 wide and 0.838 high; the seed picks wooden or steel posts."""
    t = tone(sign.colour)
    post = WOOD if seed % 2 else STEEL
    for x in (0.2, 0.8):
        c.box(x - 0.03, 0.4, x + 0.03, 0.838, post)
        c.box(x - 0.03, 0.4, x - 0.012, 0.838, mix(post, (255, 255, 255), 0.3))
    c.box(0.0, 0.02, 1.0, 0.54, t.deep, 0.06)
    c.box(0.0, 0.0, 1.0, 0.52, t.base, 0.06)
    c.box(0.03, 0.03, 0.97, 0.49, t.accent, 0.045)
    c.box(0.045, 0.045, 0.955, 0.475, t.base, 0.036)
    write(c, sign.word, 0.5, 0.262, 0.25, t.accent, max_width=0.84)
    for x in (0.2, 0.8):
        for y in (0.075, 0.445):
            c.disc(x, y, 0.012, t.deep)
