"""Which clothes and tools go with which occupation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.outfits_care import doctor, nurse, nurse_cap, scientist, scientist_kit, teacher, teacher_kit
from rag.scenes.drawing.outfits_craft import (
    builder,
    builder_kit,
    chef,
    chef_hat,
    farmer,
    farmer_kit,
    gardener,
    gardener_kit,
    painter,
    painter_kit,
    tray,
    waiter,
)
from rag.scenes.drawing.outfits_service import (
    astronaut,
    backpack,
    fire_helmet,
    firefighter,
    pilot,
    pilot_cap,
    police,
    police_cap,
    space_helmet,
)
from rag.scenes.drawing.palette import DENIM, INK, LEAF, NAVY, RGB, WHITE

Painter = Callable[[Canvas], None]


def nothing(c: Canvas) -> None:
    """Draws nothing."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """`behind` goes under the body, `dress` over the torso, `wear` over head and hands."""

    top: RGB
    sleeve: RGB
    trousers: RGB | None = (74, 80, 100)
    shoes: RGB = (52, 50, 62)
    short_sleeves: bool = False
    behind: Painter | None = None
    dress: Painter = nothing
    wear: Painter = nothing


UNIFORMS: dict[str, Uniform] = {
    "doctor": Uniform(WHITE, WHITE, (98, 120, 150), dress=doctor),
    "nurse": Uniform((72, 184, 182), (72, 184, 182), (72, 184, 182), WHITE, True, dress=nurse, wear=nurse_cap),
    "chef": Uniform(WHITE, WHITE, (96, 100, 116), dress=chef, wear=chef_hat),
    "firefighter": Uniform((86, 76, 72), (86, 76, 72), (86, 76, 72), INK, dress=firefighter, wear=fire_helmet),
    "police officer": Uniform(NAVY, NAVY, (34, 44, 84), INK, dress=police, wear=police_cap),
    "farmer": Uniform((214, 92, 76), (214, 92, 76), DENIM, (120, 84, 60), dress=farmer, wear=farmer_kit),
    "teacher": Uniform((120, 150, 96), (120, 150, 96), (120, 96, 84), dress=teacher, wear=teacher_kit),
    "builder": Uniform((246, 136, 40), (84, 100, 130), (84, 96, 130), (150, 100, 60), dress=builder, wear=builder_kit),
    "painter": Uniform((236, 228, 212), (236, 228, 212), (110, 110, 130), dress=painter, wear=painter_kit),
    "astronaut": Uniform(WHITE, WHITE, WHITE, (150, 160, 180), behind=backpack, dress=astronaut, wear=space_helmet),
    "waiter": Uniform(WHITE, WHITE, INK, INK, dress=waiter, wear=tray),
    "scientist": Uniform(WHITE, WHITE, (110, 96, 130), dress=scientist, wear=scientist_kit),
    "gardener": Uniform(
        (250, 220, 190), (250, 220, 190), (118, 104, 90), LEAF, True, dress=gardener, wear=gardener_kit
    ),
    "pilot": Uniform((40, 44, 66), (40, 44, 66), (40, 44, 66), INK, dress=pilot, wear=pilot_cap),
}
