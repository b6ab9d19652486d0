"""ChatModel over LangChain: any OpenAI-compatible endpoint, or any provider that LangChain knows."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import openai
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

from rag.answering.llm_errors import llm_error
from rag.answering.llm_text import SoundText, finish_of
from rag.answering.pacing import Pace, TooSlow, line_opened, paced
from rag.errors import BadSettings, LlmRefused, LlmUnavailable
from rag.media.derived import THUMBNAIL_TYPE
from rag.model import Json, Message, Prompt
from rag.ports.chat import CUT_OFF
from rag.settings import Settings, without_credentials

NO_KEY = "none"
"""What local servers (Ollama, vLLM) get as a key; the client insists on one."""

KEYLESS = re.compile(r"api.?key|credential", re.IGNORECASE)

KINDS: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}


@dataclass(frozen=True, slots=True)
class Budget:
    """How long an answer may take and be, and how often it is asked for.

    Attributes:
        longest: characters.
        patience: seconds, after which no further attempt begins.
    """

    pace: Pace
    longest: int
    retries: int
    patience: float


class LangChainChat:
    """Streams from a LangChain chat model, with its errors in our words. Safe to use from several threads.

    Only text is passed on. Tool calls that a response holds are dropped: nothing here could execute one.
    """

    extractive = False

    def __init__(
        self, model: BaseChatModel, *, model_id: str, sees_images: bool, parameters: Json, budget: Budget, keyed: bool
    ) -> None:
        self.id = model_id
        self.sees_images = sees_images
        self.parameters = parameters
        self._model = model
        self._budget = budget
        self._keyed = keyed

    def stream(self, prompt: Prompt) -> Iterator[str]:
        messages = [_message(message, prompt) for message in prompt.messages]
        started, attempt = time.monotonic(), 0
        while True:
            pieces = self._attempt(messages)
            try:
                first = next(pieces, None)
                break
            except LlmUnavailable as error:
                attempt += 1
                time.sleep(self._pause(error, attempt, time.monotonic() - started))
        if first is not None:
            yield first
            yield from pieces

    def _pause(self, error: LlmUnavailable, attempt: int, elapsed: float) -> float:
        """Seconds before the next attempt. Raises the error where there is none, or where it would come too late."""
        wait = 0.25 * 2**attempt if error.retry_after is None else error.retry_after
        if attempt > self._budget.retries or elapsed + wait > self._budget.patience:
            raise error
        return wait

    def _attempt(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        sound, length, finish = SoundText(), 0, ""
        try:
            for chunk in paced(lambda: self._model.stream(messages), self._budget.pace):
                finish = finish_of(chunk) or finish
                piece = sound.feed(str(chunk.text))[: self._budget.longest - length]
                if piece:
                    length += len(piece)
                    yield piece
                if length >= self._budget.longest:
                    yield CUT_OFF
                    return
        except TooSlow as slow:
            if slow.limit != "whole" or not length:
                raise LlmUnavailable(self._slow(slow)) from slow
            finish = "length"
        except Exception as error:
            raise llm_error(error, self.id, keyed=self._keyed) from error
        yield from self._ended(finish, sound.close())

    def _ended(self, finish: str, rest: str) -> Iterator[str]:
        if finish == "filtered":
            raise LlmRefused(f"the LLM {self.id} withheld its answer by its content filter; ask in other words")
        if not finish and isinstance(self._model, ChatOpenAI):
            raise LlmUnavailable(f"the LLM {self.id} broke off in mid-answer; try again")
        if rest:
            yield rest
        if finish == "length":
            yield CUT_OFF

    def _slow(self, slow: TooSlow) -> str:
        name = {"first": "TIMEOUT", "gap": "GAP", "whole": "SECONDS"}[slow.limit]
        did = "fell silent" if slow.limit == "gap" else "did not answer"
        return f"the LLM {self.id} {did} for {slow.seconds:g} s; PICTUREDESK_LLM_{name} says how long it may take"


class Keyless:
    """A provider that wants a key where none is set: it refuses every prompt, so answers come without an LLM."""

    extractive = False
    sees_images = False

    def __init__(self, model_id: str) -> None:
        self.id = model_id
        self.parameters: Json = {}

    def stream(self, prompt: Prompt) -> Iterator[str]:
        raise LlmRefused(f"the LLM {self.id} wants a key; set PICTUREDESK_LLM_KEY")


def open_chat(
    settings: Settings, *, retries: int | None = None, sees_images: bool | None = None
) -> LangChainChat | Keyless:
    """The configured LLM: `llm` at the OpenAI-compatible `llm_url`, or `PROVIDER:MODEL` of LangChain.

    Args:
        retries, sees_images: None means what the settings say.

    Raises:
        BadSettings: LangChain knows no such provider, or its package is not installed.
    """
    key = settings.llm_key
    try:
        model = _compatible(settings) if settings.llm_url else _of_provider(settings)
    except (ValueError, ImportError, openai.OpenAIError) as error:
        if key is None and KEYLESS.search(str(error)):
            return Keyless(settings.llm)
        raise BadSettings(f"PICTUREDESK_LLM={settings.llm} cannot be used: {_one_line(error)}") from error
    endpoint = without_credentials(settings.llm_url) if settings.llm_url else "provider default"
    return LangChainChat(
        model,
        model_id=settings.llm,
        sees_images=settings.llm_sees_images if sees_images is None else sees_images,
        parameters={"temperature": settings.llm_temperature, "endpoint": endpoint},
        budget=_budget(settings, settings.llm_retries if retries is None else retries),
        keyed=key is not None,
    )


def _compatible(settings: Settings) -> BaseChatModel:
    return ChatOpenAI(
        model=settings.llm,
        base_url=settings.llm_url,
        api_key=settings.llm_key or NO_KEY,
        max_retries=0,  # `LangChainChat` asks again, by our limits
        temperature=settings.llm_temperature,
        http_client=openai.DefaultHttpxClient(event_hooks={"response": [line_opened]}, timeout=_silence(settings)),
    )


def _of_provider(settings: Settings) -> BaseChatModel:
    options: dict[str, Any] = {"temperature": settings.llm_temperature, "timeout": _silence(settings)}
    if settings.llm_key:
        options["api_key"] = settings.llm_key.get_secret_value()
    model: BaseChatModel = init_chat_model(settings.llm, max_retries=0, **options)
    return model


def _silence(settings: Settings) -> float:
    """Read timeout of the client: a little after our own clock, whose errors say which setting it was."""
    return max(settings.llm_timeout, settings.llm_gap) + 5


def _budget(settings: Settings, retries: int) -> Budget:
    pace = Pace(first=settings.llm_timeout, gap=settings.llm_gap, whole=settings.llm_seconds)
    return Budget(pace, settings.llm_longest, retries, settings.llm_patience)


def _message(message: Message, prompt: Prompt) -> BaseMessage:
    kind = KINDS[message.role]
    if not message.images:
        return kind(content=message.text)
    parts: list[str | dict[str, Any]] = [{"type": "text", "text": message.text}]
    for number in message.images:
        parts.append({"type": "text", "text": f"[{number}]"})
        parts.append({"type": "image_url", "image_url": {"url": _data_url(prompt.pictures[number])}})
    return kind(content=parts)


def _data_url(picture: bytes) -> str:
    return f"data:{THUMBNAIL_TYPE};base64,{base64.b64encode(picture).decode()}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
