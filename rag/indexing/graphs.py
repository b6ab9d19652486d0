"""How a collection of many visuals is searched fast and yet exactly at the top: one set of figures for both adapters.

Searches walk a graph (HNSW, Malkov and Yashunin 2018) over vectors quantised to one
byte a dimension, and compare as many as asked for, and at least `RESCORED`, again
with the full vectors. Decision 0011 has what was measured. Knows neither Qdrant.
"""

from __future__ import annotations

WORTH_INDEXING = 10_000
"""Visuals from which a graph beats comparing with all of them, which is exact."""

LINKS = 16
"""Neighbours of a visual in the graph (`m`)."""

CONSTRUCTION_EFFORT = 100
"""Candidates looked at for each visual while the graph is built (`ef_construct`)."""

COMPARED_ONE_BY_ONE = 5_000
"""A filter that leaves fewer visuals than this is answered by comparing with each of them."""

SEARCH_EFFORT = 128
"""Candidates that a search keeps while it walks the graph (`ef`), however few are asked for."""

RESCORED = 100
"""Candidates that are compared again with their full vectors, however few are asked for."""

QUANTILE = 0.99
"""The share of values that the 256 steps of a quantised vector span; outliers beyond it are cut."""


def oversampling(limit: int) -> float:
    """How many times more candidates than asked for are compared again: what Qdrant wants to know."""
    return max(1.0, RESCORED / limit)


def kilobytes(visuals: int, dim: int) -> int:
    """What Qdrant calls so many full vectors of `dim` float32: its thresholds are in KB."""
    return max(1, visuals * dim * 4 // 1024)
