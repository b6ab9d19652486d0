"""Tags that classifications gave, apart from those of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "generated_tags",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("library", "asset_id", "name")),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("library", "asset_id", "name", name="pk_generated_tags"),
        sa.ForeignKeyConstraint(
            ["library", "asset_id"],
            ["assets.library", "assets.asset_id"],
            name="fk_generated_tags_library_asset_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_generated_tags_library_name", "generated_tags", ["library", "name"])
