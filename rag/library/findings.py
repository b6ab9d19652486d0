"""What files say of themselves, added to their assets once they are indexed. Each function takes a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from rag.batching import in_batches
from rag.library.rows import KEYS_PER_QUERY, load_assets, named, part_rows
from rag.library.tables import asset_tags, assets, captions
from rag.library.transactions import Row
from rag.model import Asset, AssetRef, Found


def merged(asset: Asset, found: Found) -> Asset:
    """The asset with what was found in its file. What its source said stands first; nothing stands twice."""
    texts = {(caption.text, caption.locator) for caption in asset.captions}
    more = tuple(caption for caption in found.captions if (caption.text, caption.locator) not in texts)
    return replace(
        asset,
        captions=(*asset.captions, *dict.fromkeys(more)),
        tags=tuple(dict.fromkeys((*asset.tags, *found.tags))),
        captured_at=asset.captured_at or found.captured_at,
        camera=asset.camera or found.camera,
        source=asset.source or found.source,
        licence=asset.licence or found.licence,
        personal={**found.personal, **asset.personal},
    )


def add(connection: Connection, found: Mapping[AssetRef, Found]) -> None:
    """Record what was found in files. Calling twice adds nothing the second time."""
    for refs in in_batches(found, KEYS_PER_QUERY):
        for asset in load_assets(connection, select(assets).where(named(assets, refs))):
            richer = merged(asset, found[asset.ref])
            if richer != asset:
                _replace(connection, asset, richer)


def _replace(connection: Connection, asset: Asset, richer: Asset) -> None:
    own = {name: getattr(richer, name) for name in ("captured_at", "camera", "source", "licence", "personal")}
    connection.execute(update(assets).where(named(assets, [asset.ref])).values(**own))
    rows = list(part_rows(richer))
    for table, changed in ((captions, richer.captions != asset.captions), (asset_tags, richer.tags != asset.tags)):
        if changed:
            _rewrite(connection, table, asset.ref, [row for of, row in rows if of is table])


def _rewrite(connection: Connection, table: Table, ref: AssetRef, rows: list[Row]) -> None:
    connection.execute(delete(table).where(named(table, [ref])))
    statement: Any = insert(table)
    connection.execute(statement, rows)
