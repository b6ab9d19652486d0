"""Drift: is what comes in, and how questions score, still what it was when the reference was set?

The reference is a sample of the library's picture vectors and of the best picture cosine of
its logged questions. It is kept as JSON among the blobs, one per library and encoder. What
was accepted or asked since is compared with it.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np

from rag.errors import NotFound
from rag.evaluation.recording import drift_draft
from rag.evaluation.shift import maximum_mean_discrepancy, population_stability_index
from rag.model import Actor, Asset, AssetId, AssetState, Channel, Event, VisualId
from rag.ports import Matrix, Services
from rag.retrieval.rights import readable_libraries

SAMPLE = 400
"""Vectors kept of each side: the test's cost grows with the square, and its power with the size."""

LEAST_VECTORS = 50
LEAST_QUESTIONS = 50
MOST_QUESTIONS = 2000
PAGE = 500
NAME = "drift-reference.json"

P_VALUE = 0.01
PSI = 0.25


@dataclass(frozen=True, slots=True)
class Reference:
    """What later samples are compared with.

    Attributes:
        made: ISO 8601; what came after it counts as new.
        vectors: shape (n, dim), float16 in base64.
        scores: best picture cosine of each logged question.
    """

    library: str
    encoder: str
    made: str
    dim: int
    vectors: str
    scores: list[float]

    def matrix(self) -> Matrix:
        flat = np.frombuffer(base64.b64decode(self.vectors), dtype=np.float16)
        return flat.reshape(-1, self.dim).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Signal:
    """One compared distribution.

    Attributes:
        name: `pictures` or `questions`.
        measure: what `value` is: MMD² or PSI.
        n: what is new and was compared.
        p: of the permutation test; None where the measure has none.
        drifted: None when too little is new to say.
    """

    name: str
    measure: str
    value: float
    n: int
    p: float | None
    drifted: bool | None
    told: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Both comparisons."""

    library: str
    encoder: str
    reference: str
    signals: tuple[Signal, ...]

    @property
    def steady(self) -> bool:
        return not any(signal.drifted for signal in self.signals)


def set_reference(services: Services, actor: Actor, library: str, *, door: str = "") -> Reference:
    """Make what is in the library now, and what was asked of it, the reference; the one before is replaced.

    Raises:
        NotFound: no such library for this actor, or no picture in it yet.
        NotAllowed: the actor may not read the ledger.
        LedgerUnavailable: it could not be recorded; nothing is set.
        Unavailable: a part did not answer.
    """
    readable_libraries(actor, [library], services.catalog.libraries(actor))
    vectors = _vectors(services, actor, library, since=None)
    if len(vectors) < LEAST_VECTORS:
        raise NotFound(f"{library!r} has {len(vectors)} pictures; a reference takes {LEAST_VECTORS} or more")
    made = Reference(
        library=library,
        encoder=services.encoder.id,
        made=datetime.now(UTC).isoformat(),
        dim=services.encoder.dim,
        vectors=base64.b64encode(vectors.astype(np.float16).tobytes()).decode(),
        scores=_scores(services, actor, library, since=None),
    )
    counts = {"visuals": len(vectors), "questions": len(made.scores)}
    services.ledger.append(drift_draft(actor, door, library, "reference", encoder=made.encoder, counts=counts))
    services.blobs.put_derived(_place(library, made.encoder), NAME, json.dumps(asdict(made)).encode())
    return made


def reference(services: Services, library: str) -> Reference:
    """The reference of a library and the encoder set. Raises NotFound where none was set."""
    try:
        return Reference(**json.loads(services.blobs.get_derived(_place(library, services.encoder.id), NAME)))
    except NotFound:
        raise NotFound(
            f"no reference is set for {library!r} and this encoder; set one: picturedesk eval drift --set-reference"
        ) from None


def measure(services: Services, actor: Actor, library: str, *, door: str = "") -> Drift:
    """Compare what came since with the reference. Raises as `set_reference`, and NotFound where none was set."""
    readable_libraries(actor, [library], services.catalog.libraries(actor))
    before = reference(services, library)
    since = datetime.fromisoformat(before.made)
    vectors = _vectors(services, actor, library, since=since)
    scores = _scores(services, actor, library, since=since)
    counts = {"visuals": len(vectors), "questions": len(scores)}
    services.ledger.append(drift_draft(actor, door, library, "drift", encoder=before.encoder, counts=counts))
    return Drift(
        library=library,
        encoder=before.encoder,
        reference=before.made,
        signals=(picture_signal(before.matrix(), vectors), question_signal(before.scores, scores)),
    )


def picture_signal(before: Matrix, new: Matrix) -> Signal:
    """MMD² and whether its permutation test calls it drift at 1 %."""
    if len(new) < LEAST_VECTORS:
        told = f"{len(new)} new pictures; {LEAST_VECTORS} are needed to say anything"
        return Signal("pictures", "MMD²", 0.0, len(new), None, None, told)
    value, p = maximum_mean_discrepancy(before, new)
    told = f"a permutation test finds as much by chance in {p:.1%} of cases; drift below {P_VALUE:.0%}"
    return Signal("pictures", "MMD²", value, len(new), p, p < P_VALUE, told)


def question_signal(before: list[float], new: list[float]) -> Signal:
    """PSI of the best picture cosine, and whether it is above the usual bound."""
    if min(len(before), len(new)) < LEAST_QUESTIONS:
        told = f"{len(before)} questions before and {len(new)} since; {LEAST_QUESTIONS} of each are needed"
        return Signal("questions", "PSI", 0.0, len(new), None, None, told)
    value = population_stability_index(before, new)
    moved = float(np.mean(new) - np.mean(before))
    told = f"best picture cosine moved by {moved:+.3f} on average; drift above {PSI:g}"
    return Signal("questions", "PSI", value, len(new), None, value > PSI, told)


def prometheus(drift: Drift) -> str:
    """Gauges in Prometheus' text format, for node_exporter's textfile collector."""
    labels = f'library="{drift.library}"'
    rows = [
        "# HELP picturedesk_drift How far what is new lies from the reference: MMD2 of pictures, PSI of questions.",
        "# TYPE picturedesk_drift gauge",
        *(f'picturedesk_drift{{{labels},of="{one.name}"}} {one.value:.6g}' for one in drift.signals),
        "# HELP picturedesk_drift_found 1 when it is drift by the bound of its measure.",
        "# TYPE picturedesk_drift_found gauge",
        *(f'picturedesk_drift_found{{{labels},of="{one.name}"}} {int(bool(one.drifted))}' for one in drift.signals),
        "# HELP picturedesk_drift_compared New pictures or questions compared.",
        "# TYPE picturedesk_drift_compared gauge",
        *(f'picturedesk_drift_compared{{{labels},of="{one.name}"}} {one.n}' for one in drift.signals),
    ]
    return "\n".join(rows) + "\n"


def _place(library: str, encoder: str) -> AssetId:
    """Where among the blobs the reference lies: beside no asset, under a hash that no bytes have."""
    return AssetId(sha256(f"drift reference\x1f{library}\x1f{encoder}".encode()).hexdigest())


def _vectors(services: Services, actor: Actor, library: str, since: datetime | None) -> Matrix:
    """A random sample of the picture vectors of assets accepted after `since`; shape (n, dim)."""
    ids = [
        visual.id
        for assets in _asset_pages(services, actor, library)
        for visual in services.catalog.visuals_of([one.ref for one in assets if _is_new(one, since)])
    ]
    chosen: list[VisualId] = random.Random(0).sample(ids, min(SAMPLE, len(ids)))
    points = services.store.fetch(chosen)
    rows = [points[one].image for one in chosen if one in points]
    return np.stack(rows) if rows else np.zeros((0, services.encoder.dim), dtype=np.float32)


def _is_new(asset: Asset, since: datetime | None) -> bool:
    return since is None or (asset.accepted_at is not None and asset.accepted_at > since)


def _asset_pages(services: Services, actor: Actor, library: str) -> Iterator[list[Asset]]:
    after = ""
    while page := services.catalog.assets(actor, library, state=AssetState.INDEXED, limit=PAGE, after=after):
        yield page
        after = page[-1].id


def _scores(services: Services, actor: Actor, library: str, since: datetime | None) -> list[float]:
    """Of the newest logged questions, at most `MOST_QUESTIONS`."""
    found: list[float] = []
    before: int | None = None
    while len(found) < MOST_QUESTIONS:
        events = services.ledger.events(
            actor, kind="retrieval", library=library, since=since, before=before, limit=PAGE
        )
        found += [score for event in events if (score := best_cosine(event)) is not None]
        if len(events) < PAGE:
            break
        before = events[-1].seq
    return found[:MOST_QUESTIONS]


def best_cosine(event: Event) -> float | None:
    """The highest cosine of any picture that a logged question considered; None where it saw none."""
    considered = [*event.entries("evidence"), *event.entries("dropped")]
    cosines = [one["scores"][Channel.IMAGE.value] for one in considered if Channel.IMAGE.value in one["scores"]]
    return max(cosines, default=None)
