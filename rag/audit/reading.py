"""Retrieval events back into values: what was asked, and the filter that it was asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rag.audit.recording import query_json
from rag.model import And, AnyOf, Between, Channel, Coverage, Eq, Event, Filter, Json, Missing, Not, Or, Part, Query

NOT_COMPARED = ("top_k", "libraries")


def query_of(event: Event) -> Query:
    """What a retrieval event says was asked, without the bytes of its pictures."""
    asked = event.body["query"]
    return Query(
        text=asked["text"],
        libraries=tuple(asked["libraries"]),
        top_k=asked["top_k"],
        where=filter_of(asked["where"]),
        wanted=tuple(_part(part) for part in asked["wanted"]),
        unwanted=tuple(_part(part) for part in asked["unwanted"]),
        phrases=tuple(asked["phrases"]),
        channels=tuple(Channel(name) for name in asked["channels"]),
        diversity=float(asked["diversity"]),
        per_asset=asked["per_asset"],
    )


def differences(query: Query, event: Event) -> list[str]:
    """In which fields a query differs from what an event recorded; how many hits are asked for does not count."""
    recorded = query_json(query_of(event))
    fields = [name for name, value in query_json(query).items() if name not in NOT_COMPARED and value != recorded[name]]
    if query.libraries and set(query.libraries) != set(recorded["libraries"]):
        fields.append("libraries")
    return fields


def coverage_of(event: Event) -> Coverage:
    return Coverage(**event.body["coverage"])


def filter_of(said: Json | None) -> Filter | None:
    """The filter that `filter_json` wrote."""
    return None if said is None else _READERS[said["op"]](said)


def _some(said: Json) -> Filter:
    found = filter_of(said)
    assert found is not None
    return found


def _end(value: Any) -> float | datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _part(said: Json) -> Part:
    return Part(**said)


_READERS: Mapping[str, Callable[[Json], Filter]] = {
    "And": lambda said: And(tuple(_some(one) for one in said["filters"])),
    "Or": lambda said: Or(tuple(_some(one) for one in said["filters"])),
    "Not": lambda said: Not(_some(said["filter"])),
    "Eq": lambda said: Eq(said["field"], said["value"]),
    "AnyOf": lambda said: AnyOf(said["field"], tuple(said["values"])),
    "Between": lambda said: Between(said["field"], _end(said["low"]), _end(said["high"])),
    "Missing": lambda said: Missing(said["field"]),
}
