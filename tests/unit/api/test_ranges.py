"""Parts of a film, as browsers ask for them."""

from __future__ import annotations

import pytest
from fastapi import Request, Response
from starlette.exceptions import HTTPException

from rag.api.ranges import respond

CONTENT = bytes(range(10))
ETAG = '"x"'


def answer(**headers: str) -> Response:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return respond(Request({"type": "http", "headers": named}), CONTENT, "video/mp4", ETAG, {"ETag": ETAG})


@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [
        ("bytes=0-3", CONTENT[:4], "bytes 0-3/10"),
        ("bytes=4-", CONTENT[4:], "bytes 4-9/10"),
        ("bytes=-3", CONTENT[7:], "bytes 7-9/10"),
        ("bytes=-99", CONTENT, "bytes 0-9/10"),
        ("bytes=8-99", CONTENT[8:], "bytes 8-9/10"),
    ],
)
def test_the_part_that_was_asked_for(asked: str, part: bytes, told: str) -> None:
    given = answer(range=asked)
    assert (given.status_code, given.body) == (206, part)
    assert given.headers["content-range"] == told
    assert given.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("asked", ["", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b"])
def test_anything_else_is_answered_with_all_of_it(asked: str) -> None:
    given = answer(range=asked)
    assert (given.status_code, given.body) == (200, CONTENT)
    assert given.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=5-4", "bytes=-0"])
def test_where_nothing_lies_the_size_is_told(asked: str) -> None:
    with pytest.raises(HTTPException) as raised:
        answer(range=asked)
    assert raised.value.status_code == 416
    assert raised.value.headers == {"Content-Range": "bytes */10"}


def test_a_part_of_another_version_is_not_mixed_in() -> None:
    assert answer(range="bytes=0-3", if_range='"other"').status_code == 200
    assert answer(range="bytes=0-3", if_range=ETAG).status_code == 206
