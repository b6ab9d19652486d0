"""A hot folder: files are taken when they are whole, and none is forgotten."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from rag.errors import BadSource
from rag.sources.entry import Entry
from rag.sources.watching import watch
from tests.unit.sources.reading import captions

SETTLE = 0.6
PATIENCE = 30.0
"""Seconds after which a test gives up waiting; it takes a fraction of a second."""


class Watched:
    """A folder that is watched on a thread; `next` waits for the next file."""

    def __init__(self, folder: Path, polling: bool) -> None:
        self.stop = threading.Event()
        self._found: SimpleQueue[Entry] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(folder, polling))
        self._thread.start()

    def next(self) -> Entry:
        return self._found.get(timeout=PATIENCE)

    def rest(self) -> list[str]:
        """What has come since, after a while; the watch is over then."""
        self.stop.wait(2.5 * SETTLE)
        self.end()
        return [self._found.get().name for _ in range(self._found.qsize())]

    def end(self) -> None:
        self.stop.set()
        self._thread.join()

    def _run(self, folder: Path, polling: bool) -> None:
        for batch in watch(folder, max_bytes=1_000_000, stop=self.stop, settle=SETTLE, polling=polling):
            for entry in batch:
                self._found.put(entry)


@pytest.fixture(params=[False, True], ids=["told", "polling"])
def watched(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    old = tmp_path / "old.jpg"
    old.write_bytes(b"old")
    os.utime(old, (1, 1))
    watched = Watched(tmp_path, request.param)
    yield watched
    watched.end()


def test_first_comes_what_is_there_then_what_is_new(watched: Watched, tmp_path: Path) -> None:
    assert watched.next().name == "old.jpg"
    (tmp_path / "new.jpg").write_bytes(b"new")
    entry = watched.next()
    assert (entry.name, entry.read()) == ("new.jpg", b"new")
    assert watched.rest() == []


def test_a_file_that_still_grows_is_not_taken(watched: Watched, tmp_path: Path) -> None:
    watched.next()
    with (tmp_path / "slow.jpg").open("wb", buffering=0) as file:
        for _ in range(20):
            file.write(b"x" * 100)
            watched.stop.wait(SETTLE / 8)
    entry = watched.next()
    assert (entry.name, len(entry.read())) == ("slow.jpg", 2_000)
    assert watched.rest() == []


def test_a_file_that_is_renamed_into_its_place_is_taken_once(watched: Watched, tmp_path: Path) -> None:
    watched.next()
    for unfinished in ("a.jpg.part", ".b.jpg.x7f3"):
        (tmp_path / unfinished).write_bytes(b"whole")
    watched.stop.wait(1.5 * SETTLE)
    (tmp_path / "a.jpg.part").rename(tmp_path / "a.jpg")
    (tmp_path / ".b.jpg.x7f3").rename(tmp_path / "b.jpg")
    assert {watched.next().name, watched.next().name} == {"a.jpg", "b.jpg"}
    assert watched.rest() == []


def test_a_whole_folder_that_comes_at_once_is_taken_with_all_below_it(watched: Watched, tmp_path: Path) -> None:
    watched.next()
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "deep" / "a.jpg").write_bytes(b"1")
    (tmp_path / "sub" / "b.jpg").write_bytes(b"1")
    assert {watched.next().name, watched.next().name} == {"sub/deep/a.jpg", "sub/b.jpg"}


def test_a_changed_file_comes_again_and_a_deleted_one_does_not(watched: Watched, tmp_path: Path) -> None:
    watched.next()
    (tmp_path / "gone.jpg").write_bytes(b"1")
    (tmp_path / "gone.jpg").unlink()
    (tmp_path / "old.jpg").write_bytes(b"changed")
    assert watched.next().read() == b"changed"
    (tmp_path / "old.jpg").unlink()
    assert watched.rest() == []


def test_a_sidecar_that_comes_with_its_picture_counts(watched: Watched, tmp_path: Path) -> None:
    watched.next()
    (tmp_path / "a.jpg").write_bytes(b"1")
    (tmp_path / "a.txt").write_text("A red dress")
    assert captions(watched.next()) == ["A red dress"]
    assert watched.rest() == []


def test_links_out_of_the_folder_are_not_followed(
    watched: Watched, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    watched.next()
    outside = tmp_path_factory.mktemp("outside")
    (tmp_path / "all").symlink_to(outside)
    (tmp_path / "loop").symlink_to(tmp_path)
    (outside / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    assert watched.next().name == "mine.jpg"
    assert watched.rest() == []


def test_a_folder_that_is_not_there_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="there is no folder"):
        next(watch(tmp_path / "nowhere", max_bytes=1, stop=threading.Event()))
