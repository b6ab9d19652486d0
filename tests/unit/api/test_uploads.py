"""Uploads as entries, and file names on their way out."""

from __future__ import annotations

import io

import pytest
from fastapi import UploadFile

from rag.api.pictures import disposition
from rag.api.uploads import Said, entries, words
from rag.errors import UnsupportedMedia


def test_each_file_becomes_an_entry_with_what_was_said_of_all() -> None:
    files = [UploadFile(io.BytesIO(b"one"), filename="a.jpg"), UploadFile(io.BytesIO(b"two"), filename="")]
    made = list(entries(files, Said(caption=" A cat ", tags=["cat, pet", "pet"], licence="CC0-1.0"), max_bytes=10))
    assert [entry.name for entry in made] == ["a.jpg", "unnamed"]
    assert [entry.read() for entry in made] == [b"one", b"two"]
    assert made[0].captions[0].text == "A cat"
    assert made[0].tags == ("cat", "pet")
    assert made[0].licence == "CC0-1.0"


def test_a_file_over_the_limit_is_refused_when_it_is_read() -> None:
    (entry,) = entries([UploadFile(io.BytesIO(b"x" * 11), filename="big")], Said(), max_bytes=10)
    with pytest.raises(UnsupportedMedia, match="over the limit of 10 bytes"):
        entry.read()


def test_a_blank_caption_is_no_caption() -> None:
    (entry,) = entries([UploadFile(io.BytesIO(b"x"))], Said(caption="  "), max_bytes=10)
    assert entry.captions == ()


def test_tags_come_in_one_field_or_in_several() -> None:
    assert words(["a, b", "b", "", " c "]) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("beach.jpg", "inline; filename=\"beach.jpg\"; filename*=UTF-8''beach.jpg"),
        ("../../etc/passwd", "inline; filename=\"passwd\"; filename*=UTF-8''passwd"),
        ('a"b;c.jpg', "inline; filename=\"a_b_c.jpg\"; filename*=UTF-8''a%22b%3Bc.jpg"),
        ("line\r\nbreak.jpg", "inline; filename=\"line  break.jpg\"; filename*=UTF-8''line%20%20break.jpg"),
        ("写真.jpg", "inline; filename=\"__.jpg\"; filename*=UTF-8''%E5%86%99%E7%9C%9F.jpg"),
        (" .. ", "inline; filename=\"picture\"; filename*=UTF-8''picture"),
    ],
)
def test_names_are_harmless_in_a_header(name: str, expected: str) -> None:
    assert disposition(name, "image/jpeg") == expected


def test_what_is_no_picture_is_never_shown_in_place() -> None:
    assert disposition("a.svg", "image/svg+xml").startswith("attachment;")
