"""The catalog and the ledger."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _libraries()
    _assets()
    _parts_of_assets()
    _visuals()
    _jobs()
    _outbox()
    _canaries()
    _events()
    refuse = _refuse_on_postgresql if op.get_context().dialect.name == "postgresql" else _refuse_on_sqlite
    refuse()


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _asset(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["library", "asset_id"],
        ["assets.library", "assets.asset_id"],
        name=f"fk_{table}_library_asset_id",
        ondelete="CASCADE",
    )


def _library(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["library"], ["libraries.name"], name=f"fk_{table}_library")


def _libraries() -> None:
    op.create_table(
        "libraries", _text("name"), sa.Column("created_at", WHEN, nullable=False), _key("libraries", "name")
    )


def _assets() -> None:
    op.create_table(
        "assets",
        *(_text(name) for name in ("library", "asset_id", "name", "media_type")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("state"),
        _text("reason"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("source"),
        _text("licence"),
        sa.Column("captured_at", WHEN),
        sa.Column("accepted_at", WHEN, nullable=False),
        _text("moderation"),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("visual_count", sa.Integer(), nullable=False),
        _key("assets", "library", "asset_id"),
        _library("assets"),
    )
    op.create_index("ix_assets_asset_id", "assets", ["asset_id"])
    counted = ["library", "state", "moderation", "restricted", "visual_count"]
    op.create_index("ix_assets_coverage", "assets", counted)


def _parts_of_assets() -> None:
    _part("asset_groups", _key("asset_groups", "library", "asset_id", "name"), _text("name"))
    _part("asset_tags", _key("asset_tags", "library", "asset_id", "position"), _position(), _text("name"))
    words = (_text(name) for name in ("text", "origin", "status", "language"))
    _part("captions", _key("captions", "library", "asset_id", "position"), _position(), *words)


def _position() -> sa.Column[int]:
    return sa.Column("position", sa.Integer(), autoincrement=False, nullable=False)


def _part(table: str, key: sa.PrimaryKeyConstraint, *columns: sa.Column[Any]) -> None:
    op.create_table(table, _text("library"), _text("asset_id"), *columns, key, _asset(table))


def _visuals() -> None:
    op.create_table(
        "visuals",
        *(_text(name) for name in ("id", "library", "asset_id", "locator")),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        _text("perceptual_hash"),
        _key("visuals", "id"),
        sa.UniqueConstraint("library", "asset_id", "locator", name="uq_visuals_library_asset_id_locator"),
        _asset("visuals"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        *(_text(name) for name in ("id", "library", "actor")),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        _key("jobs", "id"),
        _library("jobs"),
    )
    op.create_table(
        "job_items",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        _text("job_id"),
        _text("name"),
        _text("asset_id", nullable=True),
        _text("reason"),
        sa.Column("known", sa.Boolean(), nullable=False),
        _key("job_items", "id"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_items_job_id", ondelete="CASCADE"),
    )
    op.create_index("ix_job_items_job_id", "job_items", ["job_id"])


def _outbox() -> None:
    times = sa.Column("added_at", WHEN, nullable=False), sa.Column("sent_at", WHEN)
    _part("outbox", _key("outbox", "library", "asset_id"), *times)
    op.create_index("ix_outbox_added_at", "outbox", ["added_at"])


def _canaries() -> None:
    op.create_table(
        "canaries",
        _text("encoder_id"),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", WHEN, nullable=False),
        _key("canaries", "encoder_id"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        *(_text(name) for name in ("kind", "actor", "library", "payload")),
        _text("salt", nullable=True),
        *(_text(name) for name in ("commitment", "previous", "hash")),
        _key("events", "seq"),
        sa.UniqueConstraint("previous", name="uq_events_previous"),
        sa.UniqueConstraint("hash", name="uq_events_hash"),
    )
    op.create_index("ix_events_at", "events", ["at"])
    op.create_index("ix_events_kind_seq", "events", ["kind", "seq"])
    op.create_index("ix_events_library_seq", "events", ["library", "seq"])


def _refuse_on_sqlite() -> None:
    refusal = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    op.execute(f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events {refusal}")
    op.execute(f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events {refusal}")
    following = "NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM events)"
    op.execute(f"CREATE TRIGGER events_in_order BEFORE INSERT ON events WHEN {following} {refusal}")


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_events_out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM events) THEN "
        "RAISE EXCEPTION 'the ledger is append-only'; END IF; RETURN NEW; END $$"
    )
    refuse = "EXECUTE FUNCTION refuse_to_change_events()"
    op.execute(f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT {refuse}")
    op.execute(
        "CREATE TRIGGER events_in_order BEFORE INSERT ON events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_events_out_of_order()"
    )
