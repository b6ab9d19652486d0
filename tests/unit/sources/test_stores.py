"""Object stores: listed as they are read, never held as a whole."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from rag.errors import BadSource, Unavailable
from tests.unit.sources.reading import by_name, captions, contents, entries_of
from tests.unit.sources.s3_server import S3Server, s3
from tests.unit.sources.test_webdataset import SAMPLES, tar_of

__all__ = ["s3"]

FILES = {
    "a.jpg": b"one",
    "b/beach.jpg": b"two",
    "b/beach.txt": b"A red dress",
    "b/big.jpg": bytes(2_000),
    "b/c/.hidden.jpg": b"hidden",
    "b/c/deep.jpg": b"three",
    "b/notes.txt": b"no picture of mine",
    "z.jpg": b"four",
}


def check(found: dict[str, bytes | str]) -> None:
    assert "2,000 bytes are over the limit" in str(found.pop("b/big.jpg"))
    assert found == {name: FILES[name] for name in ("a.jpg", "b/beach.jpg", "b/c/deep.jpg", "b/notes.txt", "z.jpg")}


def test_every_file_below_a_prefix_is_handed_in_with_its_sidecar(tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    for name, content in FILES.items():
        files.pipe_file(f"/{tmp_path.name}/desk/{name}", content)
    entries = by_name(entries_of(f"memory://{tmp_path.name}/desk"))
    assert captions(entries["b/beach.jpg"]) == ["A red dress"]
    assert len({entry.fingerprint for entry in entries.values()} - {""}) == len(entries)
    check(contents(entries.values()))


def test_a_file_that_goes_meanwhile_is_skipped_and_the_rest_goes_on(tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    for name in ("a.jpg", "b.jpg"):
        files.pipe_file(f"/{tmp_path.name}/{name}", b"x")
    entries = entries_of(f"memory://{tmp_path.name}/")
    files.rm(f"/{tmp_path.name}/a.jpg")
    found = contents(entries)
    assert "not there" in str(found["a.jpg"])
    assert found["b.jpg"] == b"x"


@pytest.mark.parametrize("prefix", ["nothing", ""])
def test_a_prefix_without_files_says_so(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(BadSource) as caught:
        entries_of(f"memory://{tmp_path.name}-empty/{prefix}")
    assert "\n" not in str(caught.value)


def test_s3_is_listed_page_by_page(s3: S3Server) -> None:
    s3.objects = {f"feed/{name}": content for name, content in FILES.items()} | {"feed/folder/": b"", "other.jpg": b"x"}
    entries = by_name(entries_of("s3://desk/feed"))
    assert captions(entries["b/beach.jpg"]) == ["A red dress"]
    assert s3.asked.count("GET list") == 5
    assert not [asked for asked in s3.asked if asked.endswith(".jpg")], "no picture is read before its turn"
    check(contents(entries.values()))
    assert not [asked for asked in s3.asked if "big.jpg" in asked], "its size is in the list"


def test_a_fingerprint_is_that_of_the_list_and_changes_with_the_object(s3: S3Server) -> None:
    s3.objects = {"feed/a.jpg": b"1", "feed/b.jpg": b"1"}
    a, b = entries_of("s3://desk/feed")
    s3.objects["feed/b.jpg"] = b"2"
    again, changed = entries_of("s3://desk/feed/")
    assert a.fingerprint == again.fingerprint
    assert len({a.fingerprint, b.fingerprint, changed.fingerprint, ""}) == 4


def test_one_object_of_s3_is_a_source_and_so_are_shards(s3: S3Server) -> None:
    s3.objects = {
        "feed/a.jpg": b"1",
        "feed/a.jpg.bak": b"2",
        "wds/0.tar": tar_of(SAMPLES),
        "wds/1.tar": tar_of(SAMPLES),
    }
    assert contents(entries_of("s3://desk/feed/a.jpg")) == {"a.jpg": b"1"}
    assert [entry.read() for entry in entries_of("s3://desk/wds/{0..1}.tar")] == [b"one", b"two"] * 2


def test_a_bucket_that_is_not_there_says_so(s3: S3Server) -> None:
    with pytest.raises(BadSource, match="s3://nowhere/feed"):
        entries_of("s3://nowhere/feed")
    with pytest.raises(BadSource, match="holds no files"):
        entries_of("s3://desk/nothing")


def test_a_store_that_stops_answering_is_no_fault_of_its_files(s3: S3Server) -> None:
    s3.objects = {"feed/a.jpg": b"1"}
    (entry,) = entries_of("s3://desk/feed")
    s3.out_of_order = True
    with pytest.raises(Unavailable, match="does not answer"):
        entry.read()
    with pytest.raises(BadSource, match="does not answer"):
        entries_of("s3://desk/feed")
