"""Tags that classifications gave. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, and_, delete, select

from rag.library.columns import storable
from rag.library.rights import visible_to
from rag.library.rows import KEYS_PER_QUERY, in_turn, load_assets, named, ref_of
from rag.library.tables import assets, generated_tags
from rag.library.transactions import Row, insert_new
from rag.model import Actor, Asset, AssetRef, AssetState, GeneratedTag


def add(connection: Connection, actor: Actor, tags: Mapping[AssetRef, Sequence[GeneratedTag]]) -> list[AssetRef]:
    changed: set[AssetRef] = set()
    for some in in_turn(list(tags)):
        wanted = named(assets, some), visible_to(actor), assets.c.state == AssetState.INDEXED
        # Locked, so that no deletion takes an asset away between this look and the insert.
        found = load_assets(connection, select(assets).where(*wanted).with_for_update())
        rows = [row for asset in found for row in _missing(asset, tags[asset.ref])]
        inserted = insert_new(connection, generated_tags, sorted(rows, key=str))
        changed |= {ref for ref in some if any(key[:2] == (ref.library, ref.asset_id) for key in inserted)}
    return [ref for ref in tags if ref in changed]


def _missing(asset: Asset, tags: Sequence[GeneratedTag]) -> list[Row]:
    there = set(asset.all_tags)
    by_name = {storable(tag.name): tag for tag in tags}
    return [
        {
            "library": asset.library,
            "asset_id": asset.id,
            "name": name,
            "confidence": tag.confidence,
            "event": tag.event,
        }
        for name, tag in by_name.items()
        if name not in there
    ]


def remove(connection: Connection, actor: Actor, library: str, name: str, limit: int) -> list[AssetRef]:
    """Rows of `generated_tags` only."""
    tagged = and_(
        generated_tags.c.library == assets.c.library,
        generated_tags.c.asset_id == assets.c.asset_id,
        generated_tags.c.name == name,
    )
    chosen = select(assets.c.library, assets.c.asset_id).join(generated_tags, tagged)
    shown = chosen.where(assets.c.library == library, visible_to(actor)).order_by(assets.c.asset_id)
    refs = [ref_of(row) for row in connection.execute(shown.limit(min(limit, KEYS_PER_QUERY))).mappings()]
    if refs:
        connection.execute(delete(generated_tags).where(named(generated_tags, refs), generated_tags.c.name == name))
    return refs
