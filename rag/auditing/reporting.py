"""A time of the ledger in figures: what was asked and found, how often nothing was, which pictures are never used.

Everything is read from the index of auditors and from the catalog, by the rights of who asks for the report.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rag.auditing.fairness import Skew, skews
from rag.auditing.indexing import catch_up
from rag.auditing.recording import audit_draft, require_auditor, wanted_json
from rag.model import Actor, Asset, AssetState, Visual, VisualId
from rag.ports import Services
from rag.ports.auditing import Entry, Wanted

PAGE = 500
MOST_USED, NEVER_SHOWN = 12, 12
ASSETS_AT_A_TIME = 200
MOST_ASSETS = 50_000
"""Assets of a library that are looked at for pictures that were never found."""


@dataclass(frozen=True, slots=True)
class LibraryFigures:
    """Attributes:
    library: empty for what was asked of several.
    relevance: median of the best evidence of each retrieval that has some; None without any.
    """

    library: str
    retrievals: int
    answers: int
    abstained: int
    unsupported: int
    removed: int
    flagged: int
    relevance: float | None


@dataclass(frozen=True, slots=True)
class Period:
    """One day. `low` and `high` are the 10th and 90th percentile of the best relevance."""

    day: str
    retrievals: int
    answers: int
    abstained: int
    relevance: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Used:
    """A picture and how often it was evidence; `shown` is None where it is gone, or not for who asks."""

    visual: str
    times: int
    shown: tuple[Visual, Asset] | None


@dataclass(frozen=True, slots=True)
class Unused:
    """Attributes:
    visuals: indexed ones that were looked at; `never` of them were evidence of nothing.
    whole: whether all of the library was looked at.
    """

    library: str
    visuals: int
    never: int
    whole: bool
    examples: tuple[tuple[Visual, Asset], ...]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Figures of one time."""

    made: datetime
    since: datetime | None
    until: datetime | None
    libraries: tuple[LibraryFigures, ...]
    days: tuple[Period, ...]
    doors: Mapping[str, int]
    models: Mapping[str, int]
    people: int
    reviewed: int
    used: tuple[Used, ...]
    unused: tuple[Unused, ...]
    skews: tuple[Skew, ...]
    attribute: str


def report(
    services: Services,
    actor: Actor,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    library: str = "",
    attribute: str = "",
    door: str,
) -> AuditReport:
    """Figures of what was asked since and until.

    Args:
        attribute: tags that begin with this and a colon tell groups: see `rag.auditing.fairness`.

    Raises:
        NotAllowed: the actor is no auditor.
        LedgerUnavailable: it could not be recorded.
    """
    require_auditor(actor)
    catch_up(services)
    wanted = Wanted(since=since, until=until, library=library, kinds=("retrieval", "answer"))
    services.ledger.append(audit_draft(actor, door, "report", {"wanted": wanted_json(wanted)}, library))
    entries = list(_entries(services, actor, wanted))
    reviews = services.audit_index.reviews(actor, library=library)
    reviewed, flagged = {one.event for one in reviews}, {one.event for one in reviews if one.flagged}
    names = [library] if library else services.catalog.libraries(actor)
    uses = Counter(one.visual for entry in entries for one in entry.visuals if one.role == "evidence")
    return AuditReport(
        made=datetime.now(UTC),
        since=since,
        until=until,
        libraries=tuple(_library(name, some, flagged) for name, some in _by_library(entries)),
        days=tuple(_day(day, some) for day, some in _by_day(entries)),
        doors=Counter(entry.door for entry in entries if entry.kind == "retrieval"),
        models=Counter(entry.model for entry in entries if entry.kind == "answer"),
        people=len({entry.actor for entry in entries}),
        reviewed=sum(entry.seq in reviewed for entry in entries),
        used=_used(services, actor, uses),
        unused=tuple(_unused(services, actor, name, uses) for name in names),
        skews=tuple(skews(services, actor, entries, names, attribute)) if attribute else (),
        attribute=attribute,
    )


def _entries(services: Services, actor: Actor, wanted: Wanted) -> Iterator[Entry]:
    before: int | None = None
    while page := services.audit_index.find(actor, replace(wanted, before=before), limit=PAGE):
        yield from page
        before = page[-1].seq


def _by_library(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.library].append(entry)
    return sorted(found.items())


def _by_day(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.at.date().isoformat()].append(entry)
    return sorted(found.items())


def _library(name: str, entries: Sequence[Entry], flagged: set[int]) -> LibraryFigures:
    answers = [entry for entry in entries if entry.kind == "answer"]
    best = _relevances(entries)
    return LibraryFigures(
        library=name,
        retrievals=len(entries) - len(answers),
        answers=len(answers),
        abstained=sum(entry.abstained for entry in answers),
        unsupported=sum(entry.unsupported > 0 for entry in answers),
        removed=sum(entry.removed > 0 for entry in answers),
        flagged=sum(entry.seq in flagged for entry in entries),
        relevance=statistics.median(best) if best else None,
    )


def _day(day: str, entries: Sequence[Entry]) -> Period:
    answers = [entry for entry in entries if entry.kind == "answer"]
    best = sorted(_relevances(entries))
    return Period(
        day=day,
        retrievals=len(entries) - len(answers),
        answers=len(answers),
        abstained=sum(entry.abstained for entry in answers),
        relevance=statistics.median(best) if best else None,
        low=best[int(0.1 * (len(best) - 1))] if best else None,
        high=best[round(0.9 * (len(best) - 1))] if best else None,
    )


def _relevances(entries: Sequence[Entry]) -> list[float]:
    """Of retrievals alone: an answer has that of its retrieval."""
    return [entry.relevance for entry in entries if entry.kind == "retrieval" and entry.relevance is not None]


def _used(services: Services, actor: Actor, uses: Counter[str]) -> tuple[Used, ...]:
    most = uses.most_common(MOST_USED)
    known = services.catalog.visuals(actor, [VisualId(visual) for visual, _ in most])
    return tuple(Used(visual, times, known.get(VisualId(visual))) for visual, times in most)


def _unused(services: Services, actor: Actor, library: str, uses: Mapping[str, int]) -> Unused:
    visuals = never = assets = 0
    examples: list[tuple[Visual, Asset]] = []
    after = ""
    while assets < MOST_ASSETS:
        page = services.catalog.assets(actor, library, state=AssetState.INDEXED, limit=ASSETS_AT_A_TIME, after=after)
        if not page:
            break
        after, assets = page[-1].id, assets + len(page)
        by_ref = {asset.ref: asset for asset in page}
        for visual in services.catalog.visuals_of(list(by_ref)):
            visuals += 1
            if visual.id not in uses:
                never += 1
                if len(examples) < NEVER_SHOWN:
                    examples.append((visual, by_ref[visual.asset_ref]))
    return Unused(library, visuals, never, assets < MOST_ASSETS, tuple(examples))
