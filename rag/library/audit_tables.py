"""Tables that auditors find events by, in the catalog's metadata. All of it is read out of the ledger.

Nothing here is proof of anything: it can be emptied and made anew from the ledger at any time. What may hold personal
data (`actor`, `text`, `summary`, comments) is emptied when its subject is erased.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    literal_column,
)

from rag.library.columns import Instant, JsonText, Words
from rag.library.tables import metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    *(Column(name, Words, nullable=False) for name in ("kind", "actor", "library", "door")),
    # Case-folded words to look in, and a line to show.
    Column("text", Words, nullable=False),
    Column("summary", Words, nullable=False),
    *(Column(name, Words, nullable=False) for name in ("model", "prompt", "prompt_hash", "encoder")),
    # The event that it belongs to: an answer's retrieval, a further page's first page.
    Column("belongs_to", BigInteger, index=True),
    # Its id, where it was asked in one.
    Column("conversation", Words, nullable=False),
    Column("relevance", Float),
    *(Column(name, Integer, nullable=False) for name in ("evidence", "dropped", "removed", "unsupported", "withheld")),
    *(Column(name, Boolean, nullable=False) for name in ("abstained", "stopped")),
    # How much a person should look at it, and the rules that say so, as JSON.
    Column("risk", Float, nullable=False),
    Column("risks", JsonText, nullable=False),
    Index(None, "kind", "seq"),
    Index(None, "actor", "seq"),
    Index(None, "conversation"),
    Index(None, "risk", "seq"),
    Index(None, "model"),
    Index(None, "prompt_hash"),
)


def _some(column: str) -> ColumnElement[bool]:
    """With the figure in the statement: an index of a part is used only where the statement says which part it is."""
    return audit_entries.c[column] > literal_column("0")


VERDICTS: dict[str, ColumnElement[bool]] = {
    "removed": _some("removed"),
    "unsupported": _some("unsupported"),
    "withheld": _some("withheld"),
    "stopped": audit_entries.c.stopped.is_(True),
}
"""Few events have one; each is found by an index of those that do."""

for _name, _condition in {**VERDICTS, "abstained": audit_entries.c.abstained.is_(True)}.items():
    Index(f"ix_audit_entries_{_name}", audit_entries.c.seq, sqlite_where=_condition, postgresql_where=_condition)

audit_visuals = Table(
    "audit_visuals",
    metadata,
    Column("seq", BigInteger, ForeignKey("audit_entries.seq", ondelete="CASCADE"), primary_key=True),
    Column("visual", Words, primary_key=True),
    Column("asset_id", Words, nullable=False),
    # evidence, cited, asked, example, classified or about.
    Column("role", Words, primary_key=True),
    Column("relevance", Float),
    Index(None, "visual", "seq"),
    Index(None, "asset_id", "seq"),
)

# Up to which event the tables above were filled, and by which rules.
audit_progress = Table(
    "audit_progress",
    metadata,
    Column("name", Words, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("rules", Words, nullable=False),
)

audit_reviews = Table(
    "audit_reviews",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("event", BigInteger, nullable=False, index=True),
    Column("reviewer", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("comment", Words, nullable=False),
    # Visual -> grade, as JSON; and visual -> comment.
    Column("grades", JsonText, nullable=False),
    Column("remarks", JsonText, nullable=False),
)

audit_cases = Table(
    "audit_cases",
    metadata,
    Column("name", Words, primary_key=True),
    Column("event", BigInteger, primary_key=True, autoincrement=False),
)
