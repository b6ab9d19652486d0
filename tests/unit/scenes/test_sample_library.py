"""The sample library: 240 different pictures that are written once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

from rag.scenes import HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS
from rag.scenes.sample_library import sample_library, write_sample_library


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in folder.iterdir()
    }


def test_240_different_items_40_of_them_without_a_caption() -> None:
    items = sample_library()
    assert items == sample_library()
    assert len(items) == 240
    assert len({item.scene.key for item in items}) == 240
    assert sum(item.caption is None for item in items) == 40
    captions = [item.caption for item in items if item.caption]
    assert len(set(captions)) == 200
    assert len({item.file_name for item in items}) == 240
    assert all(item.licence == "CC0-1.0" and datetime.fromisoformat(item.captured_at) for item in items)


def test_the_mix_is_balanced_and_leaves_out_held_out_pairs() -> None:
    items = sample_library()
    tags = Counter(tag for item in items for tag in item.tags)
    for word in (*KINDS, *SETTINGS):
        assert tags[word] >= 2, word
    for word in OCCUPATIONS:
        assert tags[word] >= 1, word
    assert not any(item.scene.pairs & HELD_OUT_PAIRS for item in items)


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    manifest = write_sample_library(tmp_path, size=48, on_progress=lambda done, total: progress.append((done, total)))
    assert progress[-1] == (240, 240)
    before = digests(tmp_path)
    assert write_sample_library(tmp_path, size=48) == manifest
    assert digests(tmp_path) == before
    assert len(before) == 241
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 240
    assert all((tmp_path / row["path"]).is_file() for row in rows)
    assert set(rows[0]) == {"path", "caption", "tags", "captured_at", "source", "licence", "language"}


def test_a_cut_off_run_is_completed(tmp_path: Path) -> None:
    write_sample_library(tmp_path, size=48)
    before = {name: digest for name, (digest, _) in digests(tmp_path).items()}
    (tmp_path / sample_library()[5].file_name).unlink()
    (tmp_path / "manifest.jsonl").unlink()
    write_sample_library(tmp_path, size=48)
    assert {name: digest for name, (digest, _) in digests(tmp_path).items()} == before
