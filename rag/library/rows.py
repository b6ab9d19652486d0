"""Assets and visuals out of rows, and rows out of assets. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, or_, select

from rag.batching import in_batches
from rag.library.columns import storable
from rag.library.tables import asset_groups, asset_tags, captions, generated_tags
from rag.library.transactions import Row
from rag.model import (
    Asset,
    AssetId,
    AssetRef,
    AssetState,
    Caption,
    CaptionOrigin,
    CaptionStatus,
    GeneratedTag,
    Moderation,
    Visual,
    VisualId,
)

KEYS_PER_QUERY = 400
"""Below the 999 variables that old builds of SQLite allow."""


def named(table: Table, refs: Sequence[AssetRef]) -> ColumnElement[bool]:
    """True of the rows of `table` that belong to one of `refs`: at most `KEYS_PER_QUERY` of them."""
    by_library: dict[str, list[str]] = defaultdict(list)
    for ref in refs:
        by_library[ref.library].append(ref.asset_id)
    return or_(*(and_(table.c.library == name, table.c.asset_id.in_(ids)) for name, ids in by_library.items()))


def in_turn(refs: Sequence[AssetRef]) -> Iterator[list[AssetRef]]:
    """`refs` once each and sorted, so that two transactions never wait for each other; cut to what a query takes."""
    return in_batches(sorted(set(refs), key=str), KEYS_PER_QUERY)


def ref_of(row: RowMapping) -> AssetRef:
    return AssetRef(row["library"], AssetId(row["asset_id"]))


def load_assets(connection: Connection, chosen: Select[Any]) -> list[Asset]:
    """The assets that `chosen`, a select of whole `assets` rows, finds, in its order: five queries per batch."""
    rows = connection.execute(chosen).mappings().all()
    return [asset for batch in in_batches(rows, KEYS_PER_QUERY) for asset in _complete(connection, batch)]


def _complete(connection: Connection, rows: Sequence[RowMapping]) -> Iterator[Asset]:
    refs = [ref_of(row) for row in rows]
    texts = _parts(connection, captions, captions.c.position, refs)
    tags = _parts(connection, asset_tags, asset_tags.c.position, refs)
    groups = _parts(connection, asset_groups, asset_groups.c.name, refs)
    generated = _parts(connection, generated_tags, generated_tags.c.name, refs)
    for ref, row in zip(refs, rows, strict=True):
        yield replace(
            _bare_asset(row),
            captions=tuple(_caption(part) for part in texts[ref]),
            tags=tuple(part["name"] for part in tags[ref]),
            access_groups=tuple(part["name"] for part in groups[ref]),
            generated_tags=tuple(
                GeneratedTag(part["name"], part["confidence"], part["event"]) for part in generated[ref]
            ),
        )


def _parts(
    connection: Connection, table: Table, order: ColumnElement[Any], refs: Sequence[AssetRef]
) -> Mapping[AssetRef, list[RowMapping]]:
    found: dict[AssetRef, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(select(table).where(named(table, refs)).order_by(order)).mappings():
        found[ref_of(row)].append(row)
    return found


def _bare_asset(row: RowMapping) -> Asset:
    return Asset(
        library=row["library"],
        id=AssetId(row["asset_id"]),
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        state=AssetState(row["state"]),
        reason=row["reason"],
        attempts=row["attempts"],
        source=row["source"],
        licence=row["licence"],
        captured_at=row["captured_at"],
        accepted_at=row["accepted_at"],
        moderation=Moderation(row["moderation"]),
        camera=row["camera"],
        personal=row["personal"],
        embedded_by=row["embedded_by"],
    )


def _caption(row: RowMapping) -> Caption:
    return Caption(
        row["text"], CaptionOrigin(row["origin"]), CaptionStatus(row["status"]), row["language"], row["locator"]
    )


def visual_of(row: RowMapping) -> Visual:
    return Visual(
        id=VisualId(row["id"]),
        library=row["library"],
        asset_id=AssetId(row["asset_id"]),
        width=row["width"],
        height=row["height"],
        locator=row["locator"],
        perceptual_hash=row["perceptual_hash"],
    )


def asset_row(asset: Asset, now: datetime) -> Row:
    """A newly accepted asset: whatever state it says, it starts as accepted, with no attempt made."""
    return {
        "library": asset.library,
        "asset_id": asset.id,
        "name": asset.name,
        "media_type": asset.media_type,
        "size": asset.size,
        "state": AssetState.ACCEPTED,
        "reason": "",
        "attempts": 0,
        "source": asset.source,
        "licence": asset.licence,
        "captured_at": asset.captured_at,
        "accepted_at": asset.accepted_at or now,
        "moderation": asset.moderation,
        "camera": asset.camera,
        "personal": asset.personal,
        "embedded_by": asset.embedded_by,
        "restricted": bool(asset.access_groups),
        "visual_count": 0,
    }


def caption_row(caption: Caption) -> Row:
    return {
        "text": caption.text,
        "origin": caption.origin,
        "status": caption.status,
        "language": caption.language,
        "locator": caption.locator,
    }


def part_rows(asset: Asset) -> Iterator[tuple[Table, Row]]:
    """The rows beside the asset's own, each with its table."""
    key = {"library": asset.library, "asset_id": asset.id}
    for position, caption in enumerate(asset.captions):
        yield captions, {**key, "position": position, **caption_row(caption)}
    for position, tag in enumerate(asset.tags):
        yield asset_tags, {**key, "position": position, "name": tag}
    for group in dict.fromkeys(storable(group) for group in asset.access_groups):
        yield asset_groups, {**key, "name": group}
