"""Colours and how light changes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rag.scenes.vocabulary import COLOURS

RGB = tuple[int, int, int]

GLASS: RGB = (196, 226, 240)
STEEL: RGB = (168, 176, 188)
TYRE: RGB = (58, 60, 70)
WOOD: RGB = (166, 120, 80)
DARK_WOOD: RGB = (116, 78, 50)
LEAF: RGB = (96, 158, 88)
CREAM: RGB = (250, 240, 220)
GOLD: RGB = (240, 196, 84)
INK: RGB = (46, 44, 60)
SNOW: RGB = (250, 252, 255)
WHITE: RGB = (246, 248, 250)
SHADE: RGB = (206, 214, 226)
NAVY: RGB = (44, 58, 104)
DENIM: RGB = (82, 116, 168)
RED: RGB = (214, 54, 54)


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour in five steps, and `accent`, a neutral that stands out against it."""

    base: RGB
    light: RGB
    pale: RGB
    dark: RGB
    deep: RGB
    accent: RGB


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`share` of b in a."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


@cache
def tone(colour: str) -> Tone:
    """The steps of a named colour. White shades to a cool grey, black lifts to slate."""
    base = COLOURS[colour]
    shadow: RGB = (96, 108, 138) if colour == "white" else (14, 10, 30)
    depth = 0.7 if colour == "white" else 1.0
    lift = 0.5 if colour == "black" else 1.0
    return Tone(
        base=base,
        light=mix(base, SNOW, 0.26 * lift),
        pale=mix(base, SNOW, 0.6 * lift),
        dark=mix(base, shadow, 0.24 * depth),
        deep=mix(base, shadow, 0.5 * depth),
        accent=(92, 98, 120) if colour in ("white", "yellow") else CREAM,
    )


LIGHT: dict[str, tuple[RGB, float]] = {
    "morning": ((255, 226, 206), 0.12),
    "noon": ((255, 255, 255), 0.0),
    "day": ((255, 255, 255), 0.0),
    "sunset": ((236, 112, 92), 0.3),
    "night": ((22, 30, 78), 0.6),
}


def lit(colour: RGB, time: str) -> RGB:
    """A scenery colour as it looks at that time of day."""
    towards, share = LIGHT[time]
    return mix(colour, towards, share)
