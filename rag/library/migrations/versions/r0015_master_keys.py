"""Which master key the ledger's subjects' keys are wrapped with, since another one may take its place.

And on PostgreSQL what is sealed is not compressed any more: ciphertext does not get smaller, and trying took half of an
INSERT's time. Rows that are there stay as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("ledger_erasures", sa.Column("master", sa.Text()))
    _store_sealed("EXTERNAL")


def downgrade() -> None:
    op.drop_column("ledger_erasures", "master")
    _store_sealed("EXTENDED")


def _store_sealed(how: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE events ALTER COLUMN sealed SET STORAGE {how}")
