"""The page as a reader uses it: a real Chromium on the running product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.flows.desk import PATIENCE, Desk, drawn, finished

MILLISECONDS = 1000
PHONE = {"width": 375, "height": 812}
MARKUP = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
MARKED_NAME = "<img src=x onerror=document.title='owned'>.jpg"


class Reader:
    """Somebody with a browser tab.

    Attributes:
        mishaps: what went wrong in the page: exceptions, and what the content policy stopped.
    """

    def __init__(self, desk: Desk, page: Page) -> None:
        self.desk, self.page = desk, page
        self.mishaps: list[str] = []
        page.on("pageerror", lambda error: self.mishaps.append(str(error)))
        page.on("console", lambda said: self.mishaps.append(said.text) if "Content Security" in said.text else None)

    def open(self, **address: str) -> None:
        self.page.goto(f"{self.desk.url}/?{urlencode(address)}")

    @property
    def cards(self) -> Locator:
        return self.page.locator("#stage li.card:not(:has(.shimmer))")

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("searchbox")

    def find(self, words: str) -> None:
        self.field.fill(words)
        self.field.press("Enter")


@pytest.fixture
def reader(browser: Browser, running_desk: Desk) -> Iterator[Reader]:
    with browser.new_page() as page:
        page.set_default_timeout(PATIENCE * MILLISECONDS)
        expect.set_options(timeout=PATIENCE * MILLISECONDS)
        reader = Reader(running_desk, page)
        yield reader
    assert reader.mishaps == []


def loaded(picture: Locator) -> bool:
    """Whether an <img> shows pixels."""
    picture.scroll_into_view_if_needed()
    picture.evaluate("image => image.decode()")
    return bool(picture.evaluate("image => image.naturalWidth > 0"))


def test_search_shows_pictures_with_captions_and_relevance(reader: Reader) -> None:
    caption = reader.desk.captions[0]
    reader.open()
    reader.find(caption)
    first = reader.cards.first
    expect(first.locator(".caption")).to_have_text(caption)
    expect(first.locator(".relevance")).to_contain_text("%")
    expect(first.locator("img")).to_have_attribute("alt", caption)
    assert loaded(first.locator("img"))
    expect(first).to_contain_text("Captioned by a person")
    expect(first).to_contain_text("CC0-1.0")
    expect(reader.page.locator("#stage")).to_contain_text("Searched")
    assert "q=" in reader.page.url


def test_an_address_can_be_shared_and_back_leads_back(reader: Reader) -> None:
    one, two = reader.desk.captions[:2]
    reader.open(q=one)
    expect(reader.cards.first).to_contain_text(one)
    reader.find(two)
    expect(reader.cards.first).to_contain_text(two)
    reader.page.go_back()
    expect(reader.cards.first).to_contain_text(one)
    expect(reader.field).to_have_value(one)


def test_a_citation_leads_to_its_evidence(reader: Reader) -> None:
    reader.open(q=reader.desk.captions[2], mode="ask")
    citation = reader.page.locator(".answer .citation").first
    number = citation.inner_text()
    evidence = reader.page.locator(f"#evidence-{number}")
    expect(evidence).not_to_have_class("card lit")
    citation.click()
    expect(evidence).to_have_class("card lit")
    expect(evidence).to_be_focused()
    expect(evidence).to_be_in_viewport()
    expect(reader.page.locator(".answer")).to_contain_text("without a language model")


def test_a_follow_up_stands_below_what_was_asked_before_and_the_address_brings_it_back(reader: Reader) -> None:
    first, second = reader.desk.captions[5], reader.desk.captions[6]
    reader.open(q=first, mode="ask")
    further = reader.page.get_by_role("textbox", name="Ask further")
    further.fill(second)
    further.press("Enter")
    earlier = reader.page.locator(".earlier-turn")
    expect(earlier).to_contain_text(first)
    expect(reader.page.locator(".asked-now")).to_have_text(second)
    expect(reader.page.locator(".answer")).to_contain_text(second)
    expect(reader.page.locator(".answer .further-question")).to_be_visible()
    assert loaded(earlier.locator(".strip img").first)
    expect(reader.page).to_have_url(re.compile("talk="))
    reader.page.reload()
    expect(reader.page.locator(".earlier-turn")).to_contain_text(first)
    expect(reader.page.locator(".asked-now")).to_have_text(second)
    reader.page.go_back()
    expect(reader.page.locator(".earlier-turn")).to_have_count(0)
    expect(reader.page.locator(".answer")).to_contain_text(first)


def test_what_was_asked_before_is_found_again_and_can_be_deleted(reader: Reader) -> None:
    asked = f"Which picture shows {reader.desk.captions[7]}?"
    reader.open(q=asked, mode="ask")
    expect(reader.page.locator(".answer .further-question")).to_be_visible()
    reader.open(mode="ask")
    entry = reader.page.locator(".talks li", has_text=asked)
    entry.locator(".talk").click()
    expect(reader.page.locator(".answer")).to_contain_text(reader.desk.captions[7])
    reader.open(mode="ask")
    entry.get_by_role("button", name="Delete").click()
    expect(entry).to_have_count(0)


def test_an_answer_says_how_far_each_sentence_is_borne_out(reader: Reader) -> None:
    reader.open(q=reader.desk.captions[8], mode="ask")
    support = reader.page.locator(".answer .support")
    expect(support).to_contain_text("borne out by the evidence")
    support.locator("summary").click()
    expect(support.locator("li .score").first).to_have_text(re.compile(r"\d+%"))


def test_what_nothing_answers_is_said_and_the_closest_pictures_are_one_click_away(reader: Reader) -> None:
    with reader.desk.client() as client:
        client.post("/v1/assets", files=[("files", ("no.jpg", b""))], data={"library": "hollow-page"})
    reader.open(q="Who won the match?", mode="ask", library="hollow-page")
    expect(reader.page.get_by_role("heading", name="No answer in this library")).to_be_visible()
    reader.page.get_by_role("button", name="Show the closest pictures").click()
    expect(reader.page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert "mode=ask" not in reader.page.url


def test_the_keyboard_alone_suffices(reader: Reader) -> None:
    keyboard = reader.page.keyboard
    reader.open()
    expect(reader.field).to_be_focused()
    keyboard.type(reader.desk.captions[4])
    keyboard.press("Enter")
    expect(reader.cards.first).to_be_visible()
    keyboard.press("Tab")
    expect(reader.cards.first.locator("button.picture")).to_be_focused()
    keyboard.press("Enter")
    details = reader.page.locator("dialog#details")
    expect(details).to_contain_text("Why it was found")
    expect(details).to_contain_text("1 of")
    keyboard.press("ArrowRight")
    expect(details).to_contain_text("2 of")
    keyboard.press("Escape")
    expect(details).to_be_hidden()
    keyboard.press("/")
    expect(reader.field).to_be_focused()
    keyboard.press("Escape")
    expect(reader.field).to_have_value("")


def test_a_question_that_is_asked_before_the_page_has_loaded_is_not_covered_by_the_collection(reader: Reader) -> None:
    """The status comes late, and what was to be shown before it is no longer wanted by then."""
    held: dict[str, list[Route]] = {"status": [], "assets?": []}
    late = set(held)

    def hold(route: Route) -> None:
        kept = [name for name in late if f"/v1/{name}" in route.request.url]
        held[kept[0]].append(route) if kept else route.continue_()

    reader.page.route("**/v1/*", hold)
    reader.open()
    reader.find(reader.desk.captions[3])
    for name in ("status", "assets?"):
        late.discard(name)
        for route in held[name]:
            route.continue_()
        expect(reader.cards.first).to_contain_text(reader.desk.captions[3])
    reader.page.wait_for_load_state("networkidle")
    expect(reader.cards.first).to_contain_text(reader.desk.captions[3])
    expect(reader.page.locator(".collection")).to_have_count(0)


@pytest.mark.parametrize("address", [{}, {"q": "a boat"}, {"q": "Which pictures show a boat?", "mode": "ask"}])
def test_a_phone_never_scrolls_sideways(reader: Reader, address: dict[str, str]) -> None:
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    reader.open(**address)
    expect(reader.page.locator("#stage > *:not([aria-hidden])").first).to_be_visible()
    width = reader.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_dark_follows_the_system(reader: Reader) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)
        reader.open()
        colours[scheme] = reader.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    brightness = {scheme: sum(map(int, colour[4:-1].split(","))) for scheme, colour in colours.items()}
    assert brightness["light"] > 600
    assert brightness["dark"] < 150


def test_markup_in_captions_and_names_is_only_text(reader: Reader, tmp_path: Path) -> None:
    content = drawn(tmp_path, 1, size=200, seed=77)[0][0].read_bytes()
    with reader.desk.client() as client:
        data = {"library": "marked", "caption": MARKUP, "tags": MARKUP, "source": MARKUP}
        taken = client.post("/v1/assets", files=[("files", (MARKED_NAME, content, "image/jpeg"))], data=data)
        finished(client, taken.json()["job"])
    for mode in ("search", "ask"):
        reader.open(q=MARKUP, mode=mode, library="marked")
        expect(reader.cards.first.locator(".caption")).to_have_text(MARKUP)
    reader.cards.first.locator("button.picture").click()
    expect(reader.page.locator("dialog#details")).to_contain_text(MARKED_NAME)
    assert reader.page.title() == f"{MARKUP} · Picture Desk"
    assert reader.page.locator("main img[src='x'], dialog img[src='x'], main script").count() == 0


def test_a_refusal_is_shown_in_words(reader: Reader) -> None:
    reader.open(q="x" * 5000)
    problem = reader.page.get_by_role("alert").filter(has_text="That cannot be asked")
    expect(problem).to_contain_text("5,000 characters; at most 4,000")


def test_a_desk_that_is_away_is_said_and_can_be_tried_again(reader: Reader) -> None:
    reader.open()
    expect(reader.cards.first).to_be_visible()
    reader.page.route("**/v1/search", lambda route: route.abort())
    reader.find("a boat")
    expect(reader.page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    reader.page.unroute("**/v1/search")
    reader.page.get_by_role("button", name="Try again").click()
    expect(reader.cards.first).to_be_visible()
