"""What a classification is asked for, and what comes out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.classifying.classifier import Classifier, Verdict
from rag.errors import BadQuery
from rag.model import AssetRef, Json, Visual


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to tell apart.

    Attributes:
        template: a file of `prompts/labels`; empty means the one that suits the encoder.
        tag: whether labels become tags of the assets.
        min_confidence: probability that a label needs to become a tag, in [0, 1].
    """

    labels: Sequence[str]
    template: str = ""
    tag: bool = False
    min_confidence: float = 0.8

    def checked(self, *, may_tag: bool = True) -> Wanted:
        """Itself. Raises BadQuery for a threshold out of range, and for tags where there is no asset to have them."""
        if not 0 <= self.min_confidence <= 1:
            raise BadQuery(f"min_confidence: {self.min_confidence:g} is none; it lies between 0 and 1")
        if self.tag and not may_tag:
            raise BadQuery("tag: only assets have tags; name assets or a library")
        return self

    @property
    def tagging(self) -> Json | None:
        """For the ledger."""
        return {"min_confidence": self.min_confidence} if self.tag else None


@dataclass(frozen=True, slots=True)
class Classified:
    """One asset, visual or upload, and what was said of it.

    Attributes:
        asset: None for an upload.
        visual: the visual that speaks for the asset; None for an upload.
        visuals: how many were looked at.
        tags: labels sure enough to be tags of the asset, with their probabilities; empty where none were wished.
    """

    name: str
    verdict: Verdict
    asset: AssetRef | None = None
    visual: Visual | None = None
    visuals: int = 1
    tags: tuple[tuple[str, float], ...] = ()

    def as_json(self) -> Json:
        return {
            "name": self.name,
            "library": self.asset.library if self.asset else None,
            "asset": self.asset.asset_id if self.asset else None,
            "visual": self.visual.id if self.visual else None,
            "locator": self.visual.locator if self.visual else None,
            "visuals": self.visuals,
            **verdict_json(self.verdict),
            "tags": [label for label, _ in self.tags],
        }


@dataclass(frozen=True, slots=True)
class Classification:
    """The results of one request, recorded as event number `event`."""

    results: tuple[Classified, ...]
    classifier: Classifier
    event: int


@dataclass(frozen=True, slots=True)
class Page:
    """Results of a library as they come, and how far it is: `done` of `total` visuals."""

    results: tuple[Classified, ...]
    done: int
    total: int


@dataclass(slots=True)
class Tally:
    """What a library came to: the last thing its classification yields.

    Attributes:
        labels: assets by their label; "" for "none of these".
        tagged: assets that got a tag they had not.
    """

    classifier: Classifier
    event: int
    labels: Counter[str] = field(default_factory=Counter)
    assets: int = 0
    visuals: int = 0
    tagged: int = 0

    def add(self, results: Sequence[Classified], tagged: int) -> None:
        self.labels.update(result.verdict.label for result in results)
        self.assets += len(results)
        self.visuals += sum(result.visuals for result in results)
        self.tagged += tagged

    def as_json(self) -> Json:
        """The labels that occur, the most frequent first."""
        found = {label: count for label, count in self.labels.most_common() if label}
        counts = {"assets": self.assets, "visuals": self.visuals, "tagged": self.tagged}
        return {**counts, "none": self.labels[""], "labels": found}


def verdict_json(verdict: Verdict) -> Json:
    """As the command line, the API and the ledger show it; `label` is null where none fits."""
    return {
        "label": verdict.label or None,
        "confidence": round(verdict.confidence, 4),
        "none": round(verdict.none, 4),
        "likeliest": [{"label": label, "confidence": round(p, 4)} for label, p in verdict.likeliest],
    }


def shown_calibration(classifier: Classifier) -> Mapping[str, str]:
    """What confidence rests on, for people."""
    return {"templates": classifier.templates.id, "basis": classifier.calibration.basis}
