"""How scores read as probabilities, per library and encoder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    texts = ("library", "encoder_id", "id", "weights", "held_out")
    op.create_table(
        "calibrations",
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("installed", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("visuals", "captioned")),
        sa.PrimaryKeyConstraint("library", "encoder_id", "id", name="pk_calibrations"),
        sa.ForeignKeyConstraint(["library"], ["libraries.name"], name="fk_calibrations_library"),
    )
