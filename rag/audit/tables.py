"""The ledger's table, in the catalog's metadata.

| column | holds |
|---|---|
| `seq` | 0, 1, 2, … without gaps |
| `at`, `kind`, `library` | in the leaf as they are |
| `actor`, `payload` | in the leaf only through `commitment`; `payload` is the body as canonical JSON |
| `salt` | 32 hex digits, random; makes the commitment tell nothing once it is gone |
| `commitment` | SHA-256 over salt, actor and payload |
| `previous` | `hash` of the event before |
| `hash` | RFC 6962 leaf hash of `rag.audit.leaf.leaf_bytes` |

What is to come needs no other columns: a Merkle tree takes `hash` in order of `seq` as its
leaf hashes. Erasure sets `actor` and `payload` to encrypted or empty text and `salt` to NULL;
`commitment`, and so the leaf, every proof and the chain, stay as they were. Its migration
will narrow the triggers, which today refuse every UPDATE, DELETE and out-of-order INSERT.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

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
    Index(None, "kind", "seq"),
    Index(None, "library", "seq"),
)
