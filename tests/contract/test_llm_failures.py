"""However an LLM fails, over real HTTP: what is said, whether it is asked again, and that nothing waits for ever."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from rag.answering.langchain_chat import open_chat
from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import build_prompt
from rag.errors import BadSettings, ContextTooLong, LlmRefused, LlmUnavailable, PictureDeskError
from rag.model import Prompt
from rag.ports import ChatModel
from rag.ports.chat import CUT_OFF
from rag.settings import Settings
from tests.flows.desk import until
from tests.services.llm import ANSWER, LlmServer, Turn, status, text
from tests.unit.answering.evidence import evidence

WHOLE = "".join(ANSWER)


def prompt() -> Prompt:
    return build_prompt(load_prompt("answer"), "Where is the red car?", [evidence(1), evidence(2)])


def chat_at(llm: LlmServer, model: str = "scripted", **changes: Any) -> ChatModel:
    return open_chat(Settings(**{"llm": model, "llm_url": llm.url, "llm_timeout": 30, **changes}))


def answer(llm: LlmServer, model: str = "scripted", **changes: Any) -> str:
    return "".join(chat_at(llm, model, **changes).stream(prompt()))


def failure(llm: LlmServer, model: str = "scripted", **changes: Any) -> PictureDeskError:
    with pytest.raises(PictureDeskError) as caught:
        answer(llm, model, **changes)
    said = str(caught.value)
    assert model in said
    assert "\n" not in said
    assert caught.value.__cause__ is not None or isinstance(caught.value, LlmRefused | LlmUnavailable)
    return caught.value


# What it says


@pytest.mark.parametrize(
    ("model", "kind", "says"),
    [
        ("refuses", LlmRefused, "wants a key; set PICTUREDESK_LLM_KEY"),
        ("forbids", LlmRefused, "check PICTUREDESK_LLM_KEY and what its account allows"),
        ("unknown-model", LlmRefused, "check PICTUREDESK_LLM and PICTUREDESK_LLM_URL"),
        ("spent", LlmRefused, "used up"),
        ("bad-request", LlmRefused, "temperature is not supported"),
        ("filtered", LlmRefused, "content filter"),
        ("too-long", ContextTooLong, "PICTUREDESK_LLM_PROMPT_TOKENS"),
        ("too-long-vllm", ContextTooLong, "4096"),
        ("too-long-ollama", ContextTooLong, "longer than the LLM"),
        ("too-long-llama.cpp", ContextTooLong, "longer than the LLM"),
        ("too-long-gemini", ContextTooLong, "longer than the LLM"),
        ("busy", LlmUnavailable, "too many requests; try again in 0 s"),
        ("down", LlmUnavailable, "failed with status 500"),
        ("overloaded", LlmUnavailable, "The model is loading"),
        ("cut", LlmUnavailable, "did not answer"),
        ("html", LlmUnavailable, "broke off"),
        ("broken", LlmUnavailable, "broke off"),
        ("broken-mid-token", LlmUnavailable, "no JSON"),
        ("not-utf-8", LlmUnavailable, "no UTF-8"),
        ("not-json", LlmUnavailable, "no JSON"),
        ("not-a-chunk", LlmUnavailable, "broke off"),
        ("error-in-stream", LlmUnavailable, "CUDA out of memory"),
    ],
)
def test_each_failure_is_an_error_of_ours_that_says_what_to_do(
    shared_llm: LlmServer, model: str, kind: type[PictureDeskError], says: str
) -> None:
    error = failure(shared_llm, model, llm_retries=0)
    assert type(error) is kind
    assert says in str(error)


def test_a_key_that_is_refused_is_not_repeated(llm: LlmServer) -> None:
    error = failure(llm, "refuses", llm_key="sk-abc123")
    assert "refused the key; check PICTUREDESK_LLM_KEY" in str(error)
    assert "sk-" not in str(error)
    assert llm.headers[0]["authorization"] == "Bearer sk-abc123"


def test_a_provider_without_its_key_refuses_each_prompt_so_that_answers_come_without_it() -> None:
    chat = open_chat(Settings(llm="openai:gpt-5-mini"))
    with pytest.raises(LlmRefused, match="wants a key; set PICTUREDESK_LLM_KEY"):
        list(chat.stream(prompt()))


def test_an_endpoint_that_is_not_there_says_which_setting_to_check() -> None:
    chat = open_chat(Settings(llm="echo", llm_url="http://127.0.0.1:1/v1", llm_retries=0))
    with pytest.raises(LlmUnavailable, match="check PICTUREDESK_LLM_URL"):
        list(chat.stream(prompt()))


def test_an_address_in_an_error_of_the_endpoint_is_not_passed_on(llm: LlmServer) -> None:
    llm.script = [status(400, message="see https://evil.example/x?q=1")]
    assert "evil" not in str(failure(llm))


def test_nothing_that_opens_the_endpoint_goes_into_the_ledger(llm: LlmServer) -> None:
    chat = chat_at(llm, llm_url=llm.url.replace("http://", "http://me:secret@"), llm_key="sk-abc123")
    assert "secret" not in str(chat.parameters)
    assert "sk-" not in str(chat.parameters)


# Whether it is asked again


def test_what_may_pass_is_asked_again_and_the_answer_comes(llm: LlmServer) -> None:
    llm.script = [status(429, retry_after=0), status(503, retry_after=0), text(*ANSWER)]
    assert answer(llm, llm_retries=2) == WHOLE
    assert len(llm.requests) == 3


def test_it_is_asked_no_more_often_than_the_setting_says(llm: LlmServer) -> None:
    failure(llm, "busy", llm_retries=1)
    assert len(llm.requests) == 2


@pytest.mark.parametrize("model", ["refuses", "too-long", "spent", "unknown-model", "filtered"])
def test_what_will_not_pass_is_asked_once(llm: LlmServer, model: str) -> None:
    failure(llm, model)
    assert len(llm.requests) == 1


def test_the_wait_that_the_endpoint_asks_for_is_kept(llm: LlmServer) -> None:
    llm.script = [status(429, retry_after=1), text(*ANSWER)]
    started = time.monotonic()
    assert answer(llm) == WHOLE
    assert time.monotonic() - started >= 1


def test_a_wait_longer_than_our_patience_is_given_up_at_once_and_named(llm: LlmServer) -> None:
    error = failure(llm, "busy-for-long")
    assert isinstance(error, LlmUnavailable)
    assert error.retry_after == 3600
    assert len(llm.requests) == 1


def test_a_wait_may_be_named_as_a_date(llm: LlmServer) -> None:
    llm.script = [status(429, retry_after=format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))]
    error = failure(llm)
    assert isinstance(error, LlmUnavailable)
    assert error.retry_after is not None
    assert 3000 < error.retry_after <= 3600


@pytest.mark.parametrize("nonsense", ["soon", "-1", "nan", ""])
def test_a_wait_that_is_none_counts_as_not_named(llm: LlmServer, nonsense: str) -> None:
    llm.script = [status(429, retry_after=nonsense)]
    error = failure(llm, llm_retries=0)
    assert isinstance(error, LlmUnavailable)
    assert error.retry_after is None


def test_after_the_first_word_nothing_is_asked_again(llm: LlmServer) -> None:
    llm.script = [text(ANSWER[0], finish=None), text(*ANSWER)]
    pieces = chat_at(llm).stream(prompt())
    assert next(pieces) == ANSWER[0]
    with pytest.raises(LlmUnavailable, match="broke off"):
        list(pieces)
    assert len(llm.requests) == 1


def test_a_stream_that_breaks_before_its_first_word_is_asked_for_again(llm: LlmServer) -> None:
    llm.script = [Turn(cut=True), text(finish=None), text(*ANSWER)]
    assert answer(llm) == WHOLE


# By LangChain's clients of other providers


PROVIDERS = {
    "anthropic": ("langchain_anthropic", "ANTHROPIC_API_URL", ""),
    "mistralai": ("langchain_mistralai", "MISTRAL_BASE_URL", "/v1"),
    "ollama": ("langchain_ollama", "OLLAMA_HOST", ""),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("model", "kind", "says"),
    [
        ("refuses", LlmRefused, "refused the key"),
        ("unknown-model", LlmRefused, "(The model `unknown-model` does not exist)"),
        ("too-long", ContextTooLong, "longer than the LLM"),
        ("busy", LlmUnavailable, "try again in 0 s"),
        ("down", LlmUnavailable, "failed with status 500 (as asked)"),
        ("cut", LlmUnavailable, "the LLM"),
        ("slow", LlmUnavailable, "PICTUREDESK_LLM_TIMEOUT"),
    ],
)
def test_errors_of_other_providers_are_errors_of_ours_too(
    *,
    shared_llm: LlmServer,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    model: str,
    kind: type[PictureDeskError],
    says: str,
) -> None:
    package, address, path = PROVIDERS[provider]
    if not os.environ.get("CI"):
        pytest.importorskip(package)
    monkeypatch.setenv(address, f"http://127.0.0.1:{shared_llm.server_port}{path}")
    chat = open_chat(Settings(llm=f"{provider}:{model}", llm_key="sk-abc123", llm_retries=0, llm_timeout=1))
    with pytest.raises(kind) as caught:
        list(chat.stream(prompt()))
    assert says in str(caught.value)
    assert "sk-" not in str(caught.value)


def test_a_provider_whose_package_is_not_installed_is_a_setting_to_mend() -> None:
    with pytest.raises(BadSettings, match=r"PICTUREDESK_LLM=cohere:command cannot be used: .*langchain-cohere"):
        open_chat(Settings(llm="cohere:command", llm_key="sk-abc123"))


# How long it may take


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("slow", {"llm_timeout": 0.3}),
        ("pings", {"llm_timeout": 0.3}),
        ("falls-silent", {"llm_gap": 0.3}),
        ("hangs", {"llm_gap": 0.3}),
        ("slow", {"llm_seconds": 0.3}),
    ],
)
def test_silence_has_a_limit_and_the_setting_is_named(llm: LlmServer, model: str, limit: dict[str, float]) -> None:
    error = failure(llm, model, llm_retries=0, **limit)
    assert isinstance(error, LlmUnavailable)
    (name,) = limit
    assert f"for 0.3 s; PICTUREDESK_{name.upper()} says" in str(error)


def test_a_reader_who_goes_ends_the_request_at_the_endpoint(llm: LlmServer) -> None:
    pieces = chat_at(llm, "endless").stream(prompt())
    next(pieces)
    assert llm.open_lines == 1
    pieces.close()  # type: ignore[attr-defined]
    until(lambda: llm.open_lines == 0)


def test_an_endpoint_that_only_keeps_the_line_open_is_let_go(llm: LlmServer) -> None:
    llm.script = [text("late", between=0.05, pings=10_000)]
    failure(llm, llm_timeout=0.3, llm_retries=0)
    until(lambda: llm.open_lines == 0)


# What it writes


def test_an_answer_without_an_end_is_cut_off_and_says_so(llm: LlmServer) -> None:
    said = answer(llm, "endless", llm_longest=500)
    assert said.endswith(CUT_OFF)
    assert len(said) == 500 + len(CUT_OFF)
    until(lambda: llm.open_lines == 0)


def test_an_answer_that_takes_too_long_is_cut_off_and_says_so(llm: LlmServer) -> None:
    llm.script = [text(*["word "] * 1000, between=0.05)]
    said = answer(llm, llm_seconds=0.5)
    assert said.startswith("word ")
    assert said.endswith(CUT_OFF)


def test_an_answer_that_the_llm_itself_cut_off_says_so(shared_llm: LlmServer) -> None:
    assert answer(shared_llm, "runs-out") == "".join(ANSWER[:2]) + CUT_OFF


@pytest.mark.parametrize("model", ["empty", "whitespace"])
def test_an_answer_of_nothing_is_nothing(shared_llm: LlmServer, model: str) -> None:
    assert answer(shared_llm, model).strip() == ""


def test_characters_that_no_database_stores_do_not_come_through(shared_llm: LlmServer) -> None:
    assert answer(shared_llm, "odd-characters") == "half 😀 alone \ufffd nul ."


def test_what_a_model_thinks_before_it_answers_is_not_the_answer(shared_llm: LlmServer) -> None:
    assert answer(shared_llm, "thinks") == "A red car [1]."


def test_tool_calls_are_neither_executed_nor_passed_on(shared_llm: LlmServer) -> None:
    assert answer(shared_llm, "calls-tools") == "A red car [1]."


def test_many_ask_at_once_and_each_gets_its_own_answer(llm: LlmServer) -> None:
    from concurrent.futures import ThreadPoolExecutor

    chat = chat_at(llm)
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _: "".join(chat.stream(prompt())), range(16)))
    assert answers == [WHOLE] * 16
