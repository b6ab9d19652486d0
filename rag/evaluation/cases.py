"""What is asked, what answers it, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.model import VisualId

FUSED = "fused"
"""Beside the names of the channels: the order that a person sees."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question.

    Attributes:
        grades: what answers it and how well, above 0; empty when nothing in the library does.
        group: what it is counted under besides all questions: a style, a relation, a person's attribute.
        libraries: where it is asked; empty means everywhere.
    """

    text: str
    grades: Mapping[VisualId, float] = field(default_factory=dict)
    group: str = ""
    libraries: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return bool(self.grades)


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for one case.

    Attributes:
        ranked: ids, best first, per channel that offered any, and `fused`.
        relevance: of the fused ones, in their order.
    """

    case: Case
    ranked: Mapping[str, tuple[VisualId, ...]]
    relevance: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The highest relevance of anything shown: it decides whether an answer is given. 0 when nothing is found."""
        return max(self.relevance, default=0.0)

    @property
    def first_is_right(self) -> bool:
        fused = self.ranked[FUSED]
        return bool(fused) and fused[0] in self.case.grades
