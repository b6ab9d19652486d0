"""What policies found, what people decided about it, by which rules assets were checked, and fitted thresholds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _entries()
    _decisions()
    _checks_and_fits()


def _entries() -> None:
    op.create_table(
        "moderation_entries",
        sa.Column("id", sa.Text(), nullable=False),
        *_words("library", "asset_id", "category", "visual", "locator"),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        *_words("action", "meanwhile", "reason", "scores", "policy", "policy_hash", "encoder_id", "state"),
        _instant("created_at", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_words("claimed_by"),
        _instant("claimed_at"),
        sa.Column("decision", sa.Text()),
        *_words("decided_by"),
        _instant("decided_at"),
        *_words("comment"),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_entries"),
        _of_an_asset("moderation_entries"),
    )
    op.create_index("ix_moderation_entries_library_asset_id", "moderation_entries", ["library", "asset_id"])
    op.create_index("ix_moderation_entries_queue", "moderation_entries", ["state", "severity", "margin"])


def _decisions() -> None:
    op.create_table(
        "moderation_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        *_words("entry", "library", "asset_id", "category"),
        sa.Column("score", sa.Float(), nullable=False),
        *_words("automatic", "before", "decision", "decided_by"),
        _instant("decided_at", nullable=False),
        *_words("comment", "policy_hash", "encoder_id"),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_decisions"),
        _of_an_asset("moderation_decisions"),
    )
    op.create_index("ix_moderation_decisions_library_asset_id", "moderation_decisions", ["library", "asset_id"])
    by_policy = ["policy_hash", "encoder_id"]
    op.create_index("ix_moderation_decisions_policy_hash_encoder_id", "moderation_decisions", by_policy)


def _checks_and_fits() -> None:
    op.create_table(
        "moderation_checks",
        *_words("library", "asset_id", "rules", "policy", "policy_hash", "encoder_id"),
        _instant("checked_at", nullable=False),
        sa.PrimaryKeyConstraint("library", "asset_id", name="pk_moderation_checks"),
        _of_an_asset("moderation_checks"),
    )
    op.create_table(
        "moderation_fits",
        *_words("id", "policy_hash", "encoder_id", "thresholds", "held_out"),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("installed", sa.Boolean(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        _instant("fitted_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_fits"),
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_an_asset(table: str) -> sa.ForeignKeyConstraint:
    key = ["library", "asset_id"]
    owner = ["assets.library", "assets.asset_id"]
    return sa.ForeignKeyConstraint(key, owner, name=f"fk_{table}_library_asset_id", ondelete="CASCADE")
