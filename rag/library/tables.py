"""The catalog's tables. `rag.audit.tables` adds the ledger's to the same metadata.

An asset is named by (library, asset_id). Tags, access groups and captions stand in
tables of their own, so that one SQL expression means the same on both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from rag.library.columns import Instant, JsonText, Serial, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _asset_key() -> tuple[Column[str], Column[str]]:
    return Column("library", Words, primary_key=True), Column("asset_id", Words, primary_key=True)


def _of_an_asset() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["library", "asset_id"], ["assets.library", "assets.asset_id"], ondelete="CASCADE")


libraries = Table(
    "libraries",
    metadata,
    Column("name", Words, primary_key=True),
    Column("created_at", Instant, nullable=False),
    # True where GPS, creators and serial numbers in files are kept.
    Column("keep_personal", Boolean, nullable=False, default=False),
)

assets = Table(
    "assets",
    metadata,
    Column("library", Words, ForeignKey("libraries.name"), primary_key=True),
    Column("asset_id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("source", Words, nullable=False),
    Column("licence", Words, nullable=False),
    Column("captured_at", Instant),
    Column("accepted_at", Instant, nullable=False),
    Column("moderation", Words, nullable=False),
    Column("camera", Words, nullable=False),
    Column("personal", JsonText, nullable=False),
    Column("embedded_by", Words, nullable=False),
    # True when the asset has rows in asset_groups: spares open assets that look-up.
    Column("restricted", Boolean, nullable=False),
    # How many rows of visuals it has: every search says what it looked at, and reads that from one index.
    Column("visual_count", Integer, nullable=False),
    Index(None, "asset_id"),
    Index("ix_assets_coverage", "library", "state", "moderation", "restricted", "visual_count", "asset_id"),
)

asset_groups = Table("asset_groups", metadata, *_asset_key(), Column("name", Words, primary_key=True), _of_an_asset())

asset_tags = Table(
    "asset_tags",
    metadata,
    *_asset_key(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Words, nullable=False),
    _of_an_asset(),
)

# Tags that classifications gave: in a table of their own, so that none is ever taken for a person's.
generated_tags = Table(
    "generated_tags",
    metadata,
    *_asset_key(),
    Column("name", Words, primary_key=True),
    Column("confidence", Float, nullable=False),
    # The ledger's number of the classification.
    Column("event", BigInteger, nullable=False),
    Index(None, "library", "name"),
    _of_an_asset(),
)

captions = Table(
    "captions",
    metadata,
    *_asset_key(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("text", Words, nullable=False),
    Column("origin", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("locator", Words, nullable=False),
    _of_an_asset(),
)

# Drafts of captions and alt texts. What is approved stands in `captions` as well, of origin `generated`.
caption_drafts = Table(
    "caption_drafts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("library", Words, nullable=False),
    Column("asset_id", Words, nullable=False),
    Column("locator", Words, nullable=False),
    Column("visual", Words, nullable=False),
    Column("form", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("composer", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("drafted", Words, nullable=False),
    Column("decorative", Boolean, nullable=False),
    # {"used": [{visual, text, relevance, origin, language}]}
    Column("examples", JsonText, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("created_by", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_by", Words, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("reason", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Index(None, "library", "asset_id"),
    Index(None, "visual", "form"),
    _of_an_asset(),
)

# What happened to each, step by step.
caption_steps = Table(
    "caption_steps",
    metadata,
    Column("draft", Words, ForeignKey("caption_drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("state", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("difference", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

visuals = Table(
    "visuals",
    metadata,
    Column("id", Words, primary_key=True),
    Column("library", Words, nullable=False),
    Column("asset_id", Words, nullable=False),
    Column("locator", Words, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("perceptual_hash", Words, nullable=False),
    UniqueConstraint("library", "asset_id", "locator"),
    _of_an_asset(),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Words, primary_key=True),
    Column("library", Words, ForeignKey("libraries.name"), nullable=False),
    Column("actor", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    # When files were handed in last: a job that nobody hands files in to any more was abandoned.
    Column("touched_at", Instant, nullable=False),
    # The ledger's numbers of its beginning, or of its last retry, and of its end; who records that end took it when.
    Column("begun_event", BigInteger),
    Column("done_event", BigInteger),
    Column("taken_at", Instant),
)

# Jobs whose end is still to be recorded: few, however many there were.
Index(
    "ix_jobs_untold",
    jobs.c.id,
    sqlite_where=jobs.c.begun_event.is_not(None) & jobs.c.done_event.is_(None),
    postgresql_where=jobs.c.begun_event.is_not(None) & jobs.c.done_event.is_(None),
)

job_items = Table(
    "job_items",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("job_id", Words, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("asset_id", Words),
    Column("reason", Words, nullable=False),
    Column("known", Boolean, nullable=False),
)

# Files as their source knows them, so that a second run reads only what is new or changed.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("library", Words, primary_key=True),
    Column("fingerprint", Words, primary_key=True),
    Column("asset_id", Words, nullable=False),
    Index(None, "library", "asset_id"),
    _of_an_asset(),
)

outbox = Table(
    "outbox",
    metadata,
    *_asset_key(),
    Column("added_at", Instant, nullable=False, index=True),
    Column("sent_at", Instant),
    _of_an_asset(),
)

# Every fit is kept: the ledger names the one that a retrieval was ranked by.
calibrations = Table(
    "calibrations",
    metadata,
    Column("library", Words, ForeignKey("libraries.name"), primary_key=True),
    Column("encoder_id", Words, primary_key=True),
    Column("id", Words, primary_key=True),
    Column("fitted_at", Instant, nullable=False),
    Column("installed", Boolean, nullable=False),
    Column("visuals", Integer, nullable=False),
    Column("captioned", Integer, nullable=False),
    Column("weights", JsonText, nullable=False),
    Column("held_out", JsonText, nullable=False),
)

canaries = Table(
    "canaries",
    metadata,
    Column("encoder_id", Words, primary_key=True),
    Column("vector", LargeBinary, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

# Encoders with the collections of their vectors; see rag.model.Generation.
generations = Table(
    "generations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("encoder", Words, nullable=False),
    Column("encoder_id", Words, nullable=False),
    Column("collection", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("based_on", Integer),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("trouble", Words, nullable=False),
    # JSON, as is the report.
    Column("options", Words, nullable=False),
    Column("report", Words, nullable=False),
    # Which process works on it, and until when it is believed to.
    Column("leased_by", Words, nullable=False),
    Column("leased_until", Instant, nullable=False),
)

# What people asked before; each is its actor's alone.
conversations = Table(
    "conversations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("actor", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index(None, "actor", "changed_at"),
)

conversation_turns = Table(
    "conversation_turns",
    metadata,
    Column("conversation", Words, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("question", Words, nullable=False),
    Column("standalone", Words, nullable=False),
    Column("answer", Words, nullable=False),
    # The ledger's numbers, as JSON.
    Column("events", JsonText, nullable=False),
    Column("abstained", Boolean, nullable=False),
)

# What policies found: an asset has at most one entry a category.
moderation_entries = Table(
    "moderation_entries",
    metadata,
    Column("id", Words, primary_key=True),
    *(Column(name, Words, nullable=False) for name in ("library", "asset_id", "category", "visual", "locator")),
    Column("score", Float, nullable=False),
    Column("margin", Float, nullable=False),
    # Its rank, so that it sorts.
    Column("severity", Integer, nullable=False),
    Column("review", Boolean, nullable=False),
    *(Column(name, Words, nullable=False) for name in ("action", "meanwhile", "reason")),
    Column("scores", JsonText, nullable=False),
    *(Column(name, Words, nullable=False) for name in ("policy", "policy_hash", "encoder_id", "state")),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("claimed_by", Words, nullable=False),
    Column("claimed_at", Instant),
    Column("decision", Words),
    Column("decided_by", Words, nullable=False),
    Column("decided_at", Instant),
    Column("comment", Words, nullable=False),
    Column("event", BigInteger, nullable=False),
    Index(None, "library", "asset_id"),
    Index("ix_moderation_entries_queue", "state", "severity", "margin"),
    _of_an_asset(),
)

# Every decision is kept: thresholds are calibrated on them.
moderation_decisions = Table(
    "moderation_decisions",
    metadata,
    Column("id", Serial, primary_key=True),
    *(Column(name, Words, nullable=False) for name in ("entry", "library", "asset_id", "category")),
    Column("score", Float, nullable=False),
    *(Column(name, Words, nullable=False) for name in ("automatic", "before", "decision", "decided_by")),
    Column("decided_at", Instant, nullable=False),
    *(Column(name, Words, nullable=False) for name in ("comment", "policy_hash", "encoder_id")),
    Column("event", BigInteger, nullable=False),
    Index(None, "library", "asset_id"),
    Index(None, "policy_hash", "encoder_id"),
    _of_an_asset(),
)

# By which rules an asset was checked last.
moderation_checks = Table(
    "moderation_checks",
    metadata,
    *_asset_key(),
    *(Column(name, Words, nullable=False) for name in ("rules", "policy", "policy_hash", "encoder_id")),
    Column("checked_at", Instant, nullable=False),
    _of_an_asset(),
)

moderation_fits = Table(
    "moderation_fits",
    metadata,
    Column("id", Words, primary_key=True),
    Column("policy_hash", Words, nullable=False),
    Column("encoder_id", Words, nullable=False),
    Column("thresholds", JsonText, nullable=False),
    Column("held_out", JsonText, nullable=False),
    Column("decisions", Integer, nullable=False),
    Column("installed", Boolean, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("fitted_at", Instant, nullable=False),
)
