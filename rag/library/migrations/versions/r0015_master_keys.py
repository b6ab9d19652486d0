"""Which master key the ledger's subjects' keys are wrapped with, since another one may take its place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("ledger_erasures", sa.Column("master", sa.Text()))


def downgrade() -> None:
    op.drop_column("ledger_erasures", "master")
