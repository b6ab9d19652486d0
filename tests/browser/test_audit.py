"""The auditor's page in a real Chromium: find, see one whole, ask again, review by twos."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from rag.settings import ApiKey, Settings
from tests.flows.desk import PATIENCE, Desk, drawn, serving, stock

MILLISECONDS = 1000
PHONE = {"width": 375, "height": 812}
MARKUP = "<img src=x onerror=\"document.title='owned'\"> red car"
RULES = "rules: [{name: everything, risk: 0.5}]"


def key(name: str, *roles: str) -> ApiKey:
    return ApiKey(
        sha256=sha256(name.encode()).hexdigest(), actor=name, roles=frozenset(roles), libraries=frozenset({"*"})
    )


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, int]]:
    """A desk with two auditors and somebody who asked; the number of the answer's event."""
    folder = tmp_path_factory.mktemp("audited")
    (folder / "rules.yaml").write_text(RULES)
    keys = (key("ann", "reader"), key("ada", "auditor"), key("bob", "auditor"))
    settings = Settings(data=folder / "data", api_keys=keys, audit_rules=str(folder / "rules.yaml"), min_relevance=0.01)
    pictures = drawn(folder / "pictures", 6)
    stock(settings, pictures)
    with serving(settings) as desk:
        with desk.client(headers={"x-api-key": "ann"}) as client:
            answer = client.post("/v1/ask", json={"question": pictures[0][1]}).raise_for_status().json()
            client.post("/v1/search", json={"query": MARKUP}).raise_for_status()
        yield desk, answer["events"][1]


class Auditor:
    """Somebody with a key and a browser tab.

    Attributes:
        mishaps: exceptions, and what the content policy stopped.
    """

    def __init__(self, desk: Desk, page: Page, name: str) -> None:
        self.desk, self.page, self.name = desk, page, name
        self.mishaps: list[str] = []
        page.set_default_timeout(PATIENCE * MILLISECONDS)
        page.on("pageerror", lambda error: self.mishaps.append(str(error)))
        page.on("console", lambda said: self.mishaps.append(said.text) if "Content Security" in said.text else None)

    def open(self, path: str = "/audit") -> None:
        self.page.goto(f"{self.desk.url}{path}")
        if not self.page.context.cookies():
            self.page.get_by_label("Key", exact=True).fill(self.name)
            self.page.keyboard.press("Enter")


def opened(browser: Browser, desk: Desk, name: str) -> Iterator[Auditor]:
    expect.set_options(timeout=PATIENCE * MILLISECONDS)
    with browser.new_context() as context:
        auditor = Auditor(desk, context.new_page(), name)
        yield auditor
    assert auditor.mishaps == []


@pytest.fixture
def ada(browser: Browser, audited: tuple[Desk, int]) -> Iterator[Auditor]:
    yield from opened(browser, audited[0], "ada")


@pytest.fixture
def bob(browser: Browser, audited: tuple[Desk, int]) -> Iterator[Auditor]:
    yield from opened(browser, audited[0], "bob")


def test_an_auditor_finds_an_answer_sees_it_whole_and_asks_it_again(ada: Auditor, audited: tuple[Desk, int]) -> None:
    ada.open()
    page = ada.page
    expect(page.locator(".events tbody tr")).to_have_count(
        6
    )  # who has access, and the job of the pictures, are events, too
    page.get_by_label("Kind").select_option("answer")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".events tbody tr")).to_have_count(1)
    page.get_by_role("link", name=str(audited[1]), exact=True).click()
    whole = page.locator(".whole")
    expect(whole).to_contain_text("As it was written: it is in the tree of")
    picture = whole.locator(".looked img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_text("dropped, and why").click()
    page.get_by_text("What the model was sent").click()
    expect(whole.locator("pre").first).to_contain_text("You answer questions about an image library")
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("The same pictures in the same order.")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    expect(page.locator(".events tbody tr")).to_have_count(1)


def test_questions_are_shown_as_text_whatever_they_say(ada: Auditor) -> None:
    ada.open("/audit?kind=retrieval")
    expect(ada.page.get_by_text(MARKUP)).to_be_visible()
    assert "owned" not in ada.page.title()
    assert ada.page.locator("img[src=x]").count() == 0


def test_two_auditors_review_without_seeing_each_others_verdict(
    ada: Auditor, bob: Auditor, audited: tuple[Desk, int]
) -> None:
    seq = audited[1]
    ada.open("/audit?view=queue")
    ada.page.get_by_role("link", name=str(seq), exact=True).click()
    ada.page.get_by_role("radiogroup", name="Evidence 1").get_by_label("answers").check()
    ada.page.get_by_label("Sound").check()
    ada.page.get_by_label("Comment").fill("<b>clear</b>")
    ada.page.get_by_role("button", name="Record the review").click()
    expect(ada.page.get_by_role("region", name="Reviews", exact=True)).to_contain_text("ada: sound. <b>clear</b>")
    bob.open(f"/audit?view=queue&event={seq}")
    expect(bob.page.get_by_role("region", name="Reviews", exact=True)).to_contain_text(
        "shown once you have reviewed it yourself"
    )
    expect(bob.page.locator(".whole")).not_to_contain_text("clear")
    bob.page.get_by_label("Wrong").check()
    bob.page.get_by_role("button", name="Record the review").click()
    expect(bob.page.get_by_role("region", name="Reviews", exact=True)).to_contain_text("ada: sound")
    with audited[0].client(headers={"x-api-key": "ada"}) as client:
        assert client.get("/v1/audit/agreement").json()["disagreed"] == 1


def test_on_a_phone_nothing_is_wider_than_the_screen_and_everything_is_reached_by_keyboard(
    ada: Auditor, audited: tuple[Desk, int]
) -> None:
    ada.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ("/audit", f"/audit?event={audited[1]}", "/audit?view=queue"):
        ada.open(path)
        expect(ada.page.locator(".events, .whole, .nothing").first).to_be_visible()
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    ada.open()
    expect(ada.page.locator(".events").first).to_be_visible()
    ada.page.get_by_role("link", name=str(audited[1]), exact=True).focus()
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator(".whole")).to_be_visible()


def test_who_is_no_auditor_is_told_so(browser: Browser, audited: tuple[Desk, int]) -> None:
    for ann in opened(browser, audited[0], "ann"):
        ann.open()
        expect(ann.page.get_by_role("alert").filter(has_text="takes the role auditor")).to_be_visible()
    with audited[0].client(headers={"x-api-key": "ann"}) as client:
        assert client.get("/v1/audit/events").status_code == httpx.codes.FORBIDDEN


def test_the_page_is_served_without_a_key_and_says_nothing(audited: tuple[Desk, int]) -> None:
    with audited[0].client() as client:
        assert client.get("/audit").status_code == httpx.codes.OK
        assert client.get("/v1/audit/events").status_code == httpx.codes.UNAUTHORIZED
