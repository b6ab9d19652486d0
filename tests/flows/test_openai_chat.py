"""Chats with the desk through OpenAI's own client: what is asked, cited, streamed and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from rag.settings import ApiKey, Settings
from tests.flows.desk import Desk, serving, until
from tests.flows.openai_client import data_url, openai_client
from tests.unit.sources.web_server import WebServer, web

__all__ = ["web"]


@pytest.fixture
def client(running_desk: Desk) -> Iterator[OpenAI]:
    with openai_client(running_desk) as client:
        yield client


def chat(client: OpenAI, *content: Any, model: str = "picturedesk/default", **options: Any) -> ChatCompletion:
    """One message of words, or of parts, and its answer."""
    messages: Any = [{"role": "user", "content": content[0] if isinstance(content[0], str) else list(content)}]
    completion = client.chat.completions.create(model=model, messages=messages, **options)
    assert isinstance(completion, ChatCompletion)
    return completion


def said(completion: ChatCompletion) -> str:
    return completion.choices[0].message.content or ""


def whole_answer(completion: ChatCompletion | ChatCompletionChunk) -> dict[str, Any]:
    found: dict[str, Any] = (completion.model_extra or {})["picturedesk"]
    return found


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def picture_file(desk: Desk, number: int) -> bytes:
    return (desk.folder / "pictures" / f"{number:02d}.jpg").read_bytes()


# Answers


def test_an_answer_cites_pictures_whose_originals_its_links_lead_to(client: OpenAI, running_desk: Desk) -> None:
    caption = running_desk.captions[3]
    answered = chat(client, f"Which picture shows this: {caption}?")
    message = answered.choices[0].message
    content = message.content or ""
    assert caption in content
    assert "**Evidence**" in content
    assert "Searched 24 visuals · ledger events" in content
    assert answered.choices[0].finish_reason == "stop"
    assert answered.model == "picturedesk/default"
    assert answered.usage is not None
    assert answered.usage.total_tokens == answered.usage.prompt_tokens + answered.usage.completion_tokens > 0

    assert message.annotations
    for annotation in message.annotations:
        cited = annotation.url_citation
        number = content[cited.start_index : cited.end_index].strip("[]")
        evidence = whole_answer(answered)["evidence"][int(number) - 1]
        assert evidence["number"] == int(number)
        assert cited.title == evidence["caption"]["text"]
        assert cited.url == f"{running_desk.url}{evidence['original_url']}"
    first = next(one.url_citation for one in message.annotations if one.url_citation.title == caption)
    with running_desk.client() as http:
        assert http.get(first.url).content == picture_file(running_desk, 3)


def test_the_whole_answer_comes_along_and_the_ledger_has_it(client: OpenAI, running_desk: Desk) -> None:
    answered = chat(client, running_desk.captions[5])
    answer = whole_answer(answered)
    assert said(answered).startswith(answer["answer"].partition("\n")[0])
    assert answer["coverage"]["searched"] == len(running_desk.captions)
    assert answer["citations"]
    assert all(0 <= one["relevance"] <= 1 for one in answer["evidence"])
    assert {one["sentence"] for one in answer["support"]}
    for notice in answer["notices"]:
        assert f"> **Note:** {notice}" in said(answered)
    with running_desk.client() as http:
        retrieved, concluded = (http.get(f"/v1/ledger/events/{seq}").json() for seq in answer["events"])
    assert (retrieved["kind"], concluded["kind"]) == ("retrieval", "answer")
    assert retrieved["body"]["door"] == "openai"
    assert concluded["body"]["text"] == answer["answer"]


def test_it_comes_in_pieces_with_the_citations_at_the_end(client: OpenAI, running_desk: Desk) -> None:
    messages: Any = [{"role": "user", "content": running_desk.captions[2]}]
    options: Any = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(
            model="picturedesk/default", messages=messages, stream=True, stream_options=options
        )
    )
    *streamed, last = chunks
    assert streamed[0].choices[0].delta.role == "assistant"
    assert len({chunk.id for chunk in chunks}) == 1
    content = "".join(chunk.choices[0].delta.content or "" for chunk in streamed)
    assert [chunk.choices[0].finish_reason for chunk in streamed] == [None] * (len(streamed) - 1) + ["stop"]
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens > 0

    (annotated,) = [chunk for chunk in streamed if "annotations" in (chunk.choices[0].delta.model_extra or {})]
    cited = (annotated.choices[0].delta.model_extra or {})["annotations"]
    assert {content[one["url_citation"]["start_index"] : one["url_citation"]["end_index"]] for one in cited} >= {"[1]"}
    answer = whole_answer(annotated)
    assert content.startswith(answer["answer"])
    assert f"ledger events {answer['events'][0]}, {answer['events'][1]}" in content


def test_without_include_usage_no_chunk_has_any(client: OpenAI, running_desk: Desk) -> None:
    messages: Any = [{"role": "user", "content": running_desk.captions[2]}]
    chunks = list(client.chat.completions.create(model="picturedesk", messages=messages, stream=True))
    assert all(chunk.choices for chunk in chunks)
    assert all("usage" not in chunk.model_fields_set for chunk in chunks)


def test_raw_responses_are_what_the_protocol_says(client: OpenAI, running_desk: Desk) -> None:
    messages: Any = [{"role": "user", "content": running_desk.captions[2]}]
    create = client.chat.completions.with_raw_response.create
    whole = create(model="picturedesk", messages=messages)
    assert whole.headers["content-type"] == "application/json"
    assert whole.parse().object == "chat.completion"
    streaming = client.chat.completions.with_streaming_response.create
    with streaming(model="picturedesk", messages=messages, stream=True) as streamed:
        assert streamed.headers["content-type"].startswith("text/event-stream")
        events = "".join(streamed.iter_text()).strip().split("\n\n")
    assert events[0].startswith('data: {"id": "chatcmpl-')
    assert events[-1] == "data: [DONE]"


# Pictures


def test_a_picture_without_words_is_answered_with_what_is_like_it(client: OpenAI, running_desk: Desk) -> None:
    content = picture_file(running_desk, 7)
    answered = chat(client, picture(data_url(content)), text(" "))
    answer = whole_answer(answered)
    assert answer["evidence"][0]["asset_id"] == sha256(content).hexdigest()
    assert running_desk.captions[7] in said(answered)
    assert len(answer["events"]) == 1
    with running_desk.client() as http:
        event = http.get(f"/v1/ledger/events/{answer['events'][0]}").json()
    assert event["kind"] == "retrieval"
    assert sha256(content).hexdigest() in str(event["body"])


def test_words_and_a_picture_are_asked_together(client: OpenAI, running_desk: Desk) -> None:
    content = picture_file(running_desk, 7)
    answered = chat(client, text("Which pictures are like this one?"), picture(data_url(content)))
    answer = whole_answer(answered)
    assert answer["question"] == "Which pictures are like this one?"
    assert sha256(content).hexdigest() in [one["asset_id"] for one in answer["evidence"]]
    assert len(answer["events"]) == 2


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/a.jpg", "loopback"),
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("file:///etc/passwd", "data:, http: or https:"),
        ("data:image/jpeg,raw", "base64"),
        ("data:image/jpeg;base64,@@@", "base64"),
        (data_url(b"words, and no picture"), "picture"),
    ],
)
def test_pictures_that_cannot_be_used_are_bad_requests(client: OpenAI, url: str, why: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(client, text("What is this?"), picture(url))
    assert why in str(refused.value)


def test_an_address_of_a_picture_is_fetched_within_the_limits_of_the_desk(
    client: OpenAI, web: WebServer, tmp_path: Path
) -> None:
    with pytest.raises(openai.BadRequestError, match="port"):
        chat(client, picture(web.url("/picture.jpg")))
    assert web.asked == []
    settings = Settings(data=tmp_path / "data", fetch_private=("127.0.0.0/8",), fetch_ports=(web.server_port,))
    with serving(settings) as desk, openai_client(desk) as allowed, desk.client() as http:
        answer = whole_answer(chat(allowed, picture(web.url("/picture.jpg")), model="picturedesk"))
        event = http.get(f"/v1/ledger/events/{answer['events'][0]}").json()
        assert sha256(web.picture).hexdigest() in str(event["body"])
        with pytest.raises(openai.BadRequestError, match="404"):
            chat(allowed, picture(web.url("/status/404")), model="picturedesk")
        with pytest.raises(openai.InternalServerError, match="503"):
            chat(allowed, picture(web.url("/status/503")), model="picturedesk")


# What was said before


def test_a_follow_up_is_read_with_what_was_said_before(client: OpenAI, running_desk: Desk) -> None:
    first = running_desk.captions[3]
    before = chat(client, first)
    messages: Any = [
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": [text(first), picture(data_url(picture_file(running_desk, 3)))]},
        {"role": "assistant", "content": said(before)},
        {"role": "user", "content": "And where is it?"},
    ]
    answered = client.chat.completions.create(model="picturedesk/default", messages=messages)
    answer = whole_answer(answered)
    assert answer["question"] == "And where is it?"
    assert first in answer["standalone"]
    assert "Evidence" not in answer["standalone"]
    assert "pirate" not in str(answer)


# What only this desk knows


def test_options_of_the_desk_come_in_the_extra_body(client: OpenAI, running_desk: Desk) -> None:
    options = {"picturedesk": {"top_k": 1, "where": {"field": "licence", "eq": "CC0-1.0"}, "strict": True}}
    answer = whole_answer(chat(client, running_desk.captions[1], extra_body=options))
    assert len(answer["evidence"]) == 1
    nothing = {"picturedesk": {"where": {"field": "licence", "eq": "none such"}}}
    abstained = chat(client, running_desk.captions[1], extra_body=nothing)
    assert whole_answer(abstained)["abstained"] is True
    assert "**Evidence**" not in said(abstained)
    assert "Searched" in said(abstained)
    plain = whole_answer(chat(client, f'{running_desk.captions[1]} "no such phrase anywhere"'))
    assert plain["abstained"] is False
    with pytest.raises(openai.BadRequestError, match="smell"):
        chat(client, "x", extra_body={"picturedesk": {"smell": 1}})


HARMLESS: dict[str, Any] = {
    "temperature": 1.5,
    "top_p": 0.1,
    "max_tokens": 16,
    "seed": 7,
    "user": "u-17",
    "frequency_penalty": 1,
    "n": 1,
    "stop": [],
    "response_format": {"type": "text"},
    "tools": [{"type": "function", "function": {"name": "search_web", "parameters": {}}}],
    "tool_choice": "auto",
    "metadata": {"chat": "1"},
}


def test_parameters_that_change_nothing_here_are_accepted(client: OpenAI, running_desk: Desk) -> None:
    answered = chat(client, running_desk.captions[4], **HARMLESS)
    assert running_desk.captions[4] in said(answered)
    assert answered.choices[0].message.tool_calls is None


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"n": 2}, "n"),
        ({"tool_choice": "required", "tools": HARMLESS["tools"]}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "search_web"}}}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"stop": ["\n"]}, "stop"),
        ({"modalities": ["text", "audio"]}, "modalities"),
    ],
)
def test_what_would_mislead_if_it_were_ignored_is_refused(client: OpenAI, options: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(client, "a boat", **options)
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([], "messages"),
        ([{"role": "system", "content": "You help."}], "role user"),
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "role user"),
        ([{"role": "user", "content": "  "}], "empty"),
        ([{"role": "user", "content": None}], "empty"),
        ([{"role": "user", "content": "写" * 5_000}], "4,000"),
        ([{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}], "input_audio"),
        ([{"role": "user", "content": [picture("data:,")] * 11}], "at most 10"),
        ([{"role": "king", "content": "x"}], "role"),
    ],
)
def test_messages_that_are_no_question_are_bad_requests(client: OpenAI, messages: Sequence[Any], why: str) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(model="picturedesk", messages=list(messages), stream=stream)
        assert why in str(refused.value)


def test_the_field_at_fault_is_named_without_the_types_it_may_have(client: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": {"text": "x"}}]
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="picturedesk", messages=messages)
    assert refused.value.param == "messages.0.content"


def test_a_model_that_is_none_of_ours_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        chat(client, "a boat", model="gpt-5")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


# Prompts of clients for their own pages


TITLE = """### Task:
Generate a concise title summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: Which pictures show a boat?
ASSISTANT: Two pictures fit [1].
</chat_history>"""


def test_a_client_s_prompt_for_titles_is_no_question_to_the_library(client: OpenAI, running_desk: Desk) -> None:
    def newest() -> int:
        with running_desk.client() as http:
            events = http.get("/v1/ledger/events", params={"limit": 1, "kind": "retrieval"}).json()["events"]
        return int(events[0]["seq"])

    before = newest()
    assert said(chat(client, TITLE)) == '{"title": "Which pictures show a boat?"}'
    tags = TITLE.replace('"title": "your concise title here"', '"tags": ["tag1"]')
    messages: Any = [{"role": "user", "content": tags}]
    chunks = client.chat.completions.create(model="picturedesk", messages=messages, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == '{"tags": []}'
    assert newest() == before


# Keys, and parts that are away


def test_a_key_sees_its_own_libraries_as_models_and_nothing_else(tmp_path: Path) -> None:
    keys = (ApiKey(sha256=sha256(b"news").hexdigest(), actor="news", libraries=frozenset({"news"})),)
    with serving(Settings(data=tmp_path / "data", api_keys=keys)) as desk:
        with openai_client(desk, "wrong") as stranger:
            with pytest.raises(openai.AuthenticationError) as refused:
                chat(stranger, "a boat")
            assert refused.value.code == "invalid_api_key"
            with pytest.raises(openai.AuthenticationError):
                stranger.models.list()
            with pytest.raises(openai.AuthenticationError):
                stranger.embeddings.create(model="picturedesk", input="x")
        with openai_client(desk, "news") as reader:
            assert [model.id for model in reader.models.list()] == ["picturedesk"]
            with pytest.raises(openai.NotFoundError):
                chat(reader, "a boat", model="picturedesk/default")
            assert whole_answer(chat(reader, "a boat", model="picturedesk"))["abstained"] is True


def test_a_part_that_is_away_is_a_server_error_to_try_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", vectors="http://127.0.0.1:1")
    with serving(settings, ready=False) as desk, desk.client() as http, openai_client(desk) as client:
        until(lambda: bool(http.get("/v1/status").json()["trouble"]))
        with pytest.raises(openai.InternalServerError) as refused:
            chat(client, "a boat", model="picturedesk")
        assert refused.value.status_code == 503
        assert int(refused.value.response.headers["retry-after"]) > 0
        assert refused.value.type == "server_error"
