"""What Qdrant Edge's adapter promises beyond the port: durability, one owner, going over to an optimised shard."""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import qdrant_edge

from rag.disk import KEPT_ALWAYS, KEPT_WHEN_INDEXING
from rag.errors import DimensionMismatch, DiskFull, Rejected, StoreLocked, Unavailable
from rag.indexing import edge_store, graphs, open_collections
from rag.indexing.edge import EdgeCollections
from rag.indexing.schema import INDEXED
from rag.model import Channel, Eq, VisualId
from rag.ports import Nearest
from tests.contract.vector_points import (
    COLLECTION,
    DIM,
    edge,
    edge_like,
    edge_template,
    identity,
    point,
    points,
    some_vector,
)

WRITER = """
import os, sys
from pathlib import Path
from tests.contract.vector_points import COLLECTION, DIM, edge, identity, point
store = edge(Path(sys.argv[1])).open(COLLECTION, DIM)
store.upsert([point(100_000, name="to be deleted")])
store.delete([identity(100_000)])
for number in range(100_000):
    store.upsert([point(number)])
    os.write(1, b"%d\\n" % number)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edge_template(tmp_path_factory.mktemp("edge"))


@pytest.fixture
def collections(template: Path, tmp_path: Path) -> Iterator[EdgeCollections]:
    opened = edge_like(template, tmp_path)
    yield opened
    opened.close()


# Durability


def test_every_acknowledged_point_survives_sigkill(template: Path, tmp_path: Path) -> None:
    edge_like(template, tmp_path).close()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    with writer.stdout as acknowledged:
        for line in acknowledged:
            if int(line) == 20:
                writer.send_signal(signal.SIGKILL)
                break
        last = max([20, *(int(line) for line in acknowledged)])
    writer.wait()
    reopened = edge(tmp_path)
    store = reopened.open(COLLECTION, DIM)
    kept = store.fetch([identity(number) for number in range(last + 1)])
    assert len(kept) == last + 1
    assert store.fetch([identity(100_000)]) == {}
    assert store.search([Nearest(Channel.IMAGE, some_vector(last), 1)])[0][0].id == identity(last)
    reopened.close()


def test_what_was_closed_is_there_when_it_is_opened_again(collections: EdgeCollections, tmp_path: Path) -> None:
    collections.open(COLLECTION, DIM).upsert(points(30))
    collections.point("live", COLLECTION)
    collections.close()
    collections.close()
    with pytest.raises(Unavailable, match="closed"):
        collections.open(COLLECTION, DIM)
    again = edge(tmp_path)
    assert again.names() == [COLLECTION]
    assert again.live("live") == COLLECTION
    with pytest.raises(DimensionMismatch, match=r"16.*32"):
        again.open(COLLECTION, 32)
    assert again.open(COLLECTION, DIM).count() == 30
    again.close()


def test_a_store_says_that_it_is_closed(collections: EdgeCollections) -> None:
    store = collections.open(COLLECTION, DIM)
    collections.close()
    with pytest.raises(Unavailable, match="is closed"):
        store.upsert([point(1)])
    with pytest.raises(Unavailable, match="is closed"):
        store.search([Nearest(Channel.IMAGE, some_vector(), 1)])


def test_a_full_log_is_flushed_and_shortened(
    collections: EdgeCollections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edge keeps every 32 MiB segment of its log until somebody flushes; reopening would take ever longer."""
    monkeypatch.setattr(edge_store, "FULL_SEGMENTS", 1)
    store = collections.open(COLLECTION, DIM)
    heavy = "x" * 1_000_000
    for number in range(140):
        store.upsert([point(number, source=heavy)])
    log = tmp_path / "vectors" / COLLECTION / "1" / "wal"
    assert len(list(log.glob("closed-*"))) <= 2
    assert store.count() == 140


# Disk full


def test_points_are_refused_while_there_is_room_to_delete_and_to_search(
    collections: EdgeCollections, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = collections.open(COLLECTION, DIM)
    store.upsert(points(3))
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=KEPT_WHEN_INDEXING, f_frsize=1))
    with pytest.raises(DiskFull, match="the disk is full"):
        store.upsert([point(3)])
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=KEPT_ALWAYS, f_frsize=1))
    with pytest.raises(DiskFull, match="the disk is full"):
        collections.require_room()
    with pytest.raises(DiskFull, match="the disk is full"):
        collections.open("another", DIM)
    store.delete([identity(2)])
    assert len(store.search([Nearest(Channel.IMAGE, some_vector(), 10)])[0]) == 2


def test_after_a_write_that_failed_half_way_the_next_ones_succeed_and_no_point_is_torn(tmp_path: Path) -> None:
    """Vectors lie in files of 32 MiB each. The next file cannot be made; once it can, everything goes on."""
    dim = 8192
    opened = edge(tmp_path)
    store = opened.open(COLLECTION, dim)
    store.upsert([point(number, dim=dim) for number in range(1000)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, before[1]))
    try:
        with pytest.raises(Unavailable):
            store.upsert([point(number, dim=dim) for number in range(1000, 1100)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    store.upsert([point(number, dim=dim) for number in range(1100, 1200)])
    store.upsert([point(number, dim=dim) for number in range(1000, 1100)])
    assert store.count() == 1200
    opened.close()
    reopened = edge(tmp_path)
    kept = reopened.open(COLLECTION, dim).fetch([identity(number) for number in range(1000, 1200)])
    assert len(kept) == 200
    for number in range(1000, 1200):
        assert np.allclose(kept[identity(number)].image, some_vector(number, dim), atol=1e-6)
    reopened.close()


# One owner


def test_a_second_process_is_told_who_owns_the_folder(collections: EdgeCollections, tmp_path: Path) -> None:
    collections.ping()
    second = "import sys; from rag.indexing import open_collections; open_collections(sys.argv[1])"
    url = f"edge://{tmp_path / 'vectors'}"
    ended = subprocess.run([sys.executable, "-c", second, url], capture_output=True, text=True, check=False)
    last = ended.stderr.strip().splitlines()[-1]
    assert ended.returncode == 1
    assert last.startswith("rag.errors.StoreLocked: ")
    assert f"process {os.getpid()};" in last
    assert str(tmp_path / "vectors") in last
    assert "HTTP API" in last


def test_the_folder_is_free_again_after_close_and_after_death(tmp_path: Path) -> None:
    url = f"edge://{tmp_path / 'vectors'}"
    first = open_collections(url)
    with pytest.raises(StoreLocked, match=str(os.getpid())):
        open_collections(url)
    first.close()
    owner = "import sys, os, signal; from rag.indexing import open_collections; c = open_collections(sys.argv[1]); "
    subprocess.run([sys.executable, "-c", owner + "os.kill(os.getpid(), signal.SIGKILL)", url], check=False)
    open_collections(url).close()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used: "):
        open_collections(f"edge://{tmp_path / 'file' / 'vectors'}")


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden"])
def test_names_that_leave_the_folder_are_refused(collections: EdgeCollections, name: str) -> None:
    with pytest.raises(Rejected, match="cannot name a collection"):
        collections.open(name, DIM)


def test_ids_that_are_none_are_refused_in_one_line(collections: EdgeCollections) -> None:
    with pytest.raises(Rejected) as raised:
        collections.open(COLLECTION, DIM).fetch([VisualId("../etc")])
    assert "\n" not in str(raised.value)


# The shard


def test_a_collection_that_was_never_finished_is_made_again(collections: EdgeCollections, tmp_path: Path) -> None:
    collections.close()
    (tmp_path / "vectors" / COLLECTION / edge_store.POINTER).unlink()
    again = edge(tmp_path)
    assert again.names() == []
    assert again.open(COLLECTION, DIM).count() == 0
    again.close()


def test_a_field_that_came_into_the_schema_gets_its_index(collections: EdgeCollections, tmp_path: Path) -> None:
    collections.close()
    folder = str(tmp_path / "vectors" / COLLECTION / "1")
    shard = qdrant_edge.EdgeShard.load(folder)
    shard.update(qdrant_edge.UpdateOperation.delete_field_index("licence"))
    shard.close()
    again = edge(tmp_path)
    again.open(COLLECTION, DIM)
    again.close()
    shard = qdrant_edge.EdgeShard.load(folder)
    assert shard.info().payload_schema.keys() == INDEXED.keys()
    shard.close()


def test_opening_again_leaves_indexes_as_they_are(
    collections: EdgeCollections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collections.close()

    def refuse(*_: object) -> None:
        raise AssertionError("an index was made again")

    monkeypatch.setattr(qdrant_edge.UpdateOperation, "create_field_index", refuse)
    again = edge(tmp_path)
    assert again.open(COLLECTION, DIM).count() == 0
    again.close()


@pytest.fixture
def graphs_from_the_first_point(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose collection builds graphs however few its points are."""
    monkeypatch.setattr(graphs, "WORTH_INDEXING", 1)
    edge_like(template, tmp_path).close()
    return tmp_path


def test_optimizing_keeps_everything_while_others_search_and_write(graphs_from_the_first_point: Path) -> None:
    collections = edge(graphs_from_the_first_point)
    store = collections.open(COLLECTION, DIM)
    store.upsert(points(600))
    done = threading.Event()

    def search() -> int:
        """Times that a point did not find itself."""
        misses = 0
        for number in itertools.cycle(range(300)):
            misses += store.search([Nearest(Channel.IMAGE, some_vector(number), 1)])[0][0].id != identity(number)
            if done.wait(0.01):
                return misses
        return misses

    def write() -> int:
        """Points that were put in place of others."""
        for written in range(300):
            store.upsert([point(600 + written, name="late")])
            store.delete([identity(300 + written)])
            if done.wait(0.01):
                return written + 1
        return 300

    with ThreadPoolExecutor(2) as pool:
        misses, written = pool.submit(search), pool.submit(write)
        try:
            store.optimize()
        finally:
            done.set()
    assert misses.result() == 0
    late = Eq("name", "late")
    assert (store.count(), store.count(late)) == (600, written.result())
    assert store.fetch([identity(300)]) == {}
    folder = graphs_from_the_first_point / "vectors" / COLLECTION
    assert [path.name for path in folder.glob("*/")] == ["2"]
    collections.close()
    again = edge(graphs_from_the_first_point)
    assert (again.open(COLLECTION, DIM).count(), again.open(COLLECTION, DIM).count(late)) == (600, written.result())
    again.close()
    shard = qdrant_edge.EdgeShard.load(str(folder / "2"))
    assert shard.info().segments_count > 1
    shard.close()


def test_vectors_move_to_disk_when_a_folder_is_optimised_that_was_told_so(graphs_from_the_first_point: Path) -> None:
    collections = edge(graphs_from_the_first_point)
    collections.open(COLLECTION, DIM).upsert(points(300))
    collections.close()
    folder = graphs_from_the_first_point / "vectors"
    collections = EdgeCollections(folder, on_disk=True)
    store = collections.open(COLLECTION, DIM)
    store.optimize()
    nearest = [store.search([Nearest(Channel.IMAGE, some_vector(number), 1)])[0][0].id for number in range(300)]
    assert nearest == [identity(number) for number in range(300)]
    collections.close()
    segments = [json.loads(path.read_text()) for path in (folder / COLLECTION).rglob("segment.json")]
    kept = {segment["config"]["vector_data"]["image"]["storage_type"] for segment in segments}
    assert kept == {"Mmap", "ChunkedMmap"}  # in memory they are InRamMmap and InRamChunkedMmap


def test_a_failed_optimizer_leaves_the_collection_as_it_was(
    collections: EdgeCollections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "WORTH_INDEXING", 1)
    monkeypatch.setattr(edge_store, "OPTIMIZER", tmp_path / "nowhere.py")
    store = collections.open(COLLECTION, DIM)
    store.upsert(points(5))
    with pytest.raises(Unavailable, match="optimizer"):
        store.optimize()
    assert store.count() == 5
    assert [path.name for path in (tmp_path / "vectors" / COLLECTION).glob("*/")] == ["1"]


def test_rewriting_leaves_nothing_of_what_was_deleted_and_everything_else(
    collections: EdgeCollections, tmp_path: Path
) -> None:
    """Also what was replaced; and what is written afterwards counts, here and when it is opened again."""
    store = collections.open(COLLECTION, DIM)
    store.upsert([point(number, name=f"xylographic-{number}.jpg") for number in range(4)])
    store.upsert([point(1, name="replaced.jpg")])
    store.delete([identity(0)])
    store.rewrite()
    files = [path.read_bytes() for path in (tmp_path / "vectors").rglob("*") if path.is_file()]
    assert any(b"xylographic-2" in content for content in files)
    assert not any(b"xylographic-0" in content or b"xylographic-1" in content for content in files)
    assert store.search([Nearest(Channel.IMAGE, some_vector(3), 1)])[0][0].id == identity(3)
    store.delete([identity(2)])
    store.upsert([point(3, name="changed.jpg"), point(5)])
    collections.close()
    again = edge(tmp_path)
    kept = again.open(COLLECTION, DIM)
    assert kept.present([identity(number) for number in range(6)]) == {identity(1), identity(3), identity(5)}
    assert kept.count(Eq("name", "changed.jpg")) == 1
    again.close()


def test_a_rewriting_that_fails_leaves_the_collection_as_it_was(
    collections: EdgeCollections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_store, "OPTIMIZER", tmp_path / "nowhere.py")
    store = collections.open(COLLECTION, DIM)
    store.upsert(points(5))
    with pytest.raises(Unavailable, match="optimizer"):
        store.rewrite()
    assert store.count() == 5
    assert [path.name for path in (tmp_path / "vectors" / COLLECTION).glob("*/")] == ["1"]
