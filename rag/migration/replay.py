"""The queries that people asked, once more on two generations; and whether the new one finds less of what is known."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from rag.errors import BadQuery
from rag.migration.judgements import Judged, judged_by_captions, judged_by_file
from rag.migration.measuring import compared, ndcg, overlap_at_k, rank_biased_overlap, recall
from rag.model import LOCAL_OWNER, AnyOf, Channel, Generation, Query, Retrieval
from rag.ports import Ledger, Nearest, Services, Serving
from rag.retrieval.opening import retriever_of

K = 10
EVENTS_AT_A_TIME = 200
CAPTIONS = 500
"""Captions asked for, at most."""


def options_of(generation: Generation) -> dict[str, Any]:
    """What was asked for with the migration."""
    return {"queries": int(generation.options.get("replay", 200)), "judged": generation.options.get("judged", ())}


def compare(
    services: Services, old: Serving, new: Serving, *, queries: int, judged: Sequence[Mapping[str, object]] = ()
) -> dict[str, Any]:
    """A report of how two generations differ. Nothing of it goes into the ledger: nobody asked.

    Args:
        queries: how many of the latest logged queries are asked again.
        judged: judgements of a file; without them the library's own captions are what is known.
    """
    report = _replayed(services, old, new, list(islice(logged(services.ledger), queries)))
    if judged:
        return report | _judged(services, old, new, judged_by_file(services.catalog, judged))
    return report | _known_items(old, new, judged_by_captions(services.catalog, CAPTIONS))


def logged(ledger: Ledger) -> Iterator[Query]:
    """What people asked, the latest first; nothing twice. What was asked without words is left out."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    before: int | None = None
    while events := ledger.events(LOCAL_OWNER, kind="retrieval", limit=EVENTS_AT_A_TIME, before=before):
        before = events[-1].seq
        for event in events:
            asked = event.body.get("query", {})
            key = str(asked.get("text") or ""), tuple(asked.get("libraries") or ())
            if key[0].strip() and key not in seen:
                seen.add(key)
                yield Query(key[0], libraries=key[1], top_k=K)


def _replayed(services: Services, old: Serving, new: Serving, queries: Sequence[Query]) -> dict[str, Any]:
    there = set(services.catalog.libraries(LOCAL_OWNER))
    overlaps, agreements, spent = [], [], ([], [])  # type: ignore[var-annotated]
    for query in queries:
        if not set(query.libraries) <= there:
            continue
        rankings = []
        for side, serving in enumerate((old, new)):
            started = time.perf_counter()
            try:
                rankings.append(_ids(_retrieved(services, serving, query)))
            except BadQuery:
                break  # asked under other limits
            spent[side].append(1000 * (time.perf_counter() - started))
        else:
            before, after = rankings
            overlaps.append(overlap_at_k(before, after, K))
            agreements.append(rank_biased_overlap(before, after))
    report: dict[str, Any] = {"k": K, "queries": len(overlaps)}
    if overlaps:
        report["overlap_at_k"] = round(statistics.fmean(overlaps), 4)
        report["rank_biased_overlap"] = round(statistics.fmean(agreements), 4)
        names = ("old", "new")
        report["latency_p50_ms"] = {
            name: round(statistics.median(one), 2) for name, one in zip(names, spent, strict=True)
        }
    return report


def _retrieved(services: Services, serving: Serving, query: Query) -> Retrieval:
    return retriever_of(services, serving).retrieve(LOCAL_OWNER, query)


def _ids(retrieval: Retrieval) -> list[str]:
    return [item.visual.id for item in retrieval.evidence]


def _judged(services: Services, old: Serving, new: Serving, judged: Sequence[Judged]) -> dict[str, Any]:
    """Whole searches, as people run them."""
    rankings = [
        [_ids(_retrieved(services, serving, Query(one.text, top_k=K))) for one in judged] for serving in (old, new)
    ]
    return _quality("judgements", judged, *rankings)


def _known_items(old: Serving, new: Serving, judged: Sequence[Judged]) -> dict[str, Any]:
    """By the pictures alone: a caption would find itself among the captions, whatever the encoder."""
    return _quality("captions", judged, *([_by_picture(serving, one) for one in judged] for serving in (old, new)))


def _by_picture(serving: Serving, one: Judged) -> list[str]:
    where = AnyOf("library", (one.library,))
    vector = serving.encoder.texts([one.text])[0]
    (hits,) = serving.store.search([Nearest(Channel.IMAGE, vector, K, where)])
    return [hit.id for hit in hits]


def _quality(
    source: str, judged: Sequence[Judged], old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]
) -> dict[str, Any]:
    report: dict[str, Any] = {"labels": source, "labelled": len(judged)}
    if judged:
        for name, figure in (("ndcg", ndcg), ("recall", recall)):
            sides = [
                [figure(ranking, one.grades, K) for ranking, one in zip(side, judged, strict=True)]
                for side in (old, new)
            ]
            report[f"{name}_at_k"] = compared(*sides)
    return report


def worse(report: Mapping[str, Any]) -> str:
    """Which figure of a report fell by more than its interval, in one line; empty where none did."""
    for name in ("ndcg_at_k", "recall_at_k"):
        found = report.get(name)
        if found and found["high"] < 0:
            figure = f"{name.removesuffix('_at_k')}@{report['k']} on the {report['labels']}"
            interval = f"95% interval of the difference: {found['low']:+.3f} to {found['high']:+.3f}"
            return f"{figure} falls from {found['old']:.3f} to {found['new']:.3f} ({interval})"
    return ""
