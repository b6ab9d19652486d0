"""Collections of Qdrant Edge, which knows neither collections nor aliases: a folder each, and a file of aliases.

<folder>/lock                  flock'ed; holds the owner's process id
<folder>/aliases.json          {alias: collection}, replaced whole
<folder>/<collection>/collection.json   which shard is live, and its dimension
<folder>/<collection>/<n>/     the shard
"""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

from rag.disk import KEPT_WHEN_INDEXING, require_room
from rag.errors import NotFound, Rejected, Unavailable
from rag.indexing.edge_files import FolderLock, read_json, write_json
from rag.indexing.edge_shard import translating
from rag.indexing.edge_store import POINTER, EdgeStore
from rag.ports import VectorStore

ALIASES = "aliases.json"
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")


class EdgeCollections:
    """`Collections` in one folder, which belongs to one process. Safe to use from several threads."""

    exclusive = True

    def __init__(self, folder: Path, *, on_disk: bool = False) -> None:
        """Take the folder; made where there is none.

        Args:
            on_disk: leave full vectors on disk and hold only quantised ones in memory.

        Raises:
            StoreLocked: another process, or another `EdgeCollections` here, owns it.
            Unavailable: it cannot be made or read.
        """
        self._folder = folder
        self._on_disk = on_disk
        self._lock = FolderLock(folder)
        self._turn = threading.RLock()
        self._stores: dict[str, EdgeStore] = {}
        self._closed = False
        try:
            with translating():
                self._aliases: dict[str, str] = read_json(folder / ALIASES)
        except Exception:
            self._lock.release()
            raise

    def open(self, name: str, dim: int) -> VectorStore:
        folder = self._folder_of(name)
        with self._turn:
            self.ping()
            store = self._stores.get(name)
            if store is None or store.dim != dim:
                store = self._stores[name] = self._opened(folder, dim)
            return store

    def every(self) -> list[VectorStore]:
        with translating():
            dims = {name: read_json(self._folder / name / POINTER)["dim"] for name in self.names()}
        return [self.open(name, dim) for name, dim in dims.items()]

    def names(self) -> list[str]:
        with translating():
            return sorted(path.parent.name for path in self._folder.glob(f"*/{POINTER}"))

    def point(self, alias: str, name: str) -> None:
        with self._turn, translating():
            self.ping()
            if name not in self.names():
                raise NotFound(f"there is no collection {name} to point {alias} at")
            self._replace_aliases(self._aliases | {alias: name})

    def live(self, alias: str) -> str | None:
        return self._aliases.get(alias)

    def drop(self, name: str) -> None:
        folder = self._folder_of(name)
        with self._turn, translating():
            self.ping()
            store = self._stores.pop(name, None)
            if store is not None:
                store.close()
            self._replace_aliases({alias: one for alias, one in self._aliases.items() if one != name})
            (folder / POINTER).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)

    def copy_to(self, name: str, folder: Path) -> None:
        if name not in self.names():
            raise NotFound(f"there is no collection {name} to copy")
        with translating():
            store = self.open(name, read_json(self._folder / name / POINTER)["dim"])
            assert isinstance(store, EdgeStore)
            store.copy_to(folder / name)

    def ping(self) -> None:
        if self._closed:
            raise Unavailable(f"the vector folder {self._folder} is closed")

    def require_room(self) -> None:
        require_room(self._folder, 0, kept=KEPT_WHEN_INDEXING)

    def close(self) -> None:
        """Write everything down and let another process have the folder. Calling twice is harmless."""
        with self._turn:
            self._closed = True
            try:
                for store in self._stores.values():
                    store.close()
            finally:
                self._stores.clear()
                self._lock.release()

    def _opened(self, folder: Path, dim: int) -> EdgeStore:
        with translating():
            folder.mkdir(exist_ok=True)
            return EdgeStore(folder, dim, on_disk=self._on_disk)

    def _folder_of(self, name: str) -> Path:
        if not SAFE_NAME.fullmatch(name):
            raise Rejected(f"{name!r} cannot name a collection; use letters, digits, - and _")
        return self._folder / name

    def _replace_aliases(self, aliases: dict[str, str]) -> None:
        if aliases != self._aliases:
            write_json(self._folder / ALIASES, aliases)
            self._aliases = aliases
