"""What an actor may see of the catalog. Each function takes a connection; rights are part of every query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from rag.errors import NotFound
from rag.library.columns import among
from rag.library.rights import readable_by, visible_to
from rag.library.rows import complete, load_assets, ref_of, visual_of
from rag.library.tables import assets, libraries, visuals
from rag.model import Actor, Asset, AssetId, AssetRef, AssetState, Coverage, Visual, VisualId

OWNER = (assets.c.library == visuals.c.library) & (assets.c.asset_id == visuals.c.asset_id)
"""Joins a visual to its asset."""

OF_A_VISUAL = [column for column in visuals.columns if column.name not in assets.columns]
"""What a visual has beside its asset's key."""


def library_names(connection: Connection, actor: Actor) -> list[str]:
    return sorted(connection.execute(_readable(actor)).scalars())


@lru_cache(maxsize=1000)
def _readable(actor: Actor) -> Select[Any]:
    return select(libraries.c.name).where(readable_by(actor, libraries.c.name))


def asset(connection: Connection, actor: Actor, ref: AssetRef) -> Asset:
    wanted = assets.c.library == ref.library, assets.c.asset_id == ref.asset_id
    found = load_assets(connection, select(assets).where(*wanted, visible_to(actor)))
    if not found:
        raise NotFound(f"there is no asset {ref}")
    return found[0]


def find_asset(connection: Connection, actor: Actor, asset_id: AssetId) -> Asset:
    wanted = select(assets).where(assets.c.asset_id == asset_id, visible_to(actor))
    found = load_assets(connection, wanted.order_by(assets.c.library).limit(1))
    if not found:
        raise NotFound(f"there is no asset {asset_id}")
    return found[0]


def page(
    connection: Connection, actor: Actor, library: str, *, state: AssetState | None, limit: int, after: str
) -> list[Asset]:
    wanted = select(assets).where(assets.c.library == library, assets.c.asset_id > after, visible_to(actor))
    if state is not None:
        wanted = wanted.where(assets.c.state == state)
    return load_assets(connection, wanted.order_by(assets.c.asset_id).limit(limit))


def visuals_by_id(
    connection: Connection, actor: Actor, ids: Sequence[VisualId]
) -> dict[VisualId, tuple[Visual, Asset]]:
    rows = connection.execute(_with_owners(actor, connection.dialect.name), {"ids": ids}).mappings().all()
    owners = {owner.ref: owner for owner in complete(connection, list({ref_of(row): row for row in rows}.values()))}
    found = {visual.id: (visual, owners[visual.asset_ref]) for visual in map(visual_of, rows)}
    return {visual_id: found[visual_id] for visual_id in ids if visual_id in found}


def seen(connection: Connection, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, AssetRef]:
    rows = connection.execute(_owners_alone(actor, connection.dialect.name), {"ids": ids})
    return {VisualId(id_): AssetRef(library, AssetId(asset_id)) for id_, library, asset_id in rows.all()}


# Every search asks these two; to build one and to find its compiled form takes longer than the look-ups themselves.


@lru_cache(maxsize=1000)
def _with_owners(actor: Actor, dialect: str) -> Select[Any]:
    """Rows of `assets` with `OF_A_VISUAL`, of those visuals among the parameter `ids` that `actor` may see."""
    chosen = select(assets, *OF_A_VISUAL).join(visuals, OWNER)
    return chosen.where(among(visuals.c.id, "ids", dialect), visible_to(actor))


@lru_cache(maxsize=1000)
def _owners_alone(actor: Actor, dialect: str) -> Select[Any]:
    """As `_with_owners`, with no more than the ids of visuals and the keys of assets."""
    chosen = select(visuals.c.id, assets.c.library, assets.c.asset_id).join(assets, OWNER)
    return chosen.where(among(visuals.c.id, "ids", dialect), visible_to(actor))


def coverage(connection: Connection, actor: Actor, names: Sequence[str]) -> Coverage:
    wanted = select(assets.c.state, func.count().label("assets"), func.sum(assets.c.visual_count).label("visuals"))
    seen = [visible_to(actor), *([assets.c.library.in_(names)] if names else [])]
    found = {row.state: row for row in connection.execute(wanted.where(*seen).group_by(assets.c.state))}
    waiting = {state: found[state].assets if state in found else 0 for state in AssetState}
    return Coverage(
        searched=int(found[AssetState.INDEXED].visuals) if AssetState.INDEXED in found else 0,
        pending=waiting[AssetState.ACCEPTED],
        skipped=waiting[AssetState.SKIPPED],
        quarantined=waiting[AssetState.QUARANTINED],
    )
