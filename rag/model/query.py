"""What is wanted: channels, filters, queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rag.model.ids import VisualId


class Channel(StrEnum):
    """A named vector of a point, and one list of candidates per query."""

    IMAGE = "image"
    CAPTION = "caption"
    BM25 = "bm25"


@dataclass(frozen=True, slots=True)
class Eq:
    """`field` holds `value` (or contains it, where the field is a list)."""

    field: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`field` holds one of `values`; no values match nothing."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= field <= high`; either end may be open. Numbers, or datetimes for date fields."""

    field: str
    low: float | datetime | None = None
    high: float | datetime | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """`field` is absent or empty."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    filter: Filter


Filter = Eq | AnyOf | Between | Missing | And | Or | Not


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a query is made of. Exactly one of the first three is given.

    Attributes:
        image: SHA-256 of bytes that are in `Query.pictures`.
        visual: a visual of a library that the actor may read.
        weight: above 0; how much it counts beside the other parts.
    """

    text: str = ""
    image: str = ""
    visual: VisualId | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What is wanted of the libraries.

    Attributes:
        text: words that are wanted, beside `wanted`; also the question that is answered.
        libraries: empty means every library that the actor may read.
        wanted, unwanted: what hits should be like, and what not.
        phrases: each must stand word for word in a caption, tag or file name of a hit.
        channels: where to look; empty means in all of them.
        diversity: 0 for the best in order, up to 1 for the most different from one another.
        per_asset: most visuals of one asset; 0 means no limit.
        page: the token of a further page; the rest may then be left out, and `top_k` may be another.
        pictures: bytes by their SHA-256; never recorded.
    """

    text: str = ""
    libraries: tuple[str, ...] = ()
    top_k: int = 8
    where: Filter | None = None
    wanted: tuple[Part, ...] = ()
    unwanted: tuple[Part, ...] = ()
    phrases: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    diversity: float = 0.0
    per_asset: int = 0
    page: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that is wanted, the text first."""
        return (Part(text=self.text), *self.wanted) if self.text.strip() else self.wanted

    @property
    def words(self) -> str:
        """The texts that are wanted, as one."""
        return " ".join(part.text for part in self.parts if part.text)
