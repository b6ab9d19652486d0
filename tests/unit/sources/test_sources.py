"""Folders and manifests: what they hand to ingest, and how they say what is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rag.errors import BadSource, UnsupportedMedia
from rag.sources.entry import Entry
from rag.sources.folders import folder_entries
from rag.sources.limits import SourceLimits
from rag.sources.manifests import jsonl_entries

LIMIT = 1_000


def from_folder(folder: Path) -> dict[str, Entry]:
    return {entry.name: entry for entry in folder_entries(folder, max_bytes=LIMIT)}


def from_manifest(folder: Path, *lines: str) -> list[Entry]:
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(lines))
    return list(jsonl_entries(manifest, SourceLimits(LIMIT)))


def test_every_file_below_a_folder_is_handed_in_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "one.jpg").write_bytes(b"1")
    (tmp_path / "two.txt").write_bytes(b"2")
    (tmp_path / ".hidden").write_bytes(b"3")
    entries = from_folder(tmp_path)
    assert list(entries) == ["two.txt", "a/b/one.jpg"]
    assert entries["a/b/one.jpg"].read() == b"1"


def test_a_sidecar_text_is_the_caption_and_no_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "beach.jpg").write_bytes(b"1")
    (tmp_path / "beach.txt").write_text(" A red dress on a beach.\n")
    (tmp_path / "sea.png").write_bytes(b"2")
    (tmp_path / "sea.png.txt").write_text("Ein stürmisches Meer")
    entries = from_folder(tmp_path)
    assert [entries[name].captions[0].text for name in ("beach.jpg", "sea.png")] == [
        "A red dress on a beach.",
        "Ein stürmisches Meer",
    ]
    assert len(entries) == 2


def test_names_with_spaces_newlines_other_scripts_and_broken_bytes_are_handed_in(tmp_path: Path) -> None:
    for name in ("two words.jpg", "two\nlines.jpg", "写真.jpg"):
        (tmp_path / name).write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/br\xffken.jpg")).write_bytes(b"x")
    assert set(from_folder(tmp_path)) == {"two words.jpg", "two\nlines.jpg", "写真.jpg", "br\ufffdken.jpg"}


@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_a_folder_that_cannot_be_taken_in_says_why_in_one_line(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / kind
    if kind == "empty":
        folder.mkdir()
    if kind == "file":
        folder.write_bytes(b"x")
    with pytest.raises(BadSource) as caught:
        from_folder(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_missing_or_no_file_gives_a_reason(tmp_path: Path) -> None:
    (tmp_path / "big.jpg").write_bytes(bytes(LIMIT + 1))
    os.mkfifo(tmp_path / "pipe.jpg")
    entries = from_folder(tmp_path)
    with pytest.raises(UnsupportedMedia, match="1,001 bytes are over the limit"):
        entries["big.jpg"].read()
    with pytest.raises(UnsupportedMedia, match="not a regular file"):
        entries["pipe.jpg"].read()
    (tmp_path / "big.jpg").unlink()
    with pytest.raises(UnsupportedMedia, match="no such file"):
        entries["big.jpg"].read()


def test_a_manifest_line_says_everything_about_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"1")
    row = {
        "path": "a.jpg",
        "caption": ["A red car", "Ein rotes Auto"],
        "tags": ["car"],
        "captured_at": "2024-05-01",
        "source": "desk",
        "licence": "CC0-1.0",
        "language": "en",
        "access_groups": ["press"],
        "something else": 1,
    }
    (entry,) = from_manifest(tmp_path, json.dumps(row))
    assert entry.read() == b"1"
    assert [caption.text for caption in entry.captions] == ["A red car", "Ein rotes Auto"]
    assert (entry.tags, entry.licence, entry.access_groups) == (("car",), "CC0-1.0", ("press",))
    assert entry.captured_at is not None
    assert entry.captured_at.isoformat() == "2024-05-01T00:00:00+00:00"


def test_a_broken_line_is_skipped_with_its_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"1")
    entries = from_manifest(
        tmp_path,
        '{"path": "a.jpg"}',
        '{"path": "a.jpg", broken',
        '{"caption": "no path"}',
        '{"path": "a.jpg", "captured_at": "yesterday"}',
        "[1]",
        "",
        '{"path": "../outside.jpg"}',
        '{"path": "a.jpg"}',
    )
    reasons = {}
    for entry in entries:
        try:
            entry.read()
        except UnsupportedMedia as error:
            reasons[entry.name] = str(error)
    assert list(reasons) == [
        "manifest.jsonl:2",
        "manifest.jsonl:3",
        "manifest.jsonl:4",
        "manifest.jsonl:5",
        "../outside.jpg",
    ]
    assert "no JSON" in reasons["manifest.jsonl:2"]
    assert "path" in reasons["manifest.jsonl:3"]
    assert "captured_at" in reasons["manifest.jsonl:4"]
    assert "out of the manifest's folder" in reasons["../outside.jpg"]
    assert len(entries) == 7


@pytest.mark.parametrize("content", [None, "", "\n\n"])
def test_a_manifest_that_is_missing_or_empty_says_so(tmp_path: Path, content: str | None) -> None:
    manifest = tmp_path / "manifest.jsonl"
    if content is not None:
        manifest.write_text(content)
    with pytest.raises(BadSource, match=str(manifest)):
        list(jsonl_entries(manifest, SourceLimits(LIMIT)))
