"""`rag.indexing` is light until a collection is opened."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import rag.indexing, rag.indexing.schema, rag.indexing.bm25, rag.indexing.points, rag.indexing.filters
print(*[name for name in ("qdrant_client", "qdrant_edge", "snowballstemmer", "httpx", "torch") if name in sys.modules])
"""


def test_importing_loads_neither_qdrant_nor_stemmers() -> None:
    loaded = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
