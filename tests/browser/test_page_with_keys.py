"""The page of a desk with keys, from an empty library to a picture seen through the session."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.settings import ApiKey, Settings
from tests.browser.test_page import MILLISECONDS, Reader
from tests.flows.desk import PATIENCE, Desk, drawn, serving

SECRET = "a key; with, odd=signs"


@pytest.fixture(scope="module")
def keyed_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    digest = sha256(SECRET.encode()).hexdigest()
    key = ApiKey(sha256=digest, actor="ed", roles=frozenset({"editor"}), libraries=frozenset({"default"}))
    with serving(Settings(data=tmp_path_factory.mktemp("keyed-page") / "data", api_keys=(key,))) as desk:
        yield desk


def test_the_key_is_asked_for_once_and_opens_pictures_too(browser: Browser, keyed_desk: Desk, tmp_path: Path) -> None:
    with browser.new_page() as page:
        page.set_default_timeout(PATIENCE * MILLISECONDS)
        expect.set_options(timeout=PATIENCE * MILLISECONDS)
        reader = Reader(keyed_desk, page)
        reader.open()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("asks for a key")
        page.get_by_label("Key", exact=True).fill("wrong")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("does not know this key")
        page.get_by_label("Key", exact=True).fill(SECRET)
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()

        expect(page.get_by_role("heading", name="The library is empty")).to_be_visible()
        expect(page.locator("#stage")).to_contain_text("picturedesk ingest FOLDER")
        page.locator("#files").set_input_files([drawn(tmp_path, 1, size=200)[0][0]])
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("#uploads h2")).to_have_text("1 of 1 file in default")
        picture = reader.cards.first.locator("img")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert SECRET not in page.evaluate(
            "() => JSON.stringify([document.cookie, {...localStorage, ...sessionStorage}])"
        )
    assert reader.mishaps == []
