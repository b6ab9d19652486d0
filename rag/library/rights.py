"""Who may see which assets, as one SQL condition. Every read of the catalog uses it.

It says of SQL what `rag.retrieval.rights` says of the vector store.
"""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, and_, false, not_, or_, select, true

from rag.library.tables import asset_groups, assets
from rag.model import ALL_LIBRARIES, Actor, AssetState, Moderation


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """True of `assets` rows that `actor` may read: open or of the actor's groups, neither blocked nor being deleted.

    Groups do not bind the owner; owners and editors also see what moderation blocked.
    """
    conditions = [readable_by(actor, assets.c.library), assets.c.state != AssetState.DELETED]
    if not actor.has():
        conditions.append(or_(not_(assets.c.restricted), _shares_a_group(actor)))
    if not actor.has("editor"):
        conditions.append(assets.c.moderation != Moderation.BLOCKED)
    return and_(*conditions)


def readable_by(actor: Actor, library: Column[str]) -> ColumnElement[bool]:
    """True of rows whose `library` is one that `actor` may read.

    Rights never choose the index, hence the empty string: SQLite would take an index by library where
    rows are named by their keys, and look at all rows of the library for ten of them.
    """
    return true() if ALL_LIBRARIES in actor.libraries else (library + "").in_(sorted(actor.libraries))


def _shares_a_group(actor: Actor) -> ColumnElement[bool]:
    if not actor.groups:
        return false()
    return (
        select(asset_groups.c.name)
        .where(
            asset_groups.c.library == assets.c.library,
            asset_groups.c.asset_id == assets.c.asset_id,
            asset_groups.c.name.in_(sorted(actor.groups)),
        )
        .exists()
    )
