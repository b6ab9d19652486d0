"""The drawn world: pictures whose content is known exactly, because we drew them.

A `Scene` says what a picture shows, `draw` renders it, `captions` words it and
`layout` gives the boxes. Same scene, same pixels. Knows nothing of encoders,
libraries or retrieval.
"""

from rag.scenes.captioning import captions
from rag.scenes.drawing import draw
from rag.scenes.layout import Box, Placed, layout
from rag.scenes.model import Chart, Group, Person, Scene, Sign
from rag.scenes.sampling import sample_scene
from rag.scenes.vocabulary import COLOURS, HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS, TIMES

__all__ = [
    "COLOURS",
    "HELD_OUT_PAIRS",
    "KINDS",
    "OCCUPATIONS",
    "SETTINGS",
    "TIMES",
    "Box",
    "Chart",
    "Group",
    "Person",
    "Placed",
    "Scene",
    "Sign",
    "captions",
    "draw",
    "layout",
    "sample_scene",
]
