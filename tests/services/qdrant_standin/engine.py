"""The client's in-process mode behind one lock, and the payload indexes it would forget."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from fastapi.encoders import jsonable_encoder
from qdrant_client.local.qdrant_local import QdrantLocal

Envelope = dict[str, Any]


class Engine:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._client = QdrantLocal(":memory:")
        self.indexes: dict[str, dict[str, Any]] = {}

    def answer(self, run: Callable[[QdrantLocal], Any]) -> Envelope:
        """Run one request alone, and wrap its result as Qdrant does."""
        started = time.perf_counter()
        with self._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = jsonable_encoder(run(self._client))
        return {"result": result, "status": "ok", "time": time.perf_counter() - started}

    def update(self, run: Callable[[QdrantLocal], Any]) -> Envelope:
        """Run a change of points."""

        def changed(client: QdrantLocal) -> dict[str, Any]:
            run(client)
            return {"operation_id": 0, "status": "completed"}

        return self.answer(changed)
