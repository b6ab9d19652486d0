"""The ledger's tables, in the catalog's metadata.

`events`, append-only by triggers:

| column | holds |
|---|---|
| `seq` | 0, 1, 2, … without gaps |
| `at`, `kind`, `library`, `v` | in the leaf as they are |
| `sealed` | the event's parts, encrypted (`rag.audit.sealing`); NULL where an early event is not sealed yet |
| `actor` | the number of its subject; the name itself while the event is not sealed |
| `payload`, `salt` | body and salt while the event is not sealed; then empty and NULL |
| `commitment` | binds actor and body (`rag.audit.leaf`) |
| `previous` | `hash` of the event before |
| `hash` | leaf hash of `rag.audit.leaf.Leaf` |

The Merkle tree over `hash` in order of `seq` is in `ledger_tiles`. Erasure destroys keys in
`ledger_subjects` and touches no event: commitment, leaf, chain and every proof stay as they were.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, text

from rag.library.columns import Instant, Serial, Words
from rag.library.tables import metadata

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("kind", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("library", Words, nullable=False),
    Column("payload", Words, nullable=False),
    Column("salt", Words),
    Column("commitment", Words, nullable=False),
    Column("previous", Words, nullable=False, unique=True),
    Column("hash", Words, nullable=False, unique=True),
    Column("v", Integer, nullable=False, server_default="1"),
    Column("sealed", LargeBinary),
    Index(None, "kind", "seq"),
    Index(None, "library", "seq"),
    Index(None, "actor", "seq"),
    Index("ix_events_early", "seq", sqlite_where=text("sealed IS NULL"), postgresql_where=text("sealed IS NULL")),
)

# Hashes of 32 bytes, 256 to a tile. Level 0 has full tiles only: its last hashes are in `events`.
tiles = Table(
    "ledger_tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("size", Serial, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    # A signed note.
    Column("note", Words, nullable=False),
    Column("published_at", Instant),
    # Why it is not published yet.
    Column("problem", Words),
)

# The keys that signed, in order. Each but the first is endorsed by one before it, in a signed note.
signers = Table(
    "ledger_signers",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("key", Words, nullable=False, unique=True),
    Column("endorsement", Words, nullable=False),
)

# Whom or what parts of events are about. `name` and `key` (wrapped by the master key) are NULL once erased.
subjects = Table(
    "ledger_subjects",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=False),
    Column("name", Words, unique=True),
    Column("key", LargeBinary),
    Column("made_at", Instant, nullable=False),
    Column("erased_at", Instant),
    # The event that records the erasure.
    Column("erased_by", Serial),
)

# One row: how often something was erased, so that processes know when to forget the keys that they hold; and the id
# (`rag.audit.subjects.master_id`) of the master key that `ledger_subjects` is wrapped with: NULL for the first one.
erasures = Table(
    "ledger_erasures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("count", Serial, nullable=False),
    Column("master", Words),
)

# How many days what is recorded of a library is kept; without a row for ever.
retention = Table(
    "ledger_retention",
    metadata,
    Column("library", Words, primary_key=True),
    Column("days", Integer, nullable=False),
)

# What must not be erased: all that was recorded of `library`, or the events from `first` to `last`.
holds = Table(
    "ledger_holds",
    metadata,
    Column("name", Words, primary_key=True),
    Column("library", Words),
    Column("first", Serial),
    Column("last", Serial),
    Column("placed_at", Instant, nullable=False),
)
