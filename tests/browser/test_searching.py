"""Searching on the page: by a picture, with filters, further pages, and why."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_page import Reader, reader
from tests.flows.desk import drawn, finished

__all__ = ["reader"]


def test_more_like_one_picture_and_back_to_words(reader: Reader) -> None:
    page = reader.page
    reader.open(q=reader.desk.captions[0])
    similar = reader.cards.first.get_by_role("button", name="More like this")
    similar.click()
    expect(page.locator("#likeness img")).to_be_visible()
    expect(reader.cards.first).to_be_visible()
    expect(reader.cards.filter(has_text=reader.desk.captions[0])).to_have_count(0)
    assert "like=" in page.url
    page.reload()
    expect(page.locator("#likeness img")).to_be_visible()
    page.get_by_role("button", name="Do not search by this picture").click()
    expect(page.locator("#likeness")).to_be_hidden()
    assert "like=" not in page.url


def test_a_picture_of_ones_own_is_searched_by(reader: Reader) -> None:
    page = reader.page
    reader.open()
    page.locator("#picture").set_input_files(reader.desk.folder / "pictures" / "02.jpg")
    expect(reader.cards.first.locator(".caption")).to_have_text(reader.desk.captions[2])
    expect(page.locator("#likeness img")).to_be_visible()
    reader.find(reader.desk.captions[5])
    expect(reader.cards.filter(has_text=reader.desk.captions[5]).first).to_be_visible()
    expect(page.locator("#likeness img")).to_be_visible()


def test_a_picture_that_is_none_is_refused_in_words(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "words.jpg").write_bytes(b"no picture at all")
    reader.open()
    reader.page.locator("#picture").set_input_files(tmp_path / "words.jpg")
    refusal = reader.page.get_by_role("alert").filter(has_text="That cannot be asked")
    expect(refusal).to_contain_text("no picture that can be searched by")


def test_filters_are_chips_that_can_be_taken_away(reader: Reader) -> None:
    page = reader.page
    reader.open(q="a boat licence:CC0-1.0 -licence:secret -night", library="default")
    chips = page.locator("#terms .term")
    expect(chips).to_have_count(3)
    expect(chips.first).to_contain_text("licence CC0-1.0")
    page.get_by_role("button", name="Remove -night").click()
    expect(chips).to_have_count(2)
    expect(reader.field).to_have_value("a boat licence:CC0-1.0 -licence:secret")
    reader.cards.first.get_by_role("button", name="Details").click()
    details = page.locator("dialog#details")
    expect(details).to_contain_text("licence:CC0-1.0 holds")
    expect(details).to_contain_text("Compared by")
    reader.page.keyboard.press("Escape")
    reader.find("a boat tagg:x")
    expect(page.get_by_role("alert").filter(has_text="did you mean tag:")).to_be_visible()


def test_show_more_goes_on_without_repeating(reader: Reader, tmp_path: Path) -> None:
    files = [("files", (path.name, path.read_bytes())) for path, _ in drawn(tmp_path, 11, size=160, seed=871)]
    with reader.desk.client() as client:
        data = {"library": "more", "caption": "A harbour"}
        finished(client, client.post("/v1/assets", files=files, data=data).json()["job"])
    reader.open(q="a harbour", library="more")
    expect(reader.cards).to_have_count(8)
    reader.page.get_by_role("button", name="Show more").click()
    expect(reader.cards).to_have_count(11)
    expect(reader.page.get_by_role("button", name="Show more")).to_have_count(0)
    names = reader.cards.locator("img").evaluate_all("images => images.map((image) => image.getAttribute('src'))")
    assert len(set(names)) == 11
