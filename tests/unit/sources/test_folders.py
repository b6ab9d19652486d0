"""Folders: what they hand to ingest, and what they leave alone."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import BadSource, UnsupportedMedia
from rag.sources.folders import folder_entries
from tests.unit.sources.reading import by_name, captions, contents, entries_of

LIMIT = 1_000
XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:description><rdf:Alt><rdf:li xml:lang="x-default">A red dress</rdf:li>
   <rdf:li xml:lang="de">Ein rotes Kleid</rdf:li></rdf:Alt></dc:description>
  <dc:subject><rdf:Bag><rdf:li>dress</rdf:li><rdf:li> beach </rdf:li><rdf:li/></rdf:Bag></dc:subject>
 </rdf:Description></rdf:RDF></x:xmpmeta>"""
BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:description><rdf:li>&b;</rdf:li></dc:description></rdf:RDF>"""


def test_every_file_below_a_folder_is_handed_in_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "one.jpg").write_bytes(b"1")
    (tmp_path / "two.txt").write_bytes(b"2")
    (tmp_path / ".hidden").write_bytes(b"3")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "four.jpg").write_bytes(b"4")
    assert contents(entries_of(tmp_path)) == {"two.txt": b"2", "a/b/one.jpg": b"1"}


def test_a_sidecar_text_is_the_caption_and_no_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "beach.jpg").write_bytes(b"1")
    (tmp_path / "beach.txt").write_text(" A red dress on a beach.\n")
    (tmp_path / "sea.png").write_bytes(b"2")
    (tmp_path / "sea.png.TXT").write_text("Ein stürmisches Meer")
    (tmp_path / "alone.txt").write_text("no picture of mine")
    entries = by_name(entries_of(tmp_path))
    assert list(entries) == ["alone.txt", "beach.jpg", "sea.png"]
    assert captions(entries["beach.jpg"]) == ["A red dress on a beach."]
    assert captions(entries["sea.png"]) == ["Ein stürmisches Meer"]


def test_an_xmp_sidecar_gives_captions_with_their_languages_and_tags(tmp_path: Path) -> None:
    (tmp_path / "beach.jpg").write_bytes(b"1")
    (tmp_path / "beach.txt").write_text("A red dress")
    (tmp_path / "beach.xmp").write_text(XMP)
    (entry,) = entries_of(tmp_path)
    assert [(caption.text, caption.language) for caption in entry.captions] == [
        ("A red dress", ""),
        ("Ein rotes Kleid", "de"),
    ]
    assert entry.tags == ("dress", "beach")


@pytest.mark.parametrize("content", ["<a", "", "\x00\x01", BOMB, "<a>" * 100_000, "x" * 2_000_000])
def test_a_broken_or_hostile_xmp_says_nothing_and_harms_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "beach.jpg").write_bytes(b"1")
    (tmp_path / "beach.xmp").write_text(content)
    (entry,) = entries_of(tmp_path)
    assert (entry.captions, entry.tags, entry.read()) == ((), (), b"1")


def test_names_with_spaces_newlines_other_scripts_and_broken_bytes_are_handed_in(tmp_path: Path) -> None:
    for name in ("two words.jpg", "two\nlines.jpg", "写真.jpg"):
        (tmp_path / name).write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/br\xffken.jpg")).write_bytes(b"x")
    found = contents(entries_of(tmp_path))
    assert set(found) == {"two words.jpg", "two\nlines.jpg", "写真.jpg", "br\ufffdken.jpg"}
    assert set(found.values()) == {b"x"}


@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_a_folder_that_cannot_be_taken_in_says_why_in_one_line(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / kind
    if kind == "empty":
        folder.mkdir()
    if kind == "file":
        folder.write_bytes(b"x")
    with pytest.raises(BadSource) as caught:
        entries_of(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_or_gone_gives_a_reason(tmp_path: Path) -> None:
    (tmp_path / "big.jpg").write_bytes(bytes(LIMIT + 1))
    (tmp_path / "gone.jpg").write_bytes(b"1")
    (tmp_path / "fits.jpg").write_bytes(bytes(LIMIT))
    entries = by_name(entries_of(tmp_path))
    (tmp_path / "gone.jpg").unlink()
    with pytest.raises(UnsupportedMedia, match="1,001 bytes are over the limit"):
        entries["big.jpg"].read()
    with pytest.raises(UnsupportedMedia, match="no such file"):
        entries["gone.jpg"].read()
    assert len(entries["fits.jpg"].read()) == LIMIT


@pytest.fixture
def special(tmp_path: Path) -> Iterator[Path]:
    """A folder with a pipe, a socket and a link to a device, each named like a picture; and a picture."""
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "good.txt")
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    (tmp_path / "good.jpg").write_bytes(b"1")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.jpg"))
        yield tmp_path


def test_pipes_sockets_and_devices_are_never_opened(special: Path) -> None:
    found = contents(entries_of(special))
    assert found.pop("good.jpg") == b"1"
    assert set(found) == {"pipe.jpg", "socket.jpg", "device.jpg"}
    assert all("not a regular file" in str(reason) for reason in found.values())


def test_links_are_followed_inside_the_folder_and_not_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "outside" / "a.txt").write_text("secret")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"1")
    (folder / "a.txt").symlink_to("../outside/a.txt")
    (folder / "inside.jpg").symlink_to("a.jpg")
    (folder / "out.jpg").symlink_to("../outside/secret.jpg")
    (folder / "dangling.jpg").symlink_to("nowhere.jpg")
    (folder / "all").symlink_to("../outside")
    (folder / "sub" / "loop").symlink_to("..")
    (folder / "circle.jpg").symlink_to("circle.jpg")
    entries = by_name(entries_of(folder))
    found = contents(entries.values())
    assert (found["a.jpg"], found["inside.jpg"], entries["a.jpg"].captions) == (b"1", b"1", ())
    assert "out of its folder" in str(found["out.jpg"])
    assert "not followed" in str(found["all"])
    assert "not followed" in str(found["sub/loop"])
    assert isinstance(found["dangling.jpg"], str)
    assert isinstance(found["circle.jpg"], str)
    assert len(found) == 7


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_one_entry_and_the_rest_goes_on(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "open.jpg").write_bytes(b"1")
    closed.chmod(0)
    try:
        found = contents(entries_of(tmp_path))
    finally:
        closed.chmod(0o700)
    assert found["open.jpg"] == b"1"
    assert "cannot be read: Permission denied" in str(found["closed"])


def test_a_folder_that_vanishes_meanwhile_is_one_entry_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(b"1")
    entries = folder_entries(tmp_path, max_bytes=LIMIT)
    assert next(entries).name == "a/1.jpg"
    (tmp_path / "b" / "1.jpg").unlink()
    (tmp_path / "b").rmdir()
    found = contents(entries)
    assert "cannot be read" in str(found["b"])
    assert found["c/1.jpg"] == b"1"


def test_a_fingerprint_changes_when_the_file_does_and_at_no_other_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"1")
    os.utime(path, ns=(1_000, 1_000))
    (first,) = entries_of(tmp_path)
    (again,) = entries_of(tmp_path)
    os.utime(path, ns=(1_000, 2_000))
    (touched,) = entries_of(tmp_path)
    path.write_bytes(b"12")
    os.utime(path, ns=(1_000, 2_000))
    (longer,) = entries_of(tmp_path)
    assert first.fingerprint == again.fingerprint != ""
    assert len({first.fingerprint, touched.fingerprint, longer.fingerprint}) == 3
