"""One encoder with the collection of its vectors, and where it stands in the life of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class GenerationState(StrEnum):
    """Where a generation stands. One is live; at most one is on its way, and at most one is the previous one."""

    WANTED = "wanted"
    FILLING = "filling"
    READY = "ready"
    LIVE = "live"
    PREVIOUS = "previous"
    DROPPED = "dropped"


COMING = frozenset({GenerationState.WANTED, GenerationState.FILLING, GenerationState.READY})
"""On its way to be live."""

WRITTEN = frozenset({GenerationState.FILLING, GenerationState.READY, GenerationState.LIVE, GenerationState.PREVIOUS})
"""What is indexed goes into the collections of these."""

COMPLETE = frozenset({GenerationState.READY, GenerationState.LIVE, GenerationState.PREVIOUS})
"""Every visual of an indexed asset has its point in the collections of these."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A row of the catalog: what may be, is or was searched with.

    Attributes:
        number: 1, 2, …; the first is the one that the installation began with.
        encoder: the name that loads it, as in PICTUREDESK_ENCODER; with `+adapter:SHA-256` where it has an adapter.
            Empty while an adapter is wanted that is not trained yet.
        encoder_id, collection: empty until its encoder was loaded once; `collection` also once it was removed.
        based_on: the generation that an adapter was trained on, and whose vectors it takes; None for an encoder.
        done, total: visuals looked at while it is filled, of those that are indexed.
        trouble: why it does not go on, or was given up; empty where nothing is wrong.
        options: how it was asked for.
        report: how it compares with the live one, once it is ready.
        leased: whether some process works on it at this moment.
    """

    number: int
    encoder: str
    state: GenerationState
    created_at: datetime
    changed_at: datetime
    encoder_id: str = ""
    collection: str = ""
    based_on: int | None = None
    done: int = 0
    total: int = 0
    trouble: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    leased: bool = False

    @property
    def adapted(self) -> bool:
        """Whether it takes another generation's vectors through an adapter."""
        return self.based_on is not None
