"""Puts a scene together: backdrop, shadows, things with outline and light."""

# Coordinates are positional, as in every drawing interface.
# ruff: noqa: PLR0917
from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache

from PIL import Image, ImageChops, ImageOps

from rag.scenes.drawing.backdrop import backdrop
from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.charts import draw_chart
from rag.scenes.drawing.palette import INK, RGB, SNOW, mix, tone
from rag.scenes.drawing.people import draw_person
from rag.scenes.drawing.registry import DRAWINGS
from rag.scenes.drawing.signs import draw_sign
from rag.scenes.layout import Box, Placed, layout
from rag.scenes.model import Scene
from rag.scenes.vocabulary import KINDS

OUTLINE = 0.0045
HALO = 0.0105
GROUND = 0.8
"""The y towards which things shrink."""
_TINTS: dict[str, RGB] = {
    "morning": (255, 249, 240),
    "noon": (255, 255, 255),
    "day": (255, 255, 255),
    "sunset": (255, 240, 230),
    "night": (226, 228, 248),
}


def draw(scene: Scene, size: int = 640, *, scale: float = 1.0) -> Image.Image:
    """The scene as a square RGB picture of `size` pixels; the same call gives the same pixels.

    Args:
        scale: how large its things are, 1 as `layout` places them; they shrink towards the middle of the ground.
    """
    factor = 3 if size <= 160 else 2
    if scene.chart:
        return draw_chart(scene.chart, scene.seed, size, factor)
    side = size * factor
    time = scene.time_of_day or "noon"
    frame = backdrop(scene.setting or "meadow", time, random.Random(scene.seed ^ 0x5EED), side)
    placed = layout(scene) if scale == 1.0 else [_scaled(thing, scale) for thing in layout(scene)]
    for thing in placed:
        if thing.shadow:
            _shadow(frame, thing)
    for thing in placed:
        _paint(frame, thing, scene, time)
    return frame.reduce(factor)


def _scaled(thing: Placed, scale: float) -> Placed:
    box = thing.box
    x = [0.5 + (edge - 0.5) * scale for edge in (box.left, box.right)]
    y = [GROUND + (edge - GROUND) * scale for edge in (box.top, box.bottom)]
    return replace(thing, box=Box(x[0], y[0], x[1], y[1]))


def _shadow(frame: Image.Image, thing: Placed) -> None:
    """A soft ellipse where the thing meets the ground."""
    canvas, box = Canvas(frame, frame.width), thing.box
    spread = 0.3 if thing.name in ("tree", "umbrella", "sign", "person", "mushroom", "flower") else 0.5
    for grow in (1.06, 0.94, 0.8):
        rx = box.width * spread * grow
        canvas.oval(box.centre + 0.01, box.bottom - 0.004, rx, min(0.03, rx * 0.16) * grow, (24, 18, 52, 34))


def _paint(frame: Image.Image, thing: Placed, scene: Scene, time: str) -> None:
    side, box = frame.width, thing.box
    width, height = max(4, round(box.width * side)), max(4, round(box.height * side))
    sprite, mask = Image.new("RGB", (width, height), INK), Image.new("L", (width, height))
    _draw_thing(thing, scene, sprite, mask)
    if thing.mirrored:
        sprite, mask = ImageOps.mirror(sprite), ImageOps.mirror(mask)
    at = round(box.left * side), round(box.top * side)
    halo = mix((255, 255, 255), (190, 200, 255), 0.4) if time == "night" else (255, 255, 255)
    _rim(frame, mask, at, round(HALO * side), halo, 150 if time == "night" else 120)
    _rim(frame, mask, at, round(OUTLINE * side), _outline(thing), 255)
    sprite = ImageChops.multiply(sprite, _light(time, width, height))
    frame.paste(sprite, at, mask)
    if thing.name in KINDS and KINDS[thing.name].stand == "water":
        _waterline(frame, thing, time)


def _draw_thing(thing: Placed, scene: Scene, sprite: Image.Image, mask: Image.Image) -> None:
    if scene.person:
        draw_person(Canvas(sprite, sprite.height, mask), scene.person)
    elif scene.sign:
        draw_sign(Canvas(sprite, sprite.width, mask), scene.sign, scene.seed)
    else:
        canvas = Canvas(sprite, sprite.width / KINDS[thing.name].width, mask)
        DRAWINGS[thing.name](canvas, tone(thing.colour or "white"))


def _outline(thing: Placed) -> RGB:
    if thing.colour is None:
        return INK
    return mix(tone(thing.colour).deep, INK, 0.55)


def _rim(frame: Image.Image, mask: Image.Image, at: tuple[int, int], r: int, fill: RGB, alpha: int) -> None:
    """The silhouette grown by `r` pixels, in one colour."""
    r = max(1, r)
    grown = Image.new("L", (mask.width + 2 * r, mask.height + 2 * r))
    d = round(r * 0.72)
    for dx, dy in (
        (0, r),
        (2 * r, r),
        (r, 0),
        (r, 2 * r),
        (r - d, r - d),
        (r + d, r - d),
        (r - d, r + d),
        (r + d, r + d),
    ):
        grown.paste(255, (dx, dy), mask)
    if alpha < 255:
        grown = grown.point(_fade(alpha))
    frame.paste(fill, (at[0] - r, at[1] - r), grown)


@lru_cache(maxsize=4)
def _fade(alpha: int) -> list[int]:
    return [value * alpha // 255 for value in range(256)]


@lru_cache(maxsize=8)
def _small_light(time: str) -> Image.Image:
    """Light from the upper left, as a 24 by 24 map to multiply with."""
    red, green, blue = _TINTS[time]
    small = Image.new("RGB", (24, 24))
    for y in range(24):
        for x in range(24):
            level = 1.0 - 0.17 * max(0.0, (0.35 * x + 0.65 * y) / 23 - 0.3) / 0.7
            small.putpixel((x, y), (round(red * level), round(green * level), round(blue * level)))
    return small


def _light(time: str, width: int, height: int) -> Image.Image:
    return _small_light(time).resize((width, height), Image.Resampling.BILINEAR)


def _waterline(frame: Image.Image, thing: Placed, time: str) -> None:
    """Ripples over the foot of a thing afloat."""
    canvas, box = Canvas(frame, frame.width), thing.box
    shade = 120 if time == "night" else 190
    for i, (grow, dy) in enumerate(((0.56, -0.012), (0.46, 0.012), (0.3, 0.032))):
        x, y, half = box.centre, box.bottom + dy, box.width * grow
        points = [(x - half + half * step / 3, y + (0.008 if (step + i) % 2 else -0.004)) for step in range(7)]
        canvas.curve(points, 0.009, (*mix((60, 130, 190), SNOW, 0.5), shade))
