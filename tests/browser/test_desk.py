"""The editor's desk in the browser: drafts and their review, what moderation asks of people, and who sees neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rag.settings import Settings
from tests.browser.test_page import MARKUP, MILLISECONDS, PHONE, Reader
from tests.flows.desk import PATIENCE, Desk, drawn, finished, serving
from tests.flows.moderated import POLICY, drawn_scenes
from tests.flows.test_http_moderation import sharpness
from tests.flows.test_http_rights import as_actor, key

EVE, RITA, READER, STRANGER = "eve", "rita", "ron", "sid"
CAPTIONED = 6

Opens = Callable[[str], Reader]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two editors and a reader; captioned pictures, six without a caption, and some that the policy finds."""
    folder = tmp_path_factory.mktemp("desk-page")
    libraries = {"default", "queue", "many"}
    editors = [key(name, "editor", libraries=libraries) for name in (EVE, RITA)]
    keys = (*editors, key(READER, "reader", libraries=libraries), key(STRANGER, "editor", libraries={"museum"}))
    pictures = drawn(folder / "pictures", 12, size=200, seed=81)
    told = [(path, caption if number < CAPTIONED else "") for number, (path, caption) in enumerate(pictures)]
    scenes = drawn_scenes(folder / "scenes", ("nurse", "sign", "mistaken"))
    nurses = [one for seed in range(10, 13) for one in drawn_scenes(folder / "nurses", ("nurse",), seed=seed)]
    with serving(Settings(data=folder / "data", api_keys=keys, policy=POLICY)) as desk:
        with as_actor(desk, EVE) as editor:
            for library, taken in (("default", told), ("queue", scenes), ("many", nurses)):
                for path, caption in taken:
                    files = [("files", (path.name, path.read_bytes()))]
                    sent = editor.post("/v1/assets", files=files, data={"library": library, "caption": caption})
                    finished(editor, sent.json()["job"])
        yield Desk(desk.url, folder, tuple(caption for _, caption in pictures))


@pytest.fixture
def opens(browser: Browser, desk: Desk) -> Iterator[Opens]:
    """A browser of somebody who has given the key."""
    with ExitStack() as open_pages:
        readers = []

        def opened(name: str) -> Reader:
            page = open_pages.enter_context(browser.new_page())
            page.set_default_timeout(PATIENCE * MILLISECONDS)
            expect.set_options(timeout=PATIENCE * MILLISECONDS)
            assert page.request.post(f"{desk.url}/v1/session", data={"key": name}).ok
            readers.append(Reader(desk, page))
            return readers[-1]

        yield opened
        assert [reader.mishaps for reader in readers] == [[]] * len(readers)


@pytest.fixture
def rita(desk: Desk) -> Iterator[httpx.Client]:
    with as_actor(desk, RITA) as client:
        yield client


@pytest.fixture
def drafted(rita: httpx.Client) -> Callable[..., list[dict[str, Any]]]:
    """So many pictures without a caption, with one new draft each; no others wait."""

    def make(count: int, **more: Any) -> list[dict[str, Any]]:
        for one in waiting(rita):
            reject = f"/v1/captions/drafts/{one['id']}/reject"
            assert rita.post(reject, json={"reason": "making room"}).status_code == httpx.codes.OK
        bare = [one for one in rita.get("/v1/assets").json()["assets"] if not one["captions"]]
        visuals = [rita.get(f"/v1/assets/{one['id']}").json()["visuals"][0]["id"] for one in bare[:count]]
        assert len(visuals) == count
        for visual in visuals:
            wish = {"visual": visual, "form": "alt", "count": 1, **more}
            assert rita.post("/v1/captions/drafts", json=wish).status_code == httpx.codes.OK
        return waiting(rita)

    return make


def waiting(client: httpx.Client) -> list[dict[str, Any]]:
    drafts: list[dict[str, Any]] = client.get("/v1/captions/drafts", params={"state": ["draft", "edited"]}).json()[
        "drafts"
    ]
    return drafts


def desk_page(reader: Reader, **address: str) -> Page:
    reader.page.goto(f"{reader.desk.url}/desk?{urlencode(address)}")
    return reader.page


def details_of(reader: Reader, caption: str) -> Locator:
    reader.open(q=caption, library="default")
    reader.cards.first.locator("button.picture").click()
    return reader.page.locator("dialog#details")


def wish(details: Locator, form: str, **facts: str) -> None:
    details.locator("summary", has_text="Draft a caption").click()
    details.get_by_label("Form").select_option(form)
    for name, value in facts.items():
        details.get_by_label(name, exact=True).fill(value)
    details.get_by_role("button", name="Draft", exact=True).click()


def test_a_draft_is_edited_approved_and_found_by_the_next_search(opens: Opens) -> None:
    eve = opens(EVE)
    details = details_of(eve, eve.desk.captions[0])
    wish(details, "news", Who="Ada Lovelace", Where="London", When="in 1843")
    draft = details.locator("li.draft").first
    expect(details.locator("li.draft")).to_have_count(3)
    expect(draft).to_contain_text("Ada Lovelace")
    expect(draft).to_contain_text("News caption")
    expect(draft).to_contain_text("composed without a language model, asked for by eve")
    expect(details.locator(".drafting .notice").first).to_contain_text("language model")

    draft.get_by_role("button", name="Edit").click()
    draft.get_by_role("textbox", name="Text").fill("Ada Lovelace and Grace Hopper ride a walrus")
    expect(draft.locator(".count")).to_have_text("43 of 400 characters")
    draft.get_by_role("button", name="Save", exact=True).click()
    expect(draft.locator(".changes ins", has_text="walrus")).to_be_visible()
    expect(draft.locator(".findings")).to_contain_text("“Grace Hopper”: no caption, metadata or given fact has")
    draft.get_by_role("button", name="Approve").click()
    expect(draft).to_contain_text("Approved by eve")
    eve.page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    eve.find("Ada Lovelace and Grace Hopper ride a walrus")
    again = details_of(eve, "Ada Lovelace and Grace Hopper ride a walrus")
    expect(again.locator("li.draft[data-state=approved]")).to_contain_text(
        "Ada Lovelace and Grace Hopper ride a walrus"
    )


def test_a_picture_without_a_caption_has_one_as_soon_as_it_is_approved(
    opens: Opens, drafted: Callable[..., list[dict[str, Any]]]
) -> None:
    (draft,) = drafted(1)
    eve = opens(EVE)
    eve.open(library="default")
    shown = eve.page.locator(f"#stage .picture:has(img[src*='{draft['asset']}'])")
    shown.click()
    details = eve.page.locator("dialog#details")
    expect(details.locator("h2")).to_have_text("Without a caption")
    details.locator("li.draft").first.get_by_role("button", name="Approve").click()
    expect(details.locator("h2")).to_have_text(draft["text"])
    expect(details.locator("header")).to_contain_text("Generated caption")
    details.get_by_role("button", name="Close").click()
    expect(shown.locator("img")).to_have_attribute("alt", draft["text"])


def test_the_examples_of_a_draft_are_shown_small_and_open_their_pictures(
    opens: Opens, drafted: Callable[..., list[dict[str, Any]]]
) -> None:
    used = next(one for one in drafted(3, form="long") if one["examples"])
    page = desk_page(opens(EVE), view="drafts", library="default", form="long")
    made_after = page.locator("li.draft", has_text=used["text"]).locator(".made-after")
    made_after.locator("summary").click()
    expect(made_after).to_contain_text(used["examples"][0]["text"])
    thumb = made_after.get_by_role("link").first
    assert thumb.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    with page.expect_popup() as opened:
        thumb.click()
    assert "/original" in opened.value.url


def test_the_original_opens_from_the_details(opens: Opens) -> None:
    eve = opens(EVE)
    details = details_of(eve, eve.desk.captions[1])
    with eve.page.expect_popup() as original:
        details.get_by_role("link", name="Open the original").click()
    assert "/original" in original.value.url


def test_gaps_stand_in_the_way_of_approving_and_the_page_says_which(opens: Opens) -> None:
    eve = opens(EVE)
    details = details_of(eve, eve.desk.captions[2])
    wish(details, "news", When="today")
    draft = details.locator("li.draft").first
    expect(draft.locator(".findings")).to_contain_text("a fact that nobody gave")
    draft.get_by_role("button", name="Approve").click()
    expect(draft.get_by_role("alert")).to_contain_text("[who?], [where?] stand open")


def test_esc_leaves_the_text_and_arrows_move_in_it_while_the_picture_stays(opens: Opens) -> None:
    eve = opens(EVE)
    details = details_of(eve, eve.desk.captions[3])
    wish(details, "alt")
    draft = details.locator("li.draft").first
    draft.get_by_role("button", name="Edit").click()
    expect(draft.get_by_role("textbox", name="Text")).to_be_focused()
    eve.page.keyboard.press("ArrowRight")
    expect(details).to_contain_text("1 of")
    eve.page.keyboard.press("Escape")
    expect(draft.get_by_role("button", name="Edit")).to_be_visible()
    expect(details).to_be_visible()


def test_the_desk_is_gone_through_by_the_keyboard_alone(
    opens: Opens, rita: httpx.Client, drafted: Callable[..., list[dict[str, Any]]]
) -> None:
    first, second, third = drafted(3)
    page = desk_page(opens(EVE), view="drafts", library="default")
    cards = page.locator("li.draft")
    expect(cards).to_have_count(3)
    keyboard = page.keyboard
    keyboard.press("j")
    expect(cards.nth(0)).to_be_focused()
    keyboard.press("j")
    keyboard.press("k")
    keyboard.press("e")
    keyboard.press("Control+a")
    keyboard.type("A jar of jam, ready")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(cards.nth(0).locator(".changes ins", has_text="jam,")).to_be_visible()
    expect(cards.nth(0)).to_be_focused()
    keyboard.press("a")
    expect(cards.nth(0)).to_contain_text("Approved by eve")
    expect(cards.nth(1)).to_be_focused()
    keyboard.press("r")
    keyboard.press("Enter")
    expect(cards.nth(1).get_by_label("Why?")).to_be_focused()
    keyboard.type("it is dull")
    keyboard.press("Enter")
    expect(cards.nth(1)).to_contain_text("Rejected by eve: it is dull")
    expect(cards.nth(2)).to_be_focused()
    states = [rita.get(f"/v1/captions/drafts/{one['id']}").json() for one in (first, second, third)]
    assert [(one["state"], one["reason"]) for one in states] == [
        ("approved", ""),
        ("rejected", "it is dull"),
        ("draft", ""),
    ]
    assert states[0]["text"] == "A jar of jam, ready"


def test_who_is_overtaken_is_told_by_whom_and_keeps_what_was_typed(
    opens: Opens, rita: httpx.Client, drafted: Callable[..., list[dict[str, Any]]]
) -> None:
    first, second = drafted(2)
    page = desk_page(opens(EVE), view="drafts", library="default")
    one, other = page.locator("li.draft").nth(0), page.locator("li.draft").nth(1)
    expect(other).to_be_visible()
    assert rita.post(f"/v1/captions/drafts/{first['id']}/approve", json={}).status_code == httpx.codes.OK
    one.get_by_role("button", name="Approve").click()
    expect(one.get_by_role("alert")).to_have_text("Somebody was faster: rita approved it.")
    expect(one.get_by_role("button", name="Approve")).to_have_count(0)

    other.get_by_role("button", name="Edit").click()
    other.get_by_role("textbox").fill("What eve typed")
    words = {"text": "What rita wrote"}
    assert rita.patch(f"/v1/captions/drafts/{second['id']}", json=words).status_code == httpx.codes.OK
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("rita changed it to “What rita wrote”")
    expect(other.get_by_role("textbox")).to_have_value("What eve typed")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".text")).to_have_text("What eve typed")


def test_a_decision_of_the_queue_holds_for_readers_at_once(opens: Opens, desk: Desk) -> None:
    with as_actor(desk, EVE) as editor, as_actor(desk, READER) as reader:
        picture = assets_in(editor, "queue")["sign"]
        before = sharpness(reader.get(picture["thumbnail_url"]))
        page = desk_page(opens(EVE), view="review", library="queue")
        entry = page.locator("li.entry", has_text="lettering")
        expect(page.locator("li.entry").first).to_contain_text("emergency")
        expect(entry).to_contain_text("people look from 0.75")
        expect(entry).to_contain_text("A red sign on a city street")
        expect(entry.locator(".veiled")).to_have_count(1)
        entry.get_by_role("button", name="Show the picture").click()
        expect(entry.locator(".veiled")).to_have_count(0)
        entry.get_by_label("Comment").fill("a brand")
        entry.get_by_role("button", name="Blur", exact=True).click()
        expect(entry).to_contain_text("Blurred by eve: a brand")
        assert sharpness(reader.get(picture["thumbnail_url"])) < before / 4
        assert reader.get(picture["original_url"]).status_code == httpx.codes.FORBIDDEN


def test_what_somebody_else_looks_at_is_grey_and_cannot_be_decided(opens: Opens, rita: httpx.Client) -> None:
    queue = rita.get("/v1/moderation/queue", params={"library": "queue"}).json()["entries"]
    mismatch = next(one for one in queue if one["category"] == "mismatch")
    eve = opens(EVE)
    entry = desk_page(eve, view="review", library="queue").locator("li.entry", has_text="mismatch")
    expect(entry).to_be_visible()
    claimed = rita.post(f"/v1/moderation/{mismatch['id']}/claim", json={"version": mismatch["version"]})
    assert claimed.status_code == httpx.codes.OK
    entry.get_by_role("button", name="Block").click()
    expect(entry.get_by_role("alert")).to_have_text("Somebody was faster: rita took it.")
    for _ in range(2):
        expect(entry).to_contain_text("rita is looking at it")
        expect(entry).to_have_class("entry taken")
        expect(entry.get_by_role("button", name="Block")).to_have_count(0)
        eve.page.reload()
    page = opens(RITA)
    own = desk_page(page, view="review", library="queue").locator("li.entry", has_text="mismatch")
    own.get_by_role("button", name="Allow").click()
    expect(own).to_contain_text("Allowed by rita")


def test_a_further_page_of_the_queue_leaves_nothing_out_when_some_was_decided(opens: Opens, rita: httpx.Client) -> None:
    waiting = rita.get("/v1/moderation/queue", params={"library": "many"}).json()["entries"]
    assert len(waiting) == 3
    eve = opens(EVE)
    eve.page.route("**/v1/moderation/queue?**", lambda route: route.continue_(url=in_twos(route.request.url)))
    page = desk_page(eve, view="review", library="many")
    entries = page.locator("li.entry")
    expect(entries).to_have_count(2)
    entries.first.get_by_role("button", name="Allow").click()
    expect(entries.first).to_contain_text("Allowed by eve")
    page.get_by_role("button", name="Show more").click()
    expect(entries).to_have_count(3)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    shown = entries.locator("img").evaluate_all("images => images.map((image) => image.getAttribute('src'))")
    assert set(shown) == {one["thumbnail_url"] for one in waiting}


def in_twos(url: str) -> str:
    return url.replace("limit=20", "limit=2")


def test_readers_see_neither_and_are_told_why(opens: Opens) -> None:
    ron = opens(READER)
    details = details_of(ron, ron.desk.captions[4])
    expect(details).to_contain_text("Why it was found")
    expect(details).not_to_contain_text("Draft a caption")
    expect(ron.page.locator("#desk-link")).to_be_hidden()
    for view in ("drafts", "review"):
        page = desk_page(ron, view=view)
        expect(page.get_by_role("heading", name="This desk is for editors")).to_be_visible()
        expect(page.locator("#stage")).to_contain_text("takes the role editor; ron does not have it")
        expect(page.locator("li.draft, li.entry")).to_have_count(0)


def test_the_desk_is_reached_from_the_pictures_and_leads_back(opens: Opens) -> None:
    eve = opens(EVE)
    eve.open()
    eve.page.get_by_role("link", name="Desk", exact=True).click()
    eve.page.get_by_role("link", name="Moderation").click()
    expect(eve.page).to_have_url(f"{eve.desk.url}/desk?view=review")
    eve.page.get_by_role("link", name="Pictures").click()
    expect(eve.page).to_have_url(f"{eve.desk.url}/")


def test_where_nothing_waits_the_desk_says_how_to_begin(browser: Browser, running_desk: Desk) -> None:
    with browser.new_page() as page:
        page.goto(f"{running_desk.url}/desk?view=drafts&library=default")
        expect(page.locator("#stage")).to_contain_text("picturedesk captions batch --form alt --library default")
        page.goto(f"{running_desk.url}/desk?view=review&library=default")
        expect(page.locator("#stage")).to_contain_text("PICTUREDESK_POLICY=sample-library")


def test_markup_in_a_draft_is_only_text(opens: Opens, drafted: Callable[..., list[dict[str, Any]]]) -> None:
    drafted(1)
    page = desk_page(opens(EVE), view="drafts", library="default")
    draft = page.locator("li.draft")
    draft.get_by_role("button", name="Edit").click()
    draft.get_by_role("textbox").fill(MARKUP)
    draft.get_by_role("button", name="Save", exact=True).click()
    expect(draft.locator(".text")).to_have_text(MARKUP)
    expect(draft.locator(".findings")).to_contain_text("links and markup have no place in a caption")
    assert page.title() == "Captions · Picture Desk"
    assert page.locator("main img[src='x'], main script").count() == 0


@pytest.mark.parametrize("view", ["drafts", "review"])
def test_the_desk_fits_a_phone(opens: Opens, drafted: Callable[..., list[dict[str, Any]]], view: str) -> None:
    drafted(1)
    eve = opens(EVE)
    eve.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = desk_page(eve, view=view)
    expect(page.locator("#stage li").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_form_for_drafts_fits_a_phone(opens: Opens) -> None:
    eve = opens(EVE)
    eve.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    details = details_of(eve, eve.desk.captions[5])
    wish(details, "product")
    expect(details.locator("li.draft").first).to_be_visible()
    assert details.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    assert eve.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def assets_in(client: httpx.Client, library: str) -> dict[str, dict[str, Any]]:
    found = client.get("/v1/assets", params={"library": library}).json()["assets"]
    return {one["name"].partition("-")[0]: one for one in found}


def test_a_picture_is_told_of_by_its_id_only_to_those_who_may_see_it(desk: Desk, rita: httpx.Client) -> None:
    asset = assets_in(rita, "default").popitem()[1]
    visual = rita.get(f"/v1/assets/{asset['id']}").json()["visuals"][0]
    told = rita.get(f"/v1/visuals/{visual['id']}").json()
    assert (told["thumbnail_url"], told["asset"]["id"]) == (visual["thumbnail_url"], asset["id"])
    with as_actor(desk, STRANGER) as stranger:
        refused = stranger.get(f"/v1/visuals/{visual['id']}")
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:picturedesk:problem:not-found")
