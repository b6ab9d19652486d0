"""Who may see what, as a filter. It is part of every query and never applied to results afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import NotFound
from rag.model import Actor, And, AnyOf, Eq, Filter, Missing, Moderation, Not, Or


def readable_libraries(actor: Actor, wanted: Sequence[str], existing: Sequence[str]) -> list[str]:
    """The libraries to search: those wanted, or all that the actor may read.

    Args:
        existing: the libraries that `actor` may read.

    Raises:
        NotFound: one that is wanted does not exist, or is not for this actor; the two are not told apart.
    """
    for name in wanted:
        if name not in existing:
            known = f"you may read: {', '.join(existing)}" if existing else "nothing has been ingested yet"
            raise NotFound(f"there is no library {name!r}; {known}")
    return list(wanted) if wanted else list(existing)


def visible_to(actor: Actor, libraries: Sequence[str]) -> Filter:
    """Points of `libraries` that the actor may see: open ones and those of the actor's groups, unless blocked."""
    open_to_actor = Or((Missing("access_groups"), AnyOf("access_groups", tuple(sorted(actor.groups)))))
    conditions: list[Filter] = [AnyOf("library", tuple(libraries))]
    if not actor.has():
        conditions.append(open_to_actor)
    if not actor.has("editor"):
        conditions.append(Not(Eq("moderation", Moderation.BLOCKED.value)))
    return And(tuple(conditions))
