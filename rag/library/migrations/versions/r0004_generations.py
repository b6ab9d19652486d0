"""Encoders with the collections of their vectors: which is live, which is on its way, which was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    when = sa.DateTime(timezone=True)
    op.create_table(
        "generations",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        *_texts("encoder", "encoder_id", "collection", "state"),
        sa.Column("based_on", sa.Integer()),
        *(sa.Column(name, when, nullable=False) for name in ("created_at", "changed_at")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "total")),
        *_texts("trouble", "options", "report", "leased_by"),
        sa.Column("leased_until", when, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_generations"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
