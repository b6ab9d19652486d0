"""Export: a signed bundle of a period or a case that can be checked without this desk; and tables for people.

events of a period or case -> recorded, with what goes out -> bundle: events, proofs, checkpoint
                           -> beside them: events.csv, evidence.csv, thumbnails or only their hashes
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.auditing.entries import listed
from rag.auditing.finding import check
from rag.auditing.indexing import catch_up
from rag.auditing.recording import audit_draft, require_auditor, wanted_json
from rag.errors import BadRequest, NotFound
from rag.media.derived import thumbnail_name
from rag.model import Actor, Event, Visual, VisualId
from rag.ports import Services
from rag.ports.auditing import Entry, Wanted

PAGE = 500
MOST = 200_000
"""Events of one bundle; a longer time goes into several."""

EVENT_COLUMNS = (
    *("seq", "at", "kind", "actor", "library", "door", "summary", "model", "prompt", "prompt_hash", "encoder"),
    *("belongs_to", "conversation", "relevance", "evidence", "dropped", "removed", "unsupported", "withheld"),
    *("abstained", "stopped", "risk"),
)
EVIDENCE_COLUMNS = ("event", "number", "visual", "asset", "locator", "library", "relevance", "caption")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Exported:
    """Attributes:
    recorded: the ledger's number of this export, which the bundle's checkpoint covers.
    images: thumbnails in the bundle; `missing` are gone, or not for who exports.
    """

    path: str
    events: int
    recorded: int
    images: int
    missing: int


def export(
    services: Services,
    actor: Actor,
    wanted: Wanted,
    target: Path,
    *,
    images: bool = False,
    outside: str = "",
    door: str,
) -> Exported:
    """Write a bundle of the events that match, of whatever kind, and of those that belong to them.

    Args:
        images: thumbnails of the evidence as `images/…`; else there are only hashes.
        outside: signed checkpoints that the reader kept; the bundle proves that it continues them.

    Raises:
        NotAllowed: the actor is no auditor.
        BadRequest: nothing matches, or too much does.
        LedgerUnavailable: it could not be recorded, so nothing is written.
        Unavailable: `target` cannot be written.
    """
    require_auditor(actor)
    check(wanted, 1)
    catch_up(services)
    entries = _matching(services, actor, _of_everything(wanted))
    if not entries:
        raise BadRequest("no event matches: nothing is exported")
    seqs = [entry.seq for entry in entries]
    said = {"wanted": wanted_json(wanted), "exported": len(seqs), "images": "thumbnails" if images else "hashes"}
    recorded = services.ledger.append(audit_draft(actor, door, "export", said, wanted.library)).seq
    services.ledger.checkpoint(actor)
    pictures = _Pictures(services, actor)
    files: list[tuple[str, bytes]] = [
        ("README.txt", README.encode()),
        ("events.csv", _events_csv(entries)),
        ("evidence.csv", _evidence_csv(_retrievals(services, actor, entries))),
    ]
    thumbnails = pictures.of(_retrievals(services, actor, entries)) if images else ()
    every = itertools.chain(files, thumbnails)
    count = services.ledger.export(actor, target, [*seqs, recorded], files=every, outside=outside)
    return Exported(str(target), count, recorded, pictures.found, pictures.missing)


def as_csv(services: Services, actor: Actor, wanted: Wanted, *, door: str) -> bytes:
    """The events that match as a table for people, UTF-8 with a byte order mark. Recorded; raises as `export`."""
    require_auditor(actor)
    check(wanted, 1)
    catch_up(services)
    entries = _matching(services, actor, wanted)
    said = {"wanted": wanted_json(wanted), "exported": len(entries), "images": "none"}
    services.ledger.append(audit_draft(actor, door, "export", said, wanted.library))
    return _events_csv(entries)


def _of_everything(wanted: Wanted) -> Wanted:
    """Of a time alone, everything that was recorded: a range without a gap can be shown to be one."""
    return replace(wanted, auditing=wanted == Wanted(since=wanted.since, until=wanted.until, before=wanted.before))


def _matching(services: Services, actor: Actor, wanted: Wanted) -> list[Entry]:
    """Oldest first, with what they belong to: an answer without its retrieval proves little."""
    found: dict[int, Entry] = {}
    before = wanted.before
    while page := services.audit_index.find(actor, replace(wanted, before=before), limit=PAGE):
        found |= {entry.seq: entry for entry in page}
        before = page[-1].seq
        if len(found) > MOST:
            raise BadRequest(f"more than {MOST:,} events match: export a shorter time")
    roots = {entry.belongs_to for entry in found.values() if entry.belongs_to is not None} - found.keys()
    for start in range(0, len(roots), PAGE):
        some = services.audit_index.entries(sorted(roots)[start : start + PAGE])
        found |= {seq: entry for seq, entry in some.items() if actor.may_read(entry.library)}
    return [found[seq] for seq in sorted(found)]


def _retrievals(services: Services, actor: Actor, entries: Sequence[Entry]) -> Iterator[Event]:
    for entry in entries:
        if entry.kind == "retrieval":
            try:
                yield services.ledger.event(actor, entry.seq)
            except NotFound:
                continue


class _Pictures:
    """Thumbnails of evidence that exist and that the auditor may see, each once."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor = services, actor
        self.found = self.missing = 0

    def of(self, retrievals: Iterator[Event]) -> Iterator[tuple[str, bytes]]:
        done: set[str] = set()
        for event in retrievals:
            ids = [VisualId(item["visual"]) for item in listed(event, "evidence") if item["visual"] not in done]
            known = self._services.catalog.visuals(self._actor, ids)
            for one in ids:
                done.add(one)
                content = self._thumbnail(known[one][0]) if one in known else None
                self.found, self.missing = self.found + (content is not None), self.missing + (content is None)
                if content is not None:
                    yield f"images/{one}.jpg", content

    def _thumbnail(self, visual: Visual) -> bytes | None:
        try:
            return self._services.blobs.get_derived(visual.asset_id, thumbnail_name(visual.locator))
        except NotFound:
            return None


def _events_csv(entries: Sequence[Entry]) -> bytes:
    return _csv(EVENT_COLUMNS, ([getattr(entry, name) for name in EVENT_COLUMNS] for entry in entries))


def _evidence_csv(retrievals: Iterator[Event]) -> bytes:
    fields = ("number", "visual", "content", "locator", "library", "relevance", "caption")
    rows = (
        [event.seq, *(item.get(name) for name in fields)] for event in retrievals for item in listed(event, "evidence")
    )
    return _csv(EVIDENCE_COLUMNS, rows)


def _csv(columns: Sequence[str], rows: Iterator[list[object]] | Sequence[list[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _harmless(value: object) -> object:
    """A spreadsheet takes text that begins like a formula for one: an apostrophe before it keeps it text (OWASP)."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else value


README = """\
Events of a Picture Desk ledger, with all that proves them.

Check them without Picture Desk, with Python alone:   python verifier.py THIS.zip --key VERIFIER_KEY
or with it:                                           picturedesk ledger verify --bundle THIS.zip

events.jsonl       every event: its leaf, its proof, what it says
checkpoint         what the ledger's key signed; keys: that key. Compare it with the one that you were given before
events.csv         the same for people, a line an event; text that a spreadsheet would run stands behind an apostrophe
evidence.csv       what each retrieval found
images/VISUAL.jpg  thumbnails, where they were asked for; else pictures are named by SHA-256 alone
manifest           signed hashes of all these files
The last event is the record of this export.
"""
