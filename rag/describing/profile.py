"""What is known of one picture, gathered before two of them are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.indexing.points import searchable_captions
from rag.model import Asset, Visual

NAMED_VALUE = re.compile(r"\s*([^\W\d_][\w -]{0,29}?)\s*[:=]\s*(\S.*?)\s*", re.DOTALL)
"""A tag such as `price:19.90` or `colour = red`."""

SQUARE = 1.05
"""Longer by less than this than the other edge."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One picture, as far as comparing goes. Tags and captions are untrusted.

    Attributes:
        tags: plain ones; `values`: those of the form `name:value`, by name.
        captions: what is searched.
        labels: of each attribute, the likeliest label and its probability; see `rag.describing.attributes`.
        colours: names with their shares of the picture, in [0, 1].
        date: ISO 8601, as far as known: `2024-05-01`; empty when unknown.
        medium: `image`, `film` or `page`.
        shape: `portrait`, `landscape` or `square`.
    """

    tags: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    captions: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    colours: Mapping[str, float] = field(default_factory=dict)
    date: str = ""
    medium: str = "image"
    width: int = 0
    height: int = 0

    @property
    def shape(self) -> str:
        if max(self.width, self.height) < SQUARE * min(self.width, self.height):
            return "square"
        return "portrait" if self.height > self.width else "landscape"

    @property
    def size(self) -> str:
        return f"{self.width}×{self.height}"


def profile_of(
    visual: Visual, asset: Asset, labels: Mapping[str, tuple[str, float]], colours: Mapping[str, float]
) -> Profile:
    """The profile of a visual of a library."""
    plain, values = parted_tags(asset.all_tags)
    return Profile(
        tags=plain,
        values=values,
        captions=tuple(caption.text for caption in searchable_captions(asset, visual)),
        labels=labels,
        colours=colours,
        date=asset.captured_at.date().isoformat() if asset.captured_at else "",
        medium=medium_of(visual.locator),
        width=visual.width,
        height=visual.height,
    )


def parted_tags(tags: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Plain tags, and those that name a value; of several values with one name, the first."""
    plain: list[str] = []
    values: dict[str, str] = {}
    for tag in tags:
        if found := NAMED_VALUE.fullmatch(tag):
            values.setdefault(found[1].casefold(), found[2])
        else:
            plain.append(tag)
    return tuple(plain), values


def medium_of(locator: str) -> str:
    if locator.startswith("t="):
        return "film"
    return "page" if locator.startswith("page=") else "image"
