"""Room on disk: refused in one line while there is still some, and holes counted where reading them takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.disk import MIB, copy_with_holes, require_room, room_for_holes, room_of_copy
from rag.errors import DiskFull, Retryable

HUGE = 2**60


def test_what_fits_is_let_through(tmp_path: Path) -> None:
    require_room(tmp_path, 1, kept=0)


@pytest.mark.parametrize(("size", "kept"), [(HUGE, 0), (0, HUGE)])
def test_what_would_fill_the_disk_is_refused_for_now_in_one_line(tmp_path: Path, size: int, kept: int) -> None:
    with pytest.raises(DiskFull, match=f"the disk is full: [0-9,]+ MiB are free at {tmp_path}") as refused:
        require_room(tmp_path, size, kept=kept)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, Retryable)


def test_holes_take_room_on_a_disk_in_memory_and_none_elsewhere(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir():
        pytest.skip("there is no disk in memory")
    (tmp_path / "sparse").touch()
    with (tmp_path / "sparse").open("r+b") as file:
        file.truncate(64 * MIB)
    assert room_for_holes(tmp_path, [tmp_path / "sparse"]) in (
        0,
        64 * MIB,
    )  # the latter where tests run on a disk in memory
    folder = memory / f"picturedesk-{tmp_path.name}"
    folder.mkdir()
    try:
        with (folder / "sparse").open("wb") as file:
            file.write(b"x" * 4096)
            file.truncate(8 * MIB)
        assert room_for_holes(folder, [folder / "sparse"]) == 8 * MIB - 4096
    finally:
        (folder / "sparse").unlink()
        folder.rmdir()


def test_a_copy_has_the_same_bytes_and_takes_no_more_room(tmp_path: Path) -> None:
    for name, written in {"empty": [], "hole": [(0, b"")], "mixed": [(0, b"a"), (5 * MIB, b"b" * 9000)]}.items():
        original, copy = tmp_path / name, tmp_path / f"{name}-copy"
        with original.open("wb") as file:
            for place, content in written:
                file.seek(place)
                file.write(content)
            file.truncate(8 * MIB if written else 0)
        copy_with_holes(str(original), str(copy))
        assert copy.read_bytes() == original.read_bytes()
        assert copy.stat().st_blocks <= original.stat().st_blocks
    whole = tmp_path / "whole"
    whole.mkdir()
    (tmp_path / "mixed").rename(whole / "mixed")
    assert room_of_copy(whole) < MIB
