"""What the ledger costs: events a second, what recording adds to a bare commit, and proofs at 1,000,000 events.

The events are those of a search of the drawn sample: a retrieval with 137 candidates, 28 kB as JSON, and the
answer to it. A small one, as most other kinds are, is measured beside. The pictures are in the catalog, as those
that a search finds are.
"""

from __future__ import annotations

import json
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.figure import Figure, seconds
from rag.audit.keys import LedgerKeys
from rag.audit.ledger import SqlLedger
from rag.audit.tables import events, tiles
from rag.audit.tiles import WIDTH, tile_root
from rag.audit.verifier import check_inclusion, leaf_hash
from rag.library.database import migrate, open_database
from rag.library.tables import assets, visuals
from rag.library.transactions import write_transaction
from rag.model import LOCAL_OWNER
from rag.ports import Draft

THREADS = 8
EVENTS = 2_000
PAIRS = 150
MANY = 1_000_000
PROOFS = 400
CANDIDATES = 137
BATCH = 20_000


def figures() -> list[Figure]:
    found: list[Figure] = []
    for name, engine in databases():
        stock(engine)
        ledger = SqlLedger(engine, LedgerKeys.new())
        found.append(_throughput(name, ledger))
        found += [_added(f"{name}, {what}", ledger, engine, body) for what, body in bodies().items()]
    return [*found, _proofs()]


def bodies() -> dict[str, dict[str, Any]]:
    rng = random.Random(7)

    def entry(number: int) -> dict[str, Any]:
        scores = {name: round(rng.random(), 6) for name in ("image", "caption", "bm25")}
        return {
            "visual": visual_id(number),
            "relevance": rng.random() / 100,
            "scores": scores,
        }

    shown = [
        {**entry(number), "number": number, "content": f"{number:064x}", "caption": "a red dress on a beach"}
        for number in range(1, 9)
    ]
    dropped = [{**entry(number), "reason": "relevance 0.02 is below 0.20"} for number in range(9, CANDIDATES + 1)]
    query = {"text": "a red dress", "libraries": ["shop"], "top_k": 8}
    return {
        "small event": {"door": "http", "query": query},
        "answer": {"door": "http", "text": "A red dress [1]. " * 20, "citations": shown[:3], "abstained": False},
        "retrieval of 137 candidates": {"door": "http", "query": query, "evidence": shown, "dropped": dropped},
    }


def visual_id(number: int) -> str:
    return f"{number:08x}-0000-5000-8000-{number:012x}"


def stock(engine: Engine, pictures: int = CANDIDATES) -> None:
    """Put the pictures that the events name in the catalog."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    words = dict.fromkeys(("name", "media_type", "reason", "source", "licence", "camera", "embedded_by"), "")
    asset = {
        **words,
        "library": "shop",
        "size": 1,
        "state": "ready",
        "attempts": 0,
        "accepted_at": at,
        "moderation": "clear",
        "personal": {},
        "restricted": False,
        "visual_count": 1,
    }
    visual = {"library": "shop", "locator": "", "width": 1, "height": 1, "perceptual_hash": ""}
    numbers = range(1, pictures + 1)
    with write_transaction(engine) as connection:
        connection.execute(
            text("INSERT INTO libraries (name, created_at) VALUES ('shop', :at)"), {"at": at.isoformat()}
        )
        connection.execute(assets.insert(), [asset | {"asset_id": f"{number:064x}"} for number in numbers])
        named = [visual | {"id": visual_id(number), "asset_id": f"{number:064x}"} for number in numbers]
        connection.execute(visuals.insert(), named)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="picturedesk-ledger-") as folder:
        yield Path(folder)


def databases() -> Iterator[tuple[str, Engine]]:
    """SQLite, and PostgreSQL where its programs are, with durable commits."""
    from tests.services.postgres import start_postgres

    with _folder() as folder:
        engine = open_database(f"sqlite:///{folder / 'catalog.sqlite'}")
        migrate(engine)
        yield "SQLite", engine
        engine.dispose()
    try:
        server = start_postgres(fsync="on", full_page_writes="on")
    except FileNotFoundError:
        return
    try:
        engine = open_database(server.create_database("bench"))
        migrate(engine)
        yield "PostgreSQL", engine
        engine.dispose()
    finally:
        server.stop()


def _throughput(name: str, ledger: SqlLedger) -> Figure:
    body = bodies()["small event"]

    def append(number: int) -> None:
        ledger.append(Draft("retrieval", f"person {number % 50}", "shop", body))

    with ThreadPoolExecutor(THREADS) as pool:
        took = seconds(lambda: list(pool.map(append, range(EVENTS))))
    return Figure(f"ledger events a second, {THREADS} threads, {name}", EVENTS / took, "1/s", 500)


def _added(what: str, ledger: SqlLedger, engine: Engine, body: dict[str, Any]) -> Figure:
    """Median of an append less median of a bare INSERT of the same JSON with its commit, taken in turn."""
    payload, draft = json.dumps(body), Draft("retrieval", "ann", "shop", body)
    with write_transaction(engine) as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare (at TEXT, payload TEXT)"))

    def bare() -> None:
        with write_transaction(engine) as connection:
            connection.execute(text("INSERT INTO bare VALUES ('now', :payload)"), {"payload": payload})

    ledger.append(draft)
    pairs = [(seconds(lambda: ledger.append(draft)), seconds(bare)) for _ in range(PAIRS)]
    ours, theirs = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
    return Figure(f"ledger latency added to a bare commit, p50, {what}", ours - theirs, "ms", 5, "lower")


def _proofs() -> Figure:
    with _folder() as folder:
        engine = open_database(f"sqlite:///{folder / 'catalog.sqlite'}")
        migrate(engine)
        ledger = SqlLedger(engine, LedgerKeys.new())
        fill(engine, MANY)
        ledger.append(Draft("retrieval", "ann", "shop", {"query": "the last"}))
        ledger.checkpoints.make()
        rng, took = random.Random(3), []
        for _ in range(PROOFS):
            seq = rng.randrange(MANY + 1)
            started = time.perf_counter()
            proof = ledger.proof(LOCAL_OWNER, seq)
            took.append(1000 * (time.perf_counter() - started))
        check_inclusion(MANY, MANY + 1, leaf_hash(ledger.proof(LOCAL_OWNER, MANY).leaf.encode()), *_last(ledger))
        assert proof.size == MANY + 1
        engine.dispose()
    return Figure(
        "ledger inclusion proof at 1,000,000 events, p95", statistics.quantiles(took, n=20)[-1], "ms", 50, "lower"
    )


def _last(ledger: SqlLedger) -> tuple[Sequence[bytes], bytes]:
    proof = ledger.proof(LOCAL_OWNER, MANY)
    return proof.hashes, proof.root


def fill(engine: Engine, count: int) -> None:
    """Rows with made-up hashes, and the tiles over them as appends would have left them: what a proof reads."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    hashes = [secrets.token_bytes(32) for _ in range(count)]
    for start in range(0, count, BATCH):
        rows = [
            {
                "seq": seq,
                "at": at,
                "kind": "retrieval",
                "actor": "1",
                "library": "shop",
                "payload": "",
                "commitment": "",
                "previous": hashes[seq - 1].hex() if seq else "",
                "hash": hashes[seq].hex(),
                "v": 2,
                "sealed": b"",
            }
            for seq in range(start, min(start + BATCH, count))
        ]
        with write_transaction(engine) as connection:
            connection.execute(text("DROP TRIGGER IF EXISTS events_in_order"))
            connection.execute(events.insert(), rows)
    with write_transaction(engine) as connection:
        level, nodes = 0, hashes
        while nodes:
            full = [b"".join(nodes[at_ : at_ + WIDTH]) for at_ in range(0, len(nodes), WIDTH)]
            kept = [tile for tile in full if level or len(tile) == 32 * WIDTH]
            if kept:
                numbered = [{"level": level, "number": number, "hashes": tile} for number, tile in enumerate(kept)]
                connection.execute(tiles.insert(), numbered)
            nodes = [tile_root(tile) for tile in full if len(tile) == 32 * WIDTH]
            level += 1
