"""Addresses of the web as a source: alone, in a list, and in the rows of manifests."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path

import pytest

from rag.errors import BadSource
from rag.media.fetch_limits import FetchLimits
from rag.sources.limits import SourceLimits
from tests.unit.sources.reading import by_name, captions, contents, entries_of
from tests.unit.sources.web_server import WebServer, web

__all__ = ["web"]


@pytest.fixture
def limits(web: WebServer) -> SourceLimits:
    """What an operator sets who has a server of pictures on this machine."""
    own = (ip_network("127.0.0.1/32"),)
    return SourceLimits(100_000, FetchLimits(100_000, seconds=5, ports=frozenset({web.server_port}), allow=own))


def test_one_address_is_one_file_named_without_what_may_be_secret(web: WebServer, limits: SourceLimits) -> None:
    (entry,) = entries_of(web.url("/picture.jpg?token=secret"), limits)
    assert entry.name == web.url("/picture.jpg")
    assert entry.read() == web.picture
    assert web.asked == ["/picture.jpg?token=secret"]


def test_nothing_is_fetched_before_it_is_read(web: WebServer, limits: SourceLimits) -> None:
    entries_of(web.url("/picture.jpg"), limits)
    assert web.asked == []


def test_a_list_of_addresses_goes_on_where_one_fails(web: WebServer, limits: SourceLimits, tmp_path: Path) -> None:
    lines = [
        "# the feed of Monday",
        "",
        web.url("/picture.jpg"),
        web.url("/nothing-here"),
        web.url("/status/503"),
        "http://169.254.169.254/latest/meta-data/",
        "no address",
        f"  {web.url('/gzip')}  ",
    ]
    (tmp_path / "feed.txt").write_text("\n".join(lines))
    found = contents(entries_of(tmp_path / "feed.txt", limits))
    assert found.pop(web.url("/picture.jpg")) == found.pop(web.url("/gzip")) == web.picture
    assert "404" in str(found.pop(web.url("/nothing-here")))
    assert "try again later" in str(found.pop(web.url("/status/503")))
    assert "port" in str(found.pop("http://169.254.169.254/latest/meta-data/"))
    assert all(isinstance(reason, str) for reason in found.values())


def test_a_text_without_addresses_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("Pictures of the summer\nhttp://127.0.0.1/a.jpg\n")
    with pytest.raises(BadSource, match="holds no addresses"):
        entries_of(tmp_path / "readme.txt")


def test_the_row_of_a_manifest_may_name_an_address_instead_of_a_file(
    web: WebServer, limits: SourceLimits, tmp_path: Path
) -> None:
    (tmp_path / "here.jpg").write_bytes(b"here")
    rows = (
        {"url": web.url("/picture.jpg"), "caption": "A corner"},
        {"path": "here.jpg", "url": web.url("/nothing-here")},
        {"path": "gone.jpg", "url": web.url("/cookie")},
        {"image": web.url("/gzip")},
        {"url": "file:///etc/hostname"},
    )
    (tmp_path / "feed.jsonl").write_text("\n".join(map(json.dumps, rows)))
    entries = by_name(entries_of(tmp_path / "feed.jsonl", limits))
    found = contents(entries.values())
    assert captions(entries[web.url("/picture.jpg")]) == ["A corner"]
    assert found["here.jpg"] == b"here"
    assert found[web.url("/picture.jpg")] == found[web.url("/cookie")] == found[web.url("/gzip")] == web.picture
    assert "http" in str(found["file:///etc/hostname"])


def test_coco_pictures_that_are_not_here_come_from_their_address(
    web: WebServer, limits: SourceLimits, tmp_path: Path
) -> None:
    images = [{"id": 1, "file_name": "1.jpg", "coco_url": web.url("/picture.jpg")}]
    notes = [{"image_id": 1, "caption": "A corner"}]
    (tmp_path / "captions_val.json").write_text(json.dumps({"images": images, "annotations": notes}))
    (entry,) = entries_of(tmp_path / "captions_val.json", limits)
    assert (captions(entry), entry.read()) == (["A corner"], web.picture)
