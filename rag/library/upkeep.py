"""Everything in the catalog, for those who keep it in order. Each function takes a connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, tuple_

from rag.batching import in_batches
from rag.library.rows import KEYS_PER_QUERY, in_turn, load_assets, named, ref_of, visual_of
from rag.library.tables import assets, visuals
from rag.model import Asset, AssetId, AssetRef, AssetState, Visual, VisualId


def every_asset(connection: Connection, limit: int, after: AssetRef | None) -> list[Asset]:
    key = assets.c.library, assets.c.asset_id
    chosen = select(assets).order_by(*key).limit(limit)
    if after is not None:
        chosen = chosen.where(tuple_(*key) > (after.library, after.asset_id))
    return load_assets(connection, chosen)


def states(connection: Connection, refs: Sequence[AssetRef]) -> dict[AssetRef, AssetState]:
    found: dict[AssetRef, AssetState] = {}
    for some in in_turn(refs):
        chosen = select(assets.c.library, assets.c.asset_id, assets.c.state).where(named(assets, some))
        found |= {ref_of(row): AssetState(row["state"]) for row in connection.execute(chosen).mappings()}
    return found


def visuals_of(connection: Connection, refs: Sequence[AssetRef]) -> list[Visual]:
    order = visuals.c.library, visuals.c.asset_id, visuals.c.locator
    found: list[Visual] = []
    for some in in_turn(refs):
        rows = connection.execute(select(visuals).where(named(visuals, some)).order_by(*order)).mappings()
        found += [visual_of(row) for row in rows]
    return found


def known_visuals(connection: Connection, ids: Sequence[VisualId]) -> set[VisualId]:
    owned = (visuals.c.library == assets.c.library) & (visuals.c.asset_id == assets.c.asset_id)
    known: set[VisualId] = set()
    for some in in_batches(ids, KEYS_PER_QUERY):
        chosen = select(visuals.c.id).join(assets, owned)
        rows = connection.execute(chosen.where(visuals.c.id.in_(some), assets.c.state == AssetState.INDEXED))
        known |= {VisualId(row.id) for row in rows}
    return known


def unknown_assets(connection: Connection, ids: Sequence[AssetId]) -> list[AssetId]:
    known: set[str] = set()
    for some in in_batches(ids, KEYS_PER_QUERY):
        known |= set(connection.execute(select(assets.c.asset_id).where(assets.c.asset_id.in_(some))).scalars())
    return [one for one in ids if one not in known]
