"""Assets and visuals out of rows, and rows out of assets. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

from rag.batching import in_batches
from rag.library.columns import among, storable
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
    """The assets that `chosen`, a select of whole `assets` rows, finds, in its order: two queries."""
    return list(complete(connection, connection.execute(chosen).mappings().all()))


def complete(connection: Connection, rows: Sequence[RowMapping]) -> Iterator[Asset]:
    """The assets of some rows of `assets`, with what other tables have of them: one query."""
    refs = [ref_of(row) for row in rows]
    parts = _parts(connection, refs)
    for ref, row in zip(refs, rows, strict=True):
        own = parts[ref]
        yield replace(
            _bare_asset(row),
            captions=tuple(map(_caption, own[captions.name])),
            tags=tuple(part["name"] for part in own[asset_tags.name]),
            access_groups=tuple(part["name"] for part in own[asset_groups.name]),
            generated_tags=tuple(
                GeneratedTag(part["name"], part["confidence"], part["event"]) for part in own[generated_tags.name]
            ),
        )


PARTS = (captions, asset_tags, asset_groups, generated_tags)
"""Tables that have an asset's lists, in order of their position, or else of their name."""


def _parts(connection: Connection, refs: Sequence[AssetRef]) -> Mapping[AssetRef, Mapping[str, list[RowMapping]]]:
    """The rows of each of those tables by its name, read in one query: a search pays for each that it asks."""
    found: dict[AssetRef, dict[str, list[RowMapping]]] = defaultdict(lambda: defaultdict(list))
    if refs:
        keys = {"libraries": list({ref.library for ref in refs}), "ids": list({ref.asset_id for ref in refs})}
        rows = connection.execute(_all_parts(connection.dialect.name), keys).mappings().all()
        for row in sorted(rows, key=lambda row: (row["position"] or 0, row["name"] or "")):
            found[ref_of(row)][row["part"]].append(row)
    return found


@lru_cache
def _all_parts(dialect: str) -> CompoundSelect[Any]:
    """Rows of all parts whose library is among the parameter `libraries` and whose asset among `ids`."""
    return union_all(
        *(
            _part(table).where(among(table.c.library, "libraries", dialect), among(table.c.asset_id, "ids", dialect))
            for table in PARTS
        )
    )


def _part(table: Table) -> Select[Any]:
    """All of its rows, with the columns of all parts; those that it has not are null."""
    every = {column.name: column for part in PARTS for column in part.columns}
    columns = [table.c.get(name, cast(null(), column.type).label(name)) for name, column in every.items()]
    return select(literal(table.name).label("part"), *columns)


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
