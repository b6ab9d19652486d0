"""What counts as a source, and what people are told when it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.errors import BadSource
from rag.sources.opening import open_source
from tests.unit.media.pictures import corner_picture, encoded
from tests.unit.sources.reading import LIMITS, entries_of


@pytest.mark.parametrize("name", ["a.jpg", "misnamed.dat", "no-suffix"])
def test_a_single_picture_is_a_source_by_its_content(tmp_path: Path, name: str) -> None:
    content = encoded(corner_picture())
    (tmp_path / name).write_bytes(content)
    (entry,) = entries_of(tmp_path / name, LIMITS)
    assert (entry.name, entry.fingerprint != "") == (name, True)
    assert open_source(str(tmp_path / name), limits=LIMITS).total == 1


def test_a_pdf_and_a_film_are_sources_too(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "a.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(12))
    assert [len(entries_of(tmp_path / name)) for name in ("a.pdf", "a.mp4")] == [1, 1]


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "two words").mkdir()
    (tmp_path / "two words" / "a.jpg").write_bytes(b"1")
    (entry,) = entries_of(f"file://{tmp_path}/two%20words")
    assert entry.read() == b"1"


def test_a_source_may_be_read_twice(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"1")
    source = open_source(str(tmp_path), limits=LIMITS)
    assert [entry.name for entry in source.entries()] == [entry.name for entry in source.entries()] == ["a.jpg"]


@pytest.mark.parametrize(
    "source",
    ["nowhere", "nowhere/*.tar", "archive.zip", "text.md", "empty.jpg", "pipe", "pipe.txt", "pipe.jsonl", "x" * 5_000],
)
def test_what_is_no_source_says_what_can_be(tmp_path: Path, source: str) -> None:
    (tmp_path / "archive.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "text.md").write_text("# Pictures")
    (tmp_path / "empty.jpg").write_bytes(b"")
    for name in ("pipe", "pipe.txt", "pipe.jsonl"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(BadSource) as caught:
        entries_of(tmp_path / source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["foo://bucket/a", "sim::memory://a", "simplecache::http://127.0.0.1/a", "~nobody-of-that-name/a"]
)
def test_a_url_that_nobody_reads_says_so(url: str) -> None:
    with pytest.raises(BadSource) as caught:
        entries_of(url)
    assert "\n" not in str(caught.value)
