"""People, 0.56 wide and 1.0 high, in plain clothes or dressed for work."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, path
from rag.scenes.drawing.palette import INK, RGB, mix, tone
from rag.scenes.drawing.uniforms import UNIFORMS, Uniform
from rag.scenes.model import Person

SKIN: dict[str, RGB] = {
    "light": (250, 216, 190),
    "medium": (226, 176, 134),
    "tan": (188, 132, 92),
    "dark": (118, 78, 56),
}
_HAIR: dict[str, RGB] = {"dark": (58, 42, 40), "fair": (238, 200, 104), "grey": (176, 176, 184)}
_JEANS: RGB = (92, 112, 150)


def draw_person(c: Canvas, person: Person) -> None:
    """The whole figure from the front."""
    skin = SKIN[person.skin]
    hair = _HAIR[person.hair.rsplit(" ", 1)[-1]]
    uniform = UNIFORMS[person.occupation] if person.occupation else _plain(person)
    if uniform.behind:
        uniform.behind(c)
    _long_hair(c, person, hair)
    _legs(c, uniform, skin)
    _arms(c, uniform, skin)
    _torso(c, uniform, person)
    c.box(0.245, 0.22, 0.315, 0.3, mix(skin, INK, 0.12), 0.02)
    uniform.dress(c)
    _head(c, person, skin, hair)
    uniform.wear(c)


def _plain(person: Person) -> Uniform:
    t = tone(person.colour or "blue")
    draw = {"dress": _dress, "shirt": _shirt, "coat": _coat, "jumper": _jumper}[person.garment or "shirt"]
    bare = person.garment == "dress"
    return Uniform(
        top=t.base,
        sleeve=t.base,
        trousers=None if bare else ((66, 70, 88) if person.colour != "black" else (176, 166, 150)),
        shoes=(120, 84, 66),
        short_sleeves=person.garment in ("dress", "shirt"),
        dress=lambda c: draw(c, person.colour or "blue"),
    )


def _legs(c: Canvas, uniform: Uniform, skin: RGB) -> None:
    fill = uniform.trousers or skin
    for x in (0.215, 0.345):
        c.box(x - 0.052, 0.58, x + 0.052, 0.96, fill, 0.02)
        c.box(x + 0.014, 0.62, x + 0.05, 0.94, mix(fill, INK, 0.14), 0.01)
        c.box(x - 0.068, 0.935, x + 0.058, 0.995, uniform.shoes, 0.03)


def _arms(c: Canvas, uniform: Uniform, skin: RGB) -> None:
    for side in (-1, 1):
        shoulder, elbow, hand = (0.28 + 0.11 * side, 0.34), (0.28 + 0.185 * side, 0.46), (0.28 + 0.2 * side, 0.57)
        if uniform.short_sleeves:
            c.line([shoulder, elbow, hand], 0.062, skin)
            c.line([shoulder, (0.28 + 0.155 * side, 0.41)], 0.088, mix(uniform.sleeve, INK, 0.1))
        else:
            c.line([shoulder, elbow, hand], 0.082, mix(uniform.sleeve, INK, 0.1))
        c.disc(0.28 + 0.205 * side, 0.59, 0.038, skin)


def _torso(c: Canvas, uniform: Uniform, person: Person) -> None:
    waist = 0.1 if person.presentation == "feminine" else 0.122
    points = [
        (0.16, 0.31), (0.28, 0.285), (0.4, 0.31), (0.4, 0.42), (0.28 + waist, 0.5),
        (0.402, 0.63), (0.28, 0.64), (0.158, 0.63), (0.28 - waist, 0.5), (0.16, 0.42),
    ]  # fmt: skip
    c.blob(points, uniform.top)


def _head(c: Canvas, person: Person, skin: RGB, hair: RGB) -> None:
    if person.hair == "curly dark":
        for x, y in (
            (0.19, 0.13),
            (0.21, 0.075),
            (0.28, 0.05),
            (0.35, 0.075),
            (0.37, 0.13),
            (0.18, 0.18),
            (0.38, 0.18),
        ):
            c.disc(x, y, 0.055, hair)
    else:
        c.disc(0.28, 0.14, 0.108, hair)
    for x in (0.178, 0.382):
        c.disc(x, 0.17, 0.024, skin)
    c.oval(0.28, 0.165, 0.098, 0.108, skin)
    c.blob([(0.178, 0.14), (0.2, 0.07), (0.28, 0.045), (0.36, 0.07), (0.382, 0.14), (0.33, 0.105), (0.25, 0.1)], hair)
    for side in (-1, 1):
        x = 0.28 + 0.042 * side
        c.disc(x, 0.165, 0.0125, INK)
        c.line([(x - 0.018, 0.138), (x + 0.018, 0.138)], 0.009, mix(hair, INK, 0.4))
        c.oval(x + 0.02 * side, 0.2, 0.02, 0.013, (236, 120, 110, 90))
        if person.presentation == "feminine":
            c.line([(x + 0.008 * side, 0.158), (x + 0.025 * side, 0.15)], 0.008, INK)
    c.line([(0.28, 0.175), (0.288, 0.193), (0.278, 0.195)], 0.008, mix(skin, INK, 0.25))
    mouth = (196, 70, 80) if person.presentation == "feminine" else mix(skin, (120, 40, 40), 0.6)
    c.curve([(0.248, 0.222), (0.28, 0.238), (0.312, 0.222)], 0.011, mouth)


def _long_hair(c: Canvas, person: Person, hair: RGB) -> None:
    if person.hair.startswith("long"):
        c.blob(path("0.28 0.04, 0.38 0.09, 0.41 0.22, 0.4 0.36, 0.28 0.34, 0.16 0.36, 0.15 0.22, 0.18 0.09"), hair)


def _dress(c: Canvas, colour: str) -> None:
    t = tone(colour)
    c.blob(path("0.18 0.48, 0.28 0.46, 0.38 0.48, 0.46 0.66, 0.5 0.8, 0.28 0.83, 0.06 0.8, 0.1 0.66"), t.base)
    for x, end in ((0.23, 0.16), (0.28, 0.28), (0.33, 0.4)):
        c.line([(x, 0.56), (end, 0.79)], 0.014, t.dark)
    c.box(0.165, 0.475, 0.395, 0.515, t.accent, 0.015)
    c.wedge(0.28, 0.285, 0.06, 0, 180, t.deep)


def _shirt(c: Canvas, colour: str) -> None:
    t = tone(colour)
    c.poly([(0.28, 0.33), (0.2, 0.285), (0.25, 0.275)], t.light)
    c.poly([(0.28, 0.33), (0.36, 0.285), (0.31, 0.275)], t.light)
    c.line([(0.28, 0.33), (0.28, 0.62)], 0.012, t.deep)
    for y in (0.38, 0.45, 0.52, 0.59):
        c.disc(0.295, y, 0.01, t.accent)
    c.box(0.32, 0.39, 0.38, 0.45, t.dark, 0.006)


def _coat(c: Canvas, colour: str) -> None:
    t = tone(colour)
    c.poly([(0.16, 0.5), (0.4, 0.5), (0.44, 0.82), (0.12, 0.82)], t.base)
    c.line([(0.28, 0.34), (0.28, 0.81)], 0.012, t.deep)
    c.poly([(0.28, 0.42), (0.18, 0.3), (0.26, 0.27)], t.dark)
    c.poly([(0.28, 0.42), (0.38, 0.3), (0.3, 0.27)], t.dark)
    c.box(0.145, 0.51, 0.415, 0.55, t.deep, 0.01)
    for y in (0.45, 0.6, 0.7):
        c.disc(0.315, y, 0.014, t.accent)
    for x in (0.16, 0.34):
        c.box(x, 0.64, x + 0.07, 0.665, t.deep, 0.006)


def _jumper(c: Canvas, colour: str) -> None:
    t = tone(colour)
    c.box(0.215, 0.262, 0.345, 0.31, t.dark, 0.02)
    for y in (0.39, 0.46):
        points = [(0.165 + i * 0.033, y + (0.022 if i % 2 else 0.0)) for i in range(8)]
        c.line(points, 0.018, t.accent)
    c.box(0.158, 0.6, 0.402, 0.645, t.dark, 0.015)
    c.box(0.06, 0.535, 0.12, 0.565, t.deep, 0.01)
    c.box(0.44, 0.535, 0.5, 0.565, t.deep, 0.01)
