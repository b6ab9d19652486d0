"""How far people agree who judged the same things. Pure functions of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)
Thing = TypeVar("Thing", bound=Hashable)


def cohens_kappa(one: Sequence[Label], other: Sequence[Label]) -> float:
    """Agreement of two people beyond chance, at most 1; 0 as by chance.

    kappa = (p_o - p_e) / (1 - p_e), p_o the share of things with the same label, p_e = sum over labels of the
    product of both people's shares of it (Cohen 1960). 1 where both give one and the same label throughout.

    Args:
        one, other: labels of the same things, in the same order.

    Raises:
        ValueError: none, or not equally many.
    """
    if not one or len(one) != len(other):
        raise ValueError("kappa needs labels of the same things, at least one")
    n = len(one)
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    first, second = Counter(one), Counter(other)
    expected = sum(first[label] * second[label] for label in first) / n**2
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)


def kappas(rated: Mapping[Thing, Mapping[str, Label]]) -> dict[tuple[str, str], tuple[float, int]]:
    """Cohen's kappa of each two people, with the number of things that both judged.

    Args:
        rated: of each thing, who gave it which label.
    """
    people = sorted({person for labels in rated.values() for person in labels})
    found = {}
    for one, other in combinations(people, 2):
        both = [labels for labels in rated.values() if one in labels and other in labels]
        if both:
            found[one, other] = cohens_kappa([b[one] for b in both], [b[other] for b in both]), len(both)
    return found


def krippendorffs_alpha(
    rated: Mapping[Thing, Mapping[str, Label]], distance: Callable[[Label, Label], float]
) -> float | None:
    """Agreement of any number of people, of whom each may have judged only some things; at most 1, 0 as by chance.

    alpha = 1 - D_o / D_e over pairs of labels of one thing and of all things (Krippendorff 2011, "Computing
    Krippendorff's Alpha-Reliability"): D_o = 1/n sum over things of sum over ordered pairs of distance / (m - 1),
    D_e = 1/(n (n - 1)) sum over ordered pairs of all n labels of distance, of things with m >= 2 labels.

    Args:
        distance: between two labels, at least 0; see `nominal` and `interval`.

    Returns:
        None where no thing has two labels; 1 where all labels are the same.
    """
    units = [list(labels.values()) for labels in rated.values() if len(labels) >= 2]
    if not units:
        return None
    counts = Counter(label for unit in units for label in unit)
    n = counts.total()
    observed = sum(_within(unit, distance) / (len(unit) - 1) for unit in units) / n
    expected = sum(counts[a] * counts[b] * distance(a, b) for a in counts for b in counts) / (n * (n - 1))
    return 1.0 if expected == 0 else 1.0 - observed / expected


def _within(unit: Sequence[Label], distance: Callable[[Label, Label], float]) -> float:
    return sum(2.0 * distance(a, b) for a, b in combinations(unit, 2))


def nominal(one: Hashable, other: Hashable) -> float:
    """0 for the same label, 1 for any other."""
    return float(one != other)


def interval(one: float, other: float) -> float:
    """The square of the difference: grades whose steps are equally long."""
    return float(one - other) ** 2
