"""What ingest at scale keeps: captions of single visuals, what files say of themselves, known files, cancelled jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("libraries", _flag("keep_personal"))
    op.add_column("captions", _text("locator"))
    for name, default in (("camera", ""), ("personal", "{}"), ("embedded_by", "")):
        op.add_column("assets", _text(name, default))
    op.add_column("jobs", _flag("cancelled"))
    when = sa.DateTime(timezone=True)
    op.add_column("jobs", sa.Column("touched_at", when, nullable=False, server_default="2000-01-01 00:00:00.000000"))
    _fingerprints()


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _fingerprints() -> None:
    op.create_table(
        "fingerprints",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("library", "fingerprint", "asset_id")),
        sa.PrimaryKeyConstraint("library", "fingerprint", name="pk_fingerprints"),
        sa.ForeignKeyConstraint(
            ["library", "asset_id"],
            ["assets.library", "assets.asset_id"],
            name="fk_fingerprints_library_asset_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_fingerprints_library_asset_id", "fingerprints", ["library", "asset_id"])
