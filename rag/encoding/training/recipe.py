"""What decides the trained weights, beside the data."""

from __future__ import annotations

from dataclasses import dataclass

from rag.encoding.demo import architecture


@dataclass(frozen=True)
class Recipe:
    """The settings of one training run.

    Attributes:
        steps: length of the learning rate's schedule.
        stop: steps after which the stage ends, where that is before its schedule does.
        side: edge in pixels of the pictures. It must be the edge that the shipped encoder
            uses: a tower trained at 96 and measured at 128 pixels names half as many objects.
        noise: standard deviation added to MiniLM's embeddings, relative to their own
            spread, so that words near a trained one read like it.
        caption_noise: the same for whole captions. Two captions with their colours swapped
            differ by less than a noise of 0.2 (their cosine is 0.989), which then hides it.
        places: settings and times that a batch is drawn from; 0 for all of them. In a batch
            of few places, place and colour no longer tell pictures apart, so objects must.
        several: share of a batch that shows several groups of things; 0 for as many as there are.
        asked: share of first texts that are worded as questions.
        swap: weight of telling a picture's own text from one with a thing changed.
        strangers: weight of keeping away from texts that no scene answers.
        separation: weight of the sigmoid loss beside the contrastive one.
        average: decay of the moving average of weights, per step.
    """

    steps: int = 1800
    stop: int | None = None
    batch: int = 256
    peak_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: int = 100
    side: int = architecture.INPUT_SIZE
    noise: float = 0.2
    caption_noise: float = 0.2
    places: int = 0
    several: float = 0.0
    asked: float = 0.0
    swap: float = 0.0
    strangers: float = 0.0
    separation: float = 0.2
    average: float = 0.995
    seed: int = 7


STAGES = (
    Recipe(stop=1200),
    Recipe(steps=450, stop=300, peak_rate=1e-3, warmup=30, places=4, seed=8),
    Recipe(steps=200, peak_rate=4e-4, warmup=10, places=4, average=0.98, seed=9),
    Recipe(
        steps=500,
        peak_rate=8e-4,
        warmup=20,
        noise=0.5,
        caption_noise=0.0,
        places=4,
        several=0.6,
        asked=0.35,
        swap=1.0,
        strangers=0.5,
        average=0.99,
        seed=10,
    ),
)
"""Everything from all places; few places at a time, so that place and colour do not suffice; the same, to rest;
and last which colour belongs to what, how people ask, and what they ask that no scene answers.
"""
