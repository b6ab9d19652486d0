"""Which events of the ledger tell of a job's beginning and end, so that each is recorded once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("begun_event", sa.BigInteger()))
    op.add_column("jobs", sa.Column("done_event", sa.BigInteger()))
    op.add_column("jobs", sa.Column("taken_at", sa.DateTime(timezone=True)))
    untold = sa.text("begun_event IS NOT NULL AND done_event IS NULL")
    op.create_index("ix_jobs_untold", "jobs", ["id"], sqlite_where=untold, postgresql_where=untold)
