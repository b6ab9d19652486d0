"""What auditors find events by, review and collect: all of it read out of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _entries()
    _visuals()
    op.create_table(
        "audit_progress",
        *_texts("name", "rules"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_progress"),
    )
    op.create_table(
        "audit_reviews",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        *_texts("reviewer", "verdict", "comment", "grades", "remarks"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_reviews"),
    )
    op.create_index("ix_audit_reviews_event", "audit_reviews", ["event"])
    op.create_table(
        "audit_cases",
        *_texts("name"),
        sa.Column("event", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("name", "event", name="pk_audit_cases"),
    )


def _entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", WHEN, nullable=False),
        *_texts("kind", "actor", "library", "door", "text", "summary", "model", "prompt", "prompt_hash", "encoder"),
        sa.Column("belongs_to", sa.BigInteger()),
        *_texts("conversation", "risks"),
        sa.Column("relevance", sa.Float()),
        *_numbers("evidence", "dropped", "removed", "unsupported", "withheld"),
        sa.Column("abstained", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_entries"),
    )
    for columns in (
        ["at"],
        ["belongs_to"],
        ["kind", "seq"],
        ["actor", "seq"],
        ["conversation"],
        ["risk", "seq"],
        ["model"],
        ["prompt_hash"],
    ):
        op.create_index(f"ix_audit_entries_{'_'.join(columns)}", "audit_entries", columns)


def _visuals() -> None:
    op.create_table(
        "audit_visuals",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        *_texts("visual", "asset_id", "role"),
        sa.Column("relevance", sa.Float()),
        sa.PrimaryKeyConstraint("seq", "visual", "role", name="pk_audit_visuals"),
        sa.ForeignKeyConstraint(["seq"], ["audit_entries.seq"], name="fk_audit_visuals_seq", ondelete="CASCADE"),
    )
    op.create_index("ix_audit_visuals_visual_seq", "audit_visuals", ["visual", "seq"])
    op.create_index("ix_audit_visuals_asset_id_seq", "audit_visuals", ["asset_id", "seq"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]
