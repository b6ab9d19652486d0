"""What one contract runs over: vector stores (Qdrant Edge, the client's own, over HTTP), and a ledger with its keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from rag.audit.keys import LedgerKeys
from rag.audit.ledger import SqlLedger
from rag.ports import Collections, VectorStore
from tests.contract.vector_points import COLLECTION, DIM, edge_like, edge_template, in_process_client, over_http


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edge_template(tmp_path_factory.mktemp("edge"))


@pytest.fixture(params=["edge", "client", "http"])
def collections(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Collections]:
    opened: Collections
    match request.param:
        case "edge":
            opened = edge_like(request.getfixturevalue("template"), tmp_path)
        case "client":
            opened = in_process_client()
        case _:
            opened = over_http(request.getfixturevalue("qdrant_url"))
    yield opened
    opened.close()


@pytest.fixture
def store(collections: Collections) -> VectorStore:
    return collections.open(COLLECTION, DIM)


@pytest.fixture
def ledger(engine: Engine, keys: LedgerKeys) -> SqlLedger:
    return SqlLedger(engine, keys)
