"""Services that index nothing and write down what they were asked to: which ids, when, in which order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import cast

from rag.model import AssetRef, Begun, Concluded, Outcome
from rag.ports import Services
from rag.settings import Settings


class Recorder:
    """The catalog that tasks see. Its folder may be shared with other processes.

    Attributes:
        begun, ended: batches of ids in the order in which their tasks began and ended.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.settings = Settings()
        self.catalog = self
        self.pipeline = self

    def as_services(self) -> Services:
        return cast("Services", self)

    @property
    def begun(self) -> list[list[str]]:
        return self._read("begun")

    @property
    def ended(self) -> list[list[str]]:
        return self._read("ended")

    def hold(self) -> None:
        """Let tasks begin but not end, until `release`."""
        (self._folder / "hold").touch()

    def release(self) -> None:
        (self._folder / "hold").unlink(missing_ok=True)

    def turn(self, *, alone: bool = False) -> AbstractContextManager[None]:
        del alone
        return nullcontext()

    def begin(self, refs: Sequence[AssetRef], *, attempts_allowed: int) -> Begun:
        """Called by `rag.ingest.index`; says that there is nothing left to do."""
        del attempts_allowed
        self._write("begun", refs)
        while (self._folder / "hold").exists():
            time.sleep(0.01)
        self._write("ended", refs)
        return Begun()

    def conclude(self, outcomes: Sequence[Outcome]) -> Concluded:
        assert not outcomes
        return Concluded()

    def _read(self, name: str) -> list[list[str]]:
        path = self._folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def _write(self, name: str, refs: Sequence[AssetRef]) -> None:
        with self._lock, (self._folder / name).open("a") as file:
            file.write(json.dumps([str(ref) for ref in refs]) + "\n")
