"""Places on dry land."""

from __future__ import annotations

import random

from rag.scenes.drawing.canvas import Canvas, path
from rag.scenes.drawing.palette import RGB, lit, mix
from rag.scenes.drawing.scatter import blossoms, bush, ground, land, panes, pine, round_tree, tufts

BARK: RGB = (118, 88, 66)


def forest(c: Canvas, time: str, rng: random.Random) -> None:
    """Trunks and firs in three depths, ferns in front."""
    for depth, base, count in ((0, 0.6, 9), (1, 0.63, 7)):
        fill = lit(mix((148, 190, 160), (96, 150, 112), depth), time)
        for i in range(count):
            x = (i + rng.uniform(0.1, 0.9)) / count
            pine(c, x, base, rng.uniform(0.34, 0.5), fill, lit(BARK, time))
    ground(c, 0.58, lit((128, 164, 98), time))
    for x in (rng.uniform(-0.02, 0.06), rng.uniform(0.94, 1.02)):
        c.box(x - 0.045, -0.1, x + 0.045, 0.72, lit(BARK, time))
        c.box(x - 0.03, -0.1, x - 0.015, 0.7, lit((140, 106, 80), time))
        bush(c, x, 0.76, 0.1, lit((84, 138, 84), time))
    for y in (0.0, 0.04):
        for i in range(8):
            c.disc(i / 7, y, rng.uniform(0.05, 0.09), lit(mix((84, 138, 90), (110, 160, 100), i % 2), time))
    tufts(c, rng, 0.62, 34, lit((98, 142, 78), time))
    for _ in range(8):
        x, y = rng.random(), rng.uniform(0.7, 0.97)
        c.oval(x, y, 0.012, 0.006, lit((176, 150, 96), time))


def city_street(c: Canvas, time: str, rng: random.Random) -> None:
    """A skyline, two rows of buildings, pavement and road."""
    night = time == "night"
    window = lit((206, 220, 232), time), (255, 222, 130)
    x = -0.04
    while x < 1.0:
        w, h = rng.uniform(0.1, 0.17), rng.uniform(0.3, 0.46)
        c.box(x, 0.62 - h, x + w, 0.64, lit((170, 184, 208), time))
        x += w + 0.01
    x = -0.05
    while x < 1.0:
        w, h = rng.uniform(0.16, 0.24), rng.uniform(0.24, 0.38)
        wall = lit(rng.choice(((214, 190, 172), (196, 202, 204), (222, 206, 176), (190, 178, 192))), time)
        c.box(x, 0.66 - h, x + w, 0.66, wall)
        c.box(x - 0.006, 0.65 - h, x + w + 0.006, 0.672 - h, mix(wall, (60, 50, 80), 0.25))
        panes(c, rng, (x + 0.02, 0.69 - h, x + w - 0.02, 0.6), 0.6 if night else 0.1, window)
        c.box(x + w * 0.4, 0.6, x + w * 0.6, 0.66, mix(wall, (50, 40, 70), 0.45))
        x += w + 0.004
    c.box(0, 0.66, 1, 0.74, lit((208, 204, 200), time))
    for i in range(9):
        c.line([(i / 8, 0.66), (i / 8 - 0.03, 0.735)], 0.003, lit((180, 176, 176), time))
    c.box(0, 0.735, 1, 0.755, lit((166, 164, 168), time))
    ground(c, 0.755, lit((128, 130, 140), time), steps=3)
    for i in range(5):
        x = i * 0.24 - 0.06
        c.poly([(x, 0.955), (x + 0.12, 0.955), (x + 0.11, 0.98), (x - 0.012, 0.98)], lit((236, 232, 216), time))
    post = rng.choice((0.05, 0.95))
    c.line([(post, 0.72), (post, 0.3)], 0.014, lit((86, 92, 108), time))
    c.disc(post, 0.29, 0.026, (255, 234, 160) if night else lit((240, 240, 232), time))
    if night:
        c.disc(post, 0.29, 0.08, (255, 226, 140, 50))


def desert(c: Canvas, time: str, rng: random.Random) -> None:
    """Mesas and dunes."""
    x = rng.choice((0.2, 0.78))
    rock = lit((206, 140, 104), time)
    c.poly([(x - 0.2, 0.62), (x - 0.14, 0.42), (x + 0.1, 0.42), (x + 0.17, 0.62)], rock)
    c.poly([(x - 0.155, 0.47), (x - 0.14, 0.42), (x + 0.1, 0.42), (x + 0.115, 0.47)], mix(rock, (255, 230, 200), 0.25))
    c.poly(
        [(1 - x - 0.08, 0.62), (1 - x - 0.05, 0.5), (1 - x + 0.05, 0.5), (1 - x + 0.09, 0.62)],
        mix(rock, (255, 220, 200), 0.2),
    )
    for y, fill in ((0.57, (240, 204, 146)), (0.66, (234, 192, 130)), (0.78, (242, 206, 146))):
        a, b = rng.uniform(-0.05, 0.03), rng.uniform(-0.04, 0.04)
        shade = lit(fill, time)
        land(c, [(0, y + a), (0.3, y - a * 0.6), (0.6, y + b), (1, y - b)], shade)
    line = lit((220, 176, 114), time)
    for _ in range(12):
        x, y = rng.random(), rng.uniform(0.7, 0.98)
        c.curve([(x - 0.05, y), (x - 0.02, y - 0.008), (x + 0.02, y + 0.004), (x + 0.06, y - 0.004)], 0.004, line)
    side = rng.choice((0.06, 0.93))
    leaf = lit((130, 160, 100), time)
    c.line([(side, 0.68), (side, 0.5)], 0.03, leaf)
    c.line([(side - 0.04, 0.55), (side - 0.04, 0.6), (side, 0.6)], 0.018, leaf)
    c.line([(side + 0.04, 0.53), (side + 0.04, 0.58), (side, 0.58)], 0.018, leaf)
    for _ in range(5):
        c.oval(rng.random(), rng.uniform(0.7, 0.97), 0.014, 0.008, lit((196, 150, 108), time))


def snowy_mountain(c: Canvas, time: str, rng: random.Random) -> None:
    """Peaks with snow caps, firs and a snowfield with falling flakes."""
    for x, h, w in ((rng.uniform(0.1, 0.25), 0.36, 0.34), (rng.uniform(0.75, 0.9), 0.4, 0.36), (0.52, 0.28, 0.3)):
        rock, snow = lit((138, 154, 186), time), lit((246, 250, 255), time)
        c.poly([(x - w, 0.64), (x, 0.64 - h), (x + w, 0.64)], rock)
        c.poly([(x, 0.64 - h), (x + w, 0.64), (x + w * 0.2, 0.64)], mix(rock, (70, 80, 130), 0.25))
        k = 0.42
        top, y = 0.64 - h, 0.64 - h * (1 - k)
        c.poly([(x, top), (x + w * k, y), (x + w * 0.2, y - 0.03), (x + w * 0.06, y + 0.03), (x - w * 0.12, y - 0.03),
                (x - w * 0.24, y + 0.02), (x - w * k, y)], snow)  # fmt: skip
    snow = lit((222, 232, 246), time)
    land(c, [(0, 0.6), (0.3, 0.63), (0.7, 0.6), (1, 0.62)], mix(snow, (120, 150, 210), 0.15))
    for x in (0.04, 0.13, 0.88, 0.96):
        pine(c, x + rng.uniform(-0.02, 0.02), rng.uniform(0.66, 0.7), rng.uniform(0.2, 0.3),
             lit((92, 134, 124), time), lit(BARK, time), lit((246, 250, 255), time))  # fmt: skip
    land(c, [(0, 0.7), (0.35, 0.67), (0.7, 0.71), (1, 0.68)], snow)
    land(c, [(0, 0.84), (0.3, 0.86), (0.65, 0.83), (1, 0.87)], mix(snow, (255, 255, 255), 0.4))
    for _ in range(40):
        c.disc(rng.random(), rng.random(), rng.choice((0.004, 0.006, 0.008)), (255, 255, 255, 220))


def meadow(c: Canvas, time: str, rng: random.Random) -> None:
    """Rolling hills and wild flowers."""
    for y, fill in ((0.52, (168, 206, 156)), (0.58, (150, 200, 124)), (0.68, (134, 192, 100))):
        a = rng.uniform(-0.05, 0.05)
        land(c, [(0, y + a), (0.3, y - 0.02), (0.65, y - a), (1, y + 0.02)], lit(fill, time))
    ground(c, 0.8, lit((134, 192, 100), time), steps=4)
    for _ in range(3):
        bush(c, rng.random(), rng.uniform(0.56, 0.6), rng.uniform(0.03, 0.05), lit((112, 164, 100), time))
    tufts(c, rng, 0.66, 36, lit((106, 166, 80), time))
    blossoms(c, rng, 0.68, 30, time)


def park(c: Canvas, time: str, rng: random.Random) -> None:
    """A lawn with trees, a hedge, a path and a lamp post."""
    c.box(0, 0.5, 1, 0.64, lit((128, 176, 116), time))
    for i in range(7):
        x = (i + rng.uniform(0.2, 0.8)) / 7
        fill = lit(rng.choice(((112, 168, 104), (134, 182, 104), (98, 152, 104))), time)
        round_tree(c, x, 0.62, rng.uniform(0.24, 0.34), fill, lit(BARK, time))
    c.box(0, 0.57, 1, 0.645, lit((92, 146, 88), time))
    for i in range(14):
        c.disc(i / 13, 0.575, 0.034, lit(mix((92, 146, 88), (108, 160, 98), i % 2), time))
    ground(c, 0.635, lit((146, 200, 112), time))
    c.blob(
        path("0.3 0.635, 0.42 0.635, 0.56 0.76, 0.86 0.9, 1.1 1.1, 0.1 1.1, 0.34 0.86, 0.36 0.74"),
        lit((228, 212, 178), time),
    )
    post = rng.choice((0.07, 0.92))
    c.line([(post, 0.7), (post, 0.36)], 0.014, lit((84, 96, 96), time))
    c.box(
        post - 0.022, 0.3, post + 0.022, 0.36, (255, 236, 160) if time == "night" else lit((244, 240, 220), time), 0.008
    )
    c.poly([(post - 0.03, 0.305), (post, 0.27), (post + 0.03, 0.305)], lit((84, 96, 96), time))
    if time == "night":
        c.disc(post, 0.33, 0.09, (255, 226, 140, 50))
    tufts(c, rng, 0.68, 22, lit((116, 174, 88), time))
    blossoms(c, rng, 0.7, 8, time)


def farm(c: Canvas, time: str, rng: random.Random) -> None:
    """Striped fields, a barn far off and a fence."""
    land(c, [(0, 0.52), (0.4, 0.48), (0.7, 0.53), (1, 0.5)], lit((164, 198, 138), time))
    x = rng.choice((0.16, 0.8))
    wall = lit((196, 120, 104), time)
    c.box(x - 0.08, 0.42, x + 0.08, 0.56, wall)
    c.poly([(x - 0.1, 0.43), (x - 0.06, 0.36), (x, 0.33), (x + 0.06, 0.36), (x + 0.1, 0.43)], lit((150, 96, 92), time))
    c.box(x - 0.035, 0.47, x + 0.035, 0.56, lit((240, 230, 216), time))
    c.box(x - 0.027, 0.478, x + 0.027, 0.56, wall)
    ground(c, 0.55, lit((206, 190, 120), time), steps=3)
    for i in range(-10, 21):
        c.line([(0.5 + (i - 5) * 0.035, 0.55), (0.5 + (i - 5) * 0.12, 0.72)], 0.008, lit((178, 160, 92), time))
    ground(c, 0.7, lit((150, 192, 104), time), steps=4)
    rail = lit((176, 140, 104), time)
    for y in (0.655, 0.69):
        c.line([(-0.1, y), (1.1, y)], 0.014, rail)
    for i in range(7):
        c.box(i / 6 - 0.012, 0.625, i / 6 + 0.012, 0.73, mix(rail, (90, 60, 50), 0.15), 0.005)
    tufts(c, rng, 0.73, 30, lit((118, 164, 82), time))


LANDSCAPES = {
    "forest": forest,
    "city street": city_street,
    "desert": desert,
    "snowy mountain": snowy_mountain,
    "meadow": meadow,
    "park": park,
    "farm": farm,
}
