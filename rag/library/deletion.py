"""Assets that are being removed. Each function takes the connection of a transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from rag.library.rights import visible_to
from rag.library.rows import in_turn, named, ref_of
from rag.library.tables import assets, outbox
from rag.model import Actor, AssetRef, AssetState


def begin(connection: Connection, actor: Actor, refs: Sequence[AssetRef]) -> list[AssetRef]:
    leaving: list[AssetRef] = []
    for some in in_turn(refs):
        chosen = select(assets.c.library, assets.c.asset_id).where(named(assets, some), visible_to(actor))
        going = [ref_of(row) for row in connection.execute(chosen.with_for_update()).mappings()]
        if going:
            hidden = {"state": AssetState.DELETED, "reason": "", "visual_count": 0}
            connection.execute(update(assets).where(named(assets, going)).values(**hidden))
            connection.execute(delete(outbox).where(named(outbox, going)))
        leaving += going
    return leaving


def unfinished(connection: Connection, limit: int) -> list[AssetRef]:
    chosen = select(assets.c.library, assets.c.asset_id).where(assets.c.state == AssetState.DELETED)
    return [ref_of(row) for row in connection.execute(chosen.limit(limit)).mappings()]


def finish(connection: Connection, refs: Sequence[AssetRef]) -> None:
    """What belongs to the assets goes with their rows."""
    for some in in_turn(refs):
        connection.execute(delete(assets).where(named(assets, some), assets.c.state == AssetState.DELETED))


def is_shared(connection: Connection, ref: AssetRef) -> bool:
    others = select(assets.c.library).where(assets.c.asset_id == ref.asset_id, assets.c.library != ref.library)
    return connection.execute(others.limit(1)).first() is not None
