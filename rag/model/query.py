"""What is wanted: channels, filters, queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
class Query:
    """What is wanted of the libraries.

    Attributes:
        libraries: empty means every library that the actor may read.
    """

    text: str
    libraries: tuple[str, ...] = ()
    top_k: int = 8
    where: Filter | None = None
