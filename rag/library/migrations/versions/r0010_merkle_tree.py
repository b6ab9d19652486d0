"""The ledger's Merkle tree, its checkpoints, and a key for each subject, so that it can be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
KEPT = ("seq", "at", "kind", "library", "commitment", "previous", "hash", "v")


def upgrade() -> None:
    op.add_column("events", sa.Column("v", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("events", sa.Column("sealed", sa.LargeBinary()))
    op.create_index("ix_events_actor_seq", "events", ["actor", "seq"])
    early = sa.text("sealed IS NULL")
    op.create_index("ix_events_early", "events", ["seq"], sqlite_where=early, postgresql_where=early)
    _tree()
    _subjects()
    if op.get_bind().dialect.name == "postgresql":
        _allow_sealing_on_postgresql()
    else:
        _allow_sealing_on_sqlite()


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, SERIAL, autoincrement=False, nullable=nullable)


def _tree() -> None:
    op.create_table(
        "ledger_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        _number("number"),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_ledger_tiles"),
    )
    op.create_table(
        "ledger_checkpoints",
        _number("size"),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", WHEN),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("size", name="pk_ledger_checkpoints"),
    )
    op.create_table(
        "ledger_signers",
        _number("number"),
        sa.Column("at", WHEN, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("key", "endorsement")),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_signers"),
        sa.UniqueConstraint("key", name="uq_ledger_signers_key"),
    )


def _subjects() -> None:
    op.create_table(
        "ledger_subjects",
        _number("id"),
        sa.Column("name", sa.Text()),
        sa.Column("key", sa.LargeBinary()),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("erased_at", WHEN),
        _number("erased_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_subjects"),
        sa.UniqueConstraint("name", name="uq_ledger_subjects_name"),
    )
    counter = op.create_table(
        "ledger_erasures",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _number("count"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_erasures"),
    )
    op.bulk_insert(counter, [{"id": 1, "count": 0}])


# An event from before may be sealed, once: what is hashed stays, and body, salt and actor become unreadable.


def _allow_sealing_on_sqlite() -> None:
    op.execute("DROP TRIGGER events_no_update")
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)
    op.execute(
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events "
        "WHEN NOT (OLD.sealed IS NULL AND NEW.sealed IS NOT NULL AND OLD.salt IS NOT NULL AND NEW.salt IS NULL "
        f"AND {same}) BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )


def _allow_sealing_on_postgresql() -> None:
    op.execute("DROP TRIGGER events_no_update ON events")
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)
    op.execute(
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW "
        "WHEN (NOT (OLD.sealed IS NULL AND NEW.sealed IS NOT NULL AND OLD.salt IS NOT NULL AND NEW.salt IS NULL "
        f"AND {same})) EXECUTE FUNCTION refuse_to_change_events()"
    )
