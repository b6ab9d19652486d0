"""Fits of calibrations, and how much there is to fit on. Each function takes a connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, distinct, func, insert, not_, or_, select

from rag.errors import NotFound
from rag.library.tables import assets, calibrations, captions, libraries
from rag.model import AssetState, CalibrationFit, CaptionOrigin, CaptionStatus


def captioned(connection: Connection) -> dict[str, int]:
    indexed = (assets.c.library == captions.c.library) & (assets.c.asset_id == captions.c.asset_id)
    by_a_person = (captions.c.origin == CaptionOrigin.HUMAN) & (captions.c.status != CaptionStatus.REJECTED)
    by_nobody = captions.c.origin == CaptionOrigin.GENERATED  # no fit learns from what a program wrote
    searched = and_(or_(captions.c.status == CaptionStatus.APPROVED, by_a_person), not_(by_nobody))
    counted = select(captions.c.library, func.count(distinct(captions.c.asset_id)).label("assets"))
    counted = counted.join(assets, indexed).where(assets.c.state == AssetState.INDEXED, searched)
    return {row.library: row.assets for row in connection.execute(counted.group_by(captions.c.library))}


_INSTALLED = (
    select(calibrations.c.library, calibrations.c.id)
    .where(
        calibrations.c.library.in_(bindparam("libraries", expanding=True)),
        calibrations.c.encoder_id == bindparam("encoder"),
        calibrations.c.installed,
    )
    .order_by(calibrations.c.fitted_at)
)


def keep(connection: Connection, fit: CalibrationFit, now: datetime) -> None:
    if connection.execute(select(libraries.c.name).where(libraries.c.name == fit.library)).first() is None:
        raise NotFound(f"there is no library {fit.library!r}")
    row = {name: getattr(fit, name) for name in fit.__dataclass_fields__} | {"fitted_at": now}
    key = [column == row[column.name] for column in calibrations.primary_key.columns]
    connection.execute(delete(calibrations).where(*key))
    connection.execute(insert(calibrations).values(**row))


def newest_ids(connection: Connection, names: Sequence[str], encoder_id: str) -> dict[str, str]:
    rows = connection.execute(_INSTALLED, {"libraries": names, "encoder": encoder_id})
    return {row.library: row.id for row in rows}


def newest(connection: Connection, library: str, encoder_id: str, *, rejected: bool) -> CalibrationFit | None:
    chosen = _newest(select(calibrations), library, encoder_id, rejected=rejected)
    row = connection.execute(chosen).mappings().first()
    return CalibrationFit(**{str(name): value for name, value in row.items()}) if row is not None else None


def _newest(chosen: Select[Any], library: str, encoder_id: str, *, rejected: bool = False) -> Select[Any]:
    chosen = chosen.where(calibrations.c.library == library)
    if encoder_id:
        chosen = chosen.where(calibrations.c.encoder_id == encoder_id)
    if not rejected:
        chosen = chosen.where(calibrations.c.installed)
    return chosen.order_by(calibrations.c.fitted_at.desc()).limit(1)
