"""Indexes of the few events that have a verdict, or abstained."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

RARE = ("removed > 0", "unsupported > 0", "withheld > 0", "stopped IS {true}", "abstained IS {true}")


def upgrade() -> None:
    true = "1" if op.get_bind().dialect.name == "sqlite" else "true"
    for condition in RARE:
        part = sa.text(condition.format(true=true))
        name = f"ix_audit_entries_{condition.split()[0]}"
        op.create_index(name, "audit_entries", ["seq"], sqlite_where=part, postgresql_where=part)
