"""Which function draws which kind."""

from __future__ import annotations

from collections.abc import Callable

from rag.scenes.drawing.animals import ANIMALS
from rag.scenes.drawing.buildings import BUILDINGS
from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.clothes import CLOTHES
from rag.scenes.drawing.food import FOOD
from rag.scenes.drawing.furniture import FURNITURE
from rag.scenes.drawing.household import HOUSEHOLD
from rag.scenes.drawing.palette import Tone
from rag.scenes.drawing.plants import PLANTS
from rag.scenes.drawing.toys import TOYS
from rag.scenes.drawing.vehicles import VEHICLES

Drawing = Callable[[Canvas, Tone], None]

DRAWINGS: dict[str, Drawing] = {
    **VEHICLES,
    **ANIMALS,
    **FURNITURE,
    **HOUSEHOLD,
    **BUILDINGS,
    **PLANTS,
    **CLOTHES,
    **FOOD,
    **TOYS,
}
