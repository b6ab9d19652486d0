"""The labels of one classification, checked."""

from __future__ import annotations

from collections.abc import Iterable

from rag.errors import BadQuery

MOST_PICTURES = 100
"""Visuals, assets or files in one request; more is a library."""

MOST_LABELS = 1_000
LONGEST_LABEL = 100
"""Characters."""


def checked_labels(given: Iterable[str]) -> tuple[str, ...]:
    """Labels in their order, without blanks around them; the same one twice counts once.

    Raises:
        BadQuery: none, more than `MOST_LABELS`, or one that is empty, too long or not one line of text.
    """
    labels = tuple(dict.fromkeys(" ".join(label.split()) for label in given))
    if not labels:
        raise BadQuery(f"labels: there are none; give 1 to {MOST_LABELS:,} labels")
    if len(labels) > MOST_LABELS:
        raise BadQuery(f"labels: there are {len(labels):,}; give 1 to {MOST_LABELS:,} labels")
    for label in labels:
        if not label or not label.isprintable():
            raise BadQuery(f"labels: {label!r} is no label; give words that can be printed")
        if len(label) > LONGEST_LABEL:
            raise BadQuery(f"labels: {label[:20]!r}… has {len(label):,} characters; at most {LONGEST_LABEL} fit")
    return labels


def labels_in_file(text: str) -> list[str]:
    """One label a line; empty lines and lines behind `#` say nothing."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
