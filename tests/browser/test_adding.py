"""Adding files through the page: what is said of them, how they go on, and where films and documents open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rag.settings import Settings
from tests.browser.test_page import MILLISECONDS, PHONE, Reader
from tests.flows.desk import PATIENCE, Desk, drawn, finished, serving
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene


@pytest.fixture(scope="module")
def waiting_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose vector store is away: it accepts, and indexes nothing."""
    folder = tmp_path_factory.mktemp("waiting-page")
    with serving(Settings(data=folder / "data", vectors="http://127.0.0.1:1"), ready=False) as desk:
        yield desk


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as page:
        page.set_default_timeout(PATIENCE * MILLISECONDS)
        expect.set_options(timeout=PATIENCE * MILLISECONDS)
        yield page


@pytest.fixture
def reader(page: Page, running_desk: Desk) -> Iterator[Reader]:
    reader = Reader(running_desk, page)
    yield reader
    assert reader.mishaps == []


def open_dialog(reader: Reader, library: str) -> None:
    """The dialog for a library that is made for the test."""
    with reader.desk.client() as client:
        client.post("/v1/assets", files=[("files", ("none.jpg", b""))], data={"library": library})
    reader.open(library=library)
    reader.page.locator("#add").click()


def add(page: Page) -> None:
    page.get_by_role("button", name="Add", exact=True).click()


def test_pictures_go_up_through_the_page(reader: Reader, tmp_path: Path) -> None:
    picture = drawn(tmp_path, 1, size=200, seed=78)[0][0]
    broken = tmp_path / "broken <b>.jpg"
    broken.write_bytes(b"no picture at all")
    open_dialog(reader, "pictures")
    reader.page.locator("#files").set_input_files([picture, broken])
    add(reader.page)
    rows = reader.page.locator("#uploads li")
    expect(rows.nth(0)).to_contain_text("Added")
    expect(rows.nth(1)).to_contain_text("broken <b>.jpg")
    expect(rows.nth(1)).to_contain_text("Skipped")
    expect(rows.nth(1)).to_contain_text("text/plain")


def test_what_is_said_of_all_files_is_found_with_them(reader: Reader, tmp_path: Path) -> None:
    page = reader.page
    open_dialog(reader, "said")
    page.locator("#files").set_input_files([path for path, _ in drawn(tmp_path, 2, size=200, seed=701)])
    expect(page.locator("#chosen")).to_have_text("2 files: 00.jpg, 01.jpg")
    page.get_by_label("Caption for all of them").fill("A walrus at the opera")
    page.get_by_label("Tags, separated by commas").fill("walrus, opera")
    add(page)
    expect(page.locator("#uploads h2")).to_have_text("2 of 2 files in said")
    expect(page.locator("#announcer")).to_contain_text("2 of 2 files in said")
    reader.open(q="walrus opera", library="said")
    expect(reader.cards.first.locator(".caption")).to_have_text("A walrus at the opera")


def test_a_folder_is_taken_with_what_is_in_its_folders(reader: Reader, tmp_path: Path) -> None:
    drawn(tmp_path / "trip" / "day one", 1, size=200, seed=702)
    open_dialog(reader, "folders")
    reader.page.locator("#folder").set_input_files(tmp_path / "trip")
    expect(reader.page.locator("#chosen")).to_have_text("1 file: trip/day one/00.jpg")
    add(reader.page)
    expect(reader.page.locator("#uploads li")).to_contain_text("trip/day one/00.jpg")
    expect(reader.page.locator("#uploads li")).to_contain_text("Added")


def test_an_address_that_is_refused_says_why(reader: Reader) -> None:
    page = reader.page
    open_dialog(reader, "addresses")
    add(page)
    expect(page.locator("#adding-wrong")).to_have_text("Choose files first, or enter an address.")
    page.get_by_label("Addresses of files").fill("http://127.0.0.1/secret.jpg")
    add(page)
    expect(page.locator("#uploads li")).to_contain_text("Skipped")
    expect(page.locator("#uploads li")).to_contain_text("loopback")
    expect(page.locator("#uploads h2")).to_have_text("0 of 1 file in addresses")


def test_of_many_files_only_those_that_failed_are_listed(reader: Reader, tmp_path: Path) -> None:
    for number in range(34):
        (tmp_path / f"{number:02}.txt").write_text(f"words {number}")
    good = [path for path, _ in drawn(tmp_path / "good", 3, size=96, seed=703)]
    open_dialog(reader, "many")
    reader.page.locator("#files").set_input_files([*good, *sorted(tmp_path.glob("*.txt"))])
    add(reader.page)
    expect(reader.page.locator("#uploads h2")).to_have_text("3 of 37 files in many")
    expect(reader.page.locator("#uploads li")).to_have_count(34)
    expect(reader.page.locator("#uploads li").first).to_contain_text("text/plain")


def test_adding_can_be_stopped_and_taken_up_again(page: Page, waiting_desk: Desk, tmp_path: Path) -> None:
    reader = Reader(waiting_desk, page)
    reader.open()
    page.locator("#add").wait_for()
    page.locator("#files").set_input_files([path for path, _ in drawn(tmp_path, 2, size=200, seed=704)])
    add(page)
    rows = page.locator("#uploads li")
    expect(rows.first).to_contain_text("Indexing…")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(rows.first).to_contain_text("its job was cancelled")
    expect(page.locator("#uploads")).to_contain_text("Stopped. What was added stays.")
    page.get_by_role("button", name="Try again").last.click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.locator("#uploads")).to_contain_text("0 of 2")


def test_pages_and_moments_are_marked_and_open_where_they_were_found(reader: Reader) -> None:
    page = reader.page
    files = [
        ("files", ("report.pdf", pdf(["Minutes of the meeting", "A red boat at the pier"]))),
        ("files", ("trip.webm", film([(scene(0), 6), (scene(1), 6)], kind="webm"))),
    ]
    with reader.desk.client() as client:
        finished(client, client.post("/v1/assets", files=files, data={"library": "places"}).json()["job"])
    reader.open(q="a red boat at the pier", library="places")
    first = reader.cards.first
    expect(first.locator(".place")).to_have_text("page 2")
    first.locator("button.picture").click()
    original = page.get_by_role("link", name="Open the original at page 2")
    assert (original.get_attribute("href") or "").endswith("#page=2")
    page.keyboard.press("Escape")

    later = reader.cards.filter(has=page.locator(".place", has_text="0:06"))
    later.locator("button.picture").click()
    player = page.locator("dialog video")
    page.wait_for_function("() => document.querySelector('dialog video').currentTime >= 6")
    assert player.evaluate("video => video.error") is None
    address = page.get_by_role("link", name="Open the original at 0:06").get_attribute("href")
    page.goto(f"{reader.desk.url}{address}")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 6")


def test_the_dialog_fits_a_phone_and_answers_to_the_keyboard(reader: Reader) -> None:
    page = reader.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    reader.open()
    page.locator("#add").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add to default")
    expect(dialog).to_be_visible()
    expect(page.locator("#choose-files")).to_be_focused()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#add")).to_be_focused()
