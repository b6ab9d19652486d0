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
        places: settings and times that a batch is drawn from; 0 for all of them. In a batch
            of few places, place and colour no longer tell pictures apart, so objects must.
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
    places: int = 0
    separation: float = 0.2
    average: float = 0.995
    seed: int = 7


STAGES = (
    Recipe(stop=1200),
    Recipe(steps=450, stop=300, peak_rate=1e-3, warmup=30, places=4, seed=8),
    Recipe(steps=200, peak_rate=4e-4, warmup=10, places=4, average=0.98, seed=9),
)
"""Everything from all places; few places at a time, so that place and colour do not suffice; the same, to rest."""
