"""How long what the ledger recorded is kept, and what must not be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ledger_retention",
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("library", name="pk_ledger_retention"),
    )
    op.create_table(
        "ledger_holds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("library", sa.Text()),
        sa.Column("first", SERIAL),
        sa.Column("last", SERIAL),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ledger_holds"),
    )
