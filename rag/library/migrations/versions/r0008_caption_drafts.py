"""Drafts of captions and alt texts, and the steps of their review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WORDS = (
    "library asset_id locator visual form text language composer state drafted examples facts created_by changed_by "
    "reason"
)


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names.split()]


def _times(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "caption_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        *_texts(WORDS),
        sa.Column("decorative", sa.Boolean(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        *_times("created_at", "changed_at"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_caption_drafts"),
        sa.ForeignKeyConstraint(
            ["library", "asset_id"],
            ["assets.library", "assets.asset_id"],
            name="fk_caption_drafts_library_asset_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_caption_drafts_library_asset_id", "caption_drafts", ["library", "asset_id"])
    op.create_index("ix_caption_drafts_visual_form", "caption_drafts", ["visual", "form"])
    op.create_table(
        "caption_steps",
        *_texts("draft state text difference actor reason"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        *_times("at"),
        sa.PrimaryKeyConstraint("draft", "revision", name="pk_caption_steps"),
        sa.ForeignKeyConstraint(["draft"], ["caption_drafts.id"], name="fk_caption_steps_draft", ondelete="CASCADE"),
    )
