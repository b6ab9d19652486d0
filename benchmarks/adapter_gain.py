"""What an adapter gains: a library whose colours have names of its own, and one in ordinary words.

Each drawn scene has one caption. In the first library every colour is called by a code
that no dictionary has, always the same one; in the second nothing is changed. The
figures are nDCG@10 on captions held out from training, as `picturedesk encoder adapt`
takes them: it offers the first adapter, and refuses the second.
"""

from __future__ import annotations

import random
import re

import numpy as np

from benchmarks.figure import Figure
from rag.encoding import load_encoder
from rag.encoding.adapting import Pairs, parted, train
from rag.migration.training import held_out_figures
from rag.ports import Encoder
from rag.scenes import COLOURS, captions, draw, sample_scene

SCENES = 1_000
SIZE = 192
CODES = {colour: f"SKU-{place:02d}" for place, colour in enumerate(sorted(COLOURS))}


def figures() -> list[Figure]:
    encoder = load_encoder("demo")
    rng = random.Random(41)
    scenes = {captions(scene)[0]: scene for scene in (sample_scene(rng) for _ in range(SCENES))}
    images = encoder.images([draw(scene, SIZE) for scene in scenes.values()])
    found = []
    for words, texts in (
        ("own words for colours", [renamed(text) for text in scenes]),
        ("ordinary words", list(scenes)),
    ):
        pairs = Pairs(images, encoder.texts(texts), np.arange(len(texts)))
        found += _gain(words, pairs, encoder)
    return found


def renamed(text: str) -> str:
    """A caption as a shop would write it that calls its colours by their codes."""
    colours = re.compile(
        r"\b(" + "|".join(map(re.escape, sorted(CODES, key=len, reverse=True))) + r")\b", re.IGNORECASE
    )
    return colours.sub(lambda found: CODES[found[0].lower()], text)


def _gain(words: str, pairs: Pairs, encoder: Encoder) -> list[Figure]:
    parts = parted(pairs)
    measured = held_out_figures(parts.held_out, train(parts, encoder.id))
    return [
        Figure(f"adapter, {words}: nDCG@10 held out", measured["new"], "share", baseline=measured["old"]),
        Figure(f"adapter, {words}: least gain", measured["low"], "share"),
    ]
