"""Letters from the font that Pillow carries, so pictures do not depend on the system."""

# Coordinates are positional, as in every drawing interface.
# ruff: noqa: PLR0917
from __future__ import annotations

from functools import lru_cache

from PIL import ImageDraw, ImageFont

from rag.scenes.drawing.canvas import Canvas, Colour


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def write(c: Canvas, text: str, x: float, y: float, height: float, fill: Colour, *, max_width: float = 1.0) -> None:
    """Bold text centred on (x, y), letters about `height` high, narrower than `max_width`."""
    size = max(6, round(height * 1.3 * c.px))
    width = _font(size).getlength(text)
    if width > max_width * c.px:
        size = max(6, int(size * max_width * c.px / width))
    pen = ImageDraw.Draw(c.image)
    stroke = max(1, round(size * 0.035))
    pen.text(
        (x * c.px, y * c.px), text, font=_font(size), fill=fill, anchor="mm", stroke_width=stroke, stroke_fill=fill
    )
