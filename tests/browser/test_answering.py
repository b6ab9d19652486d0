"""Answers of an LLM in the page: as they are written, stopped midway, and with what nothing bears out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from rag.settings import Settings
from tests.browser.test_page import MILLISECONDS, Reader
from tests.flows.desk import PATIENCE, Desk, drawn, serving, stock, until
from tests.services.llm import LlmServer, text


@pytest.fixture(scope="module")
def llm_desk(tmp_path_factory: pytest.TempPathFactory, shared_llm: LlmServer) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("llm-desk")
    pictures = drawn(folder / "pictures", 6)
    settings = Settings(data=folder / "data", llm="scripted", llm_url=shared_llm.url, llm_retries=0)
    stock(settings, pictures)
    with serving(settings) as desk:
        yield Desk(desk.url, folder, tuple(caption for _, caption in pictures))


@pytest.fixture
def asker(browser: Browser, llm_desk: Desk, shared_llm: LlmServer) -> Iterator[Reader]:
    with browser.new_page() as page:
        page.set_default_timeout(PATIENCE * MILLISECONDS)
        expect.set_options(timeout=PATIENCE * MILLISECONDS)
        reader = Reader(llm_desk, page)
        yield reader
    shared_llm.script = []
    assert reader.mishaps == []


def test_evidence_is_there_while_the_answer_is_written_and_it_can_be_stopped(
    asker: Reader, shared_llm: LlmServer
) -> None:
    shared_llm.script = [text("It is ", "here [1] ", *["and on and on "] * 2_000, between=0.05)]
    asker.open(q=asker.desk.captions[0], mode="ask")
    expect(asker.cards.first).to_be_visible()
    expect(asker.page.locator(".answer")).to_contain_text("It is here")
    expect(asker.page.locator(".answer .citation")).to_have_text("1")
    asker.page.get_by_role("button", name="Stop").click()
    expect(asker.page.locator(".answer")).to_contain_text("Stopped before its end")
    until(lambda: shared_llm.open_lines == 0)


def test_a_sentence_that_nothing_bears_out_is_marked_and_says_so(asker: Reader, shared_llm: LlmServer) -> None:
    caption = asker.desk.captions[1]
    shared_llm.script = [text(f"{caption} [1]. ", "It was sold to a duke in 1907 [1].")]
    asker.open(q=caption, mode="ask")
    doubtful = asker.page.locator(".prose .doubtful")
    expect(doubtful).to_have_count(1)
    expect(doubtful).to_contain_text("It was sold to a duke in 1907")
    expect(doubtful).to_contain_text("does not bear this out")
    expect(asker.page.locator(".support")).to_contain_text("1 of 2 sentences borne out by the evidence")


def test_an_answer_that_broke_off_is_replaced(asker: Reader, shared_llm: LlmServer) -> None:
    shared_llm.script = [text("Never mind ", finish=None)]
    asker.open(q=asker.desk.captions[2], mode="ask")
    expect(asker.page.locator(".answer")).to_contain_text(asker.desk.captions[2])
    expect(asker.page.locator(".answer")).not_to_contain_text("Never mind")
    expect(asker.page.locator(".answer")).to_contain_text("Put together from captions")
