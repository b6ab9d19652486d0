"""What every ChatModel promises, over the composer and over a real HTTP endpoint."""

from __future__ import annotations

import pytest

from rag.answering.extractive import ExtractiveComposer
from rag.answering.langchain_chat import open_chat
from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import build_prompt
from rag.errors import BadSettings, Rejected, Unavailable
from rag.model import Prompt
from rag.ports import ChatModel
from rag.settings import Settings
from tests.services.llm import ANSWER, LlmServer
from tests.unit.answering.evidence import evidence


def prompt(pictures: dict[int, bytes] | None = None) -> Prompt:
    return build_prompt(load_prompt("answer"), "Where is the red car?", [evidence(1), evidence(2)], pictures)


def chat_at(llm: LlmServer, model: str = "echo", *, sees: bool = False) -> ChatModel:
    return open_chat(Settings(llm=model, llm_url=llm.url, llm_sees_images=sees, llm_timeout=10))


@pytest.fixture(params=["extractive", "langchain"])
def chat(request: pytest.FixtureRequest) -> ChatModel:
    if request.param == "extractive":
        return ExtractiveComposer()
    return chat_at(request.getfixturevalue("llm"))


def test_an_answer_comes_in_pieces_of_text(chat: ChatModel) -> None:
    pieces = list(chat.stream(prompt()))
    assert len(pieces) > 1
    assert "[1]" in "".join(pieces)


def test_it_says_who_it_is_for_the_ledger(chat: ChatModel) -> None:
    assert chat.id
    assert isinstance(chat.parameters, dict)
    assert "key" not in str(chat.parameters).lower()


def test_asking_twice_is_independent(chat: ChatModel) -> None:
    assert "".join(chat.stream(prompt())) == "".join(chat.stream(prompt()))


def test_the_endpoint_gets_the_rendered_messages_and_parameters(llm: LlmServer) -> None:
    text = "".join(chat_at(llm).stream(prompt()))
    assert text == "".join(ANSWER)
    (request,) = llm.requests
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert "[1] caption: A red car on a beach" in request["messages"][1]["content"]
    assert request["temperature"] == 0


def test_pictures_follow_their_labels_when_the_model_sees(llm: LlmServer) -> None:
    list(chat_at(llm, sees=True).stream(prompt({1: b"one", 2: b"two"})))
    parts = llm.requests[0]["messages"][1]["content"]
    kinds = [part["text"] if part["type"] == "text" else part["image_url"]["url"] for part in parts[1:]]
    assert kinds == ["[1]", "data:image/jpeg;base64,b25l", "[2]", "data:image/jpeg;base64,dHdv"]


@pytest.mark.parametrize(
    ("model", "error"), [("refuses", Rejected), ("busy", Unavailable), ("down", Unavailable), ("broken", Unavailable)]
)
def test_a_fault_of_the_endpoint_is_one_line_of_our_own(llm: LlmServer, model: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        list(chat_at(llm, model).stream(prompt()))
    assert model in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_endpoint_at_all_is_unavailable() -> None:
    chat = open_chat(Settings(llm="echo", llm_url="http://127.0.0.1:1/v1", llm_timeout=5))
    with pytest.raises(Unavailable, match="did not answer"):
        list(chat.stream(prompt()))


def test_a_provider_that_does_not_exist_is_a_setting_to_mend() -> None:
    with pytest.raises(BadSettings, match="PICTUREDESK_LLM=nobody:model"):
        open_chat(Settings(llm="nobody:model"))
