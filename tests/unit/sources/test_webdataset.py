"""WebDataset: tars as img2dataset and others write them, and as they break."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

import fsspec
import pytest

from rag.errors import BadSource
from rag.sources.limits import SourceLimits
from rag.sources.shards import expanded
from tests.unit.sources.reading import by_name, captions, contents, entries_of

SAMPLES = (
    ("0001.jpg", b"one"),
    ("0001.json", json.dumps({"caption": "from json", "keywords": ["sea"], "license": "CC0"}).encode()),
    ("0001.txt", b"from text"),
    ("sub/0002.webp", b"two"),
    ("sub/0002.caption", b"a caption"),
)


def write_tar(path: Path, members: Sequence[tuple[str, bytes]], mode: str = "w") -> Path:
    path.write_bytes(tar_of(members, mode))
    return path


def tar_of(members: Sequence[tuple[str, bytes]], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("suffix", "mode"), [(".tar", "w"), (".tar.gz", "w:gz"), (".tgz", "w:gz"), (".tar.xz", "w:xz")]
)
def test_pictures_come_with_the_texts_that_share_their_name(tmp_path: Path, suffix: str, mode: str) -> None:
    tar = write_tar(tmp_path / f"shard{suffix}", SAMPLES, mode)
    entries = by_name(entries_of(tar))
    first, second = entries[f"{tar.name}/0001.jpg"], entries[f"{tar.name}/sub/0002.webp"]
    assert captions(first) == ["from text", "from json"]
    assert (first.tags, first.licence, first.read()) == (("sea",), "CC0", b"one")
    assert (captions(second), second.read()) == (["a caption"], b"two")
    assert len(entries) == 2
    assert len({first.fingerprint, second.fingerprint, ""}) == 3


def test_a_fingerprint_changes_when_the_archive_does(tmp_path: Path) -> None:
    tar = write_tar(tmp_path / "a.tar", SAMPLES)
    os.utime(tar, ns=(1, 1))
    before = [entry.fingerprint for entry in entries_of(tar)]
    assert before == [entry.fingerprint for entry in entries_of(tar)]
    os.utime(tar, ns=(1, 2))
    assert not set(before) & {entry.fingerprint for entry in entries_of(tar)}


def test_shards_are_named_by_braces_by_a_glob_or_by_their_folder(tmp_path: Path) -> None:
    for number in range(3):
        write_tar(tmp_path / f"{number:05}.tar", [(f"{number}.jpg", b"x")])
        (tmp_path / f"{number:05}.parquet").write_bytes(b"as img2dataset writes it")
        (tmp_path / f"{number:05}_stats.json").write_text("{}")
    names = ["00000.tar/0.jpg", "00001.tar/1.jpg", "00002.tar/2.jpg"]
    for source in ("{00000..00002}.tar", "*.tar", "{00000,00001,00002}.tar", "0000[0-9].tar", ""):
        assert [entry.name for entry in entries_of(tmp_path / source)] == names
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert len(entries_of(tmp_path)) > 3, "a folder with pictures is a folder of pictures"


def test_braces_are_written_out_as_shells_do() -> None:
    assert list(expanded("a{08..11}{x,y}")) == [f"a{n}{c}" for n in ("08", "09", "10", "11") for c in "xy"]
    assert list(expanded("plain.tar")) == ["plain.tar"]
    for pattern in ("{3..1}.tar", "{0..99999999999}.tar"):
        with pytest.raises(BadSource, match="counts backwards"):
            list(expanded(pattern))


def test_shards_in_a_store_are_streamed(tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    for number in range(2):
        files.pipe_file(f"/wds-{tmp_path.name}/{number}.tar", tar_of(SAMPLES))
    for source in ("{0..1}.tar", "*.tar"):
        entries = entries_of(f"memory://wds-{tmp_path.name}/{source}")
        assert [entry.read() for entry in entries] == [b"one", b"two"] * 2
        assert captions(entries[0]) == ["from text", "from json"]
        assert len({entry.fingerprint for entry in entries} - {""}) == 4
    with pytest.raises(BadSource, match="no file matches"):
        entries_of(f"memory://nothing-{tmp_path.name}/*.tar")


def test_names_that_lead_elsewhere_are_only_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    members = [("../../escaped.jpg", b"1"), ("/absolute.jpg", b"2"), ("nul.jpg", b"3")]
    found = contents(entries_of(write_tar(tmp_path / "in" / "a.tar", members)))
    assert list(found.values()) == [b"1", b"2", b"3"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tar", "in"]


def test_links_devices_and_pipes_in_an_archive_are_left_alone(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind in (("a.jpg", tarfile.SYMTYPE), ("b.jpg", tarfile.LNKTYPE), ("c.jpg", tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/hostname"
            tar.addfile(member)
        member = tarfile.TarInfo("good.jpg")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"good"))
    (tmp_path / "a.tar").write_bytes(buffer.getvalue())
    assert contents(entries_of(tmp_path / "a.tar")) == {"a.tar/good.jpg": b"good"}


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_what_is_too_large_broken_or_no_picture_is_skipped_and_the_rest_goes_on(tmp_path: Path, mode: str) -> None:
    members = (
        ("big.jpg", bytes(1_001)),
        ("broken.jpg", b"b"),
        ("broken.json", b"{"),
        ("label.cls", b"7"),
        ("label.npy", b"7"),
        ("masked.jpg", b"m"),
        ("masked.seg.png", b"mask"),
        ("photo.2020.jpg", b"p"),
        ("long.jpg", b"l"),
        ("long.txt", b"x" * 2_000_000),
    )
    name = "a.tar" if mode == "w" else "a.tar.gz"
    found = contents(entries_of(write_tar(tmp_path / name, members, mode)))
    assert "over the limit" in str(found.pop(f"{name}/big.jpg"))
    assert "no picture, film or PDF but cls, npy" in str(found.pop("label"))
    pictures = {"broken.jpg": b"b", "masked.jpg": b"m", "photo.2020.jpg": b"p", "long.jpg": b"l"}
    assert found == {f"{name}/{key}": content for key, content in pictures.items()}


def test_a_sample_without_an_end_is_not_held(tmp_path: Path) -> None:
    members = [("same.jpg", b"x" * 900)] * 500
    tar = write_tar(tmp_path / "a.tar.gz", members, "w:gz")
    assert len(entries_of(tar, SourceLimits(max_bytes=1_000))) == 500


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_an_archive_that_breaks_off_gives_what_was_whole_and_says_so(tmp_path: Path, mode: str) -> None:
    whole = tar_of([(f"{number}.jpg", os.urandom(900)) for number in range(20)], mode)
    suffix = "tar" if mode == "w" else "tar.gz"
    (tmp_path / f"0.{suffix}").write_bytes(whole[: len(whole) // 2])
    write_tar(tmp_path / f"1.{suffix}", SAMPLES, mode)
    found = contents(entries_of(tmp_path / f"{{0..1}}.{suffix}"))
    assert "broken from here on" in str(found[f"0.{suffix}"])
    assert len([content for content in found.values() if isinstance(content, bytes)]) > 5
    assert found[f"1.{suffix}/0001.jpg"] == b"one"


def test_a_shard_that_is_no_tar_is_skipped_and_a_source_of_none_is_refused(tmp_path: Path) -> None:
    write_tar(tmp_path / "good.tar", SAMPLES)
    (tmp_path / "bad.tar").write_bytes(b"\x1f\x8bno tar at all")
    found = contents(entries_of(tmp_path / "{bad,missing,good}.tar"))
    assert "no tar" in str(found["bad.tar"])
    assert "no tar" in str(found["missing.tar"])
    assert found["good.tar/0001.jpg"] == b"one"
    for source in ("bad.tar", "{bad,missing}.tar"):
        with pytest.raises(BadSource, match="no tar"):
            entries_of(tmp_path / source)
