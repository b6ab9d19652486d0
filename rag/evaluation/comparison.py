"""Two runs side by side: what rose, what fell, and whether by more than chance explains."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.evaluation.report import Figure, Report

ROUNDING = 1e-9
"""Means of the same numbers added up in another order differ by less."""


class Verdict(StrEnum):
    """Beyond the old interval in the bad direction, beyond it in the good one, or within it."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that both runs have."""

    name: str
    old: Figure
    new: Figure

    @property
    def difference(self) -> float:
        return self.new.value - self.old.value

    @property
    def verdict(self) -> Verdict:
        """Against the old run's 95 % interval: the noise that another draw of questions would bring."""
        if self.old.low - ROUNDING <= self.new.value <= self.old.high + ROUNDING:
            return Verdict.SAME
        rose = self.new.value > self.old.high
        return Verdict.BETTER if rose == (self.old.better == "higher") else Verdict.WORSE

    def __str__(self) -> str:
        interval = f"{self.old.low:.3f} to {self.old.high:.3f}"
        return f"{self.name}: {self.old.value:.3f} ({interval}) is now {self.new.value:.3f}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs have in common, and what only one of them has."""

    changes: tuple[Change, ...]
    gone: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def worse(self) -> list[Change]:
        return [change for change in self.changes if change.verdict is Verdict.WORSE]


def compare(old: Report, new: Report) -> Comparison:
    """Figures by name, in the old run's order."""
    before, after = dict(old.figures()), dict(new.figures())
    return Comparison(
        changes=tuple(Change(name, figure, after[name]) for name, figure in before.items() if name in after),
        gone=tuple(name for name in before if name not in after),
        added=tuple(name for name in after if name not in before),
    )
