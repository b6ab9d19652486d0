"""The order in which a retrieval found things, told again from its event, whatever was taken out of it afterwards."""

from __future__ import annotations

from rag.auditing.entries import listed
from rag.model import Event, Json
from rag.retrieval.search import BELOW

BUDGET = "beyond the LLM's budget"
SELECTED = ("relevance ", BUDGET)
"""How the reasons begin of what was found and then not given to an answer; see `rag.answering.selecting`."""


def logged_order(event: Event) -> list[str]:
    """Visual ids, best first: the evidence, what an answer left out of it in its place, and what ranked below.

    What was left out for the budget was numbered after what was too little relevant had gone: it goes back first.
    """
    evidence, dropped = listed(event, "evidence"), listed(event, "dropped")
    order = [item["visual"] for item in sorted(evidence, key=lambda item: int(item["number"]))]
    lost = [item for item in dropped if str(item.get("reason", "")).startswith(SELECTED)]
    if any("position" not in item for item in lost):
        order = _by_relevance([*evidence, *lost])  # from before places were kept
    else:
        for wanted in (True, False):
            _put_back(order, [item for item in lost if item["reason"].startswith(BUDGET) is wanted])
    below = [item for item in dropped if item.get("reason") == BELOW and "position" in item]
    return [*order, *(item["visual"] for item in sorted(below, key=lambda item: int(item["position"])))]


def reranked_order(event: Event) -> list[str]:
    """The order before a reranker had its word, as far as its changes tell."""
    ranks = {item["visual"]: item["reranked"]["from"] for item in listed(event, "evidence") if item["reranked"]}
    order = logged_order(event)
    first = sorted((visual for visual in order if visual in ranks), key=ranks.__getitem__)
    return [*first, *(visual for visual in order if visual not in ranks)]


def _put_back(order: list[str], lost: list[Json]) -> None:
    for item in sorted(lost, key=lambda item: int(item["position"])):
        order.insert(int(item["position"]) - 1, item["visual"])


def _by_relevance(items: list[Json]) -> list[str]:
    return [item["visual"] for item in sorted(items, key=lambda item: -float(item.get("relevance") or 0.0))]
