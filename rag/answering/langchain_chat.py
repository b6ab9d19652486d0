"""ChatModel over LangChain: any OpenAI-compatible endpoint, or any provider that LangChain knows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openai
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

from rag.errors import BadSettings, PictureDeskError, Rejected, Unavailable
from rag.media.derived import THUMBNAIL_TYPE
from rag.model import Json, Message, Prompt
from rag.settings import Settings

RETRIES = 2
NO_KEY = "none"
"""What local servers (Ollama, vLLM) get as a key; the client insists on one."""

KINDS: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}


class LangChainChat:
    """Streams from a LangChain chat model, with its errors in our words."""

    extractive = False

    def __init__(self, model: BaseChatModel, *, model_id: str, sees_images: bool, parameters: Json) -> None:
        self.id = model_id
        self.sees_images = sees_images
        self.parameters = parameters
        self._model = model

    def stream(self, prompt: Prompt) -> Iterator[str]:
        messages = [_message(message, prompt) for message in prompt.messages]
        finished = False
        with translating(self.id):
            for chunk in self._model.stream(messages):
                finished = finished or bool(chunk.response_metadata.get("finish_reason"))
                if text := str(chunk.text):
                    yield text
        if not finished and isinstance(self._model, ChatOpenAI):
            raise Unavailable(f"the LLM {self.id} broke off in mid-answer")


def open_chat(settings: Settings, *, retries: int = RETRIES, sees_images: bool | None = None) -> LangChainChat:
    """The configured LLM: `llm` at the OpenAI-compatible `llm_url`, or `PROVIDER:MODEL` of LangChain.

    Args:
        sees_images: None means what the settings say.

    Raises:
        BadSettings: LangChain knows no such provider, or its package is not installed.
    """
    options: dict[str, Any] = {"temperature": settings.llm_temperature, "timeout": settings.llm_timeout}
    key = settings.llm_key
    if settings.llm_url:
        model: BaseChatModel = ChatOpenAI(
            model=settings.llm,
            base_url=settings.llm_url,
            api_key=key or NO_KEY,
            max_retries=retries,
            **options,
        )
    else:
        if key:
            options["api_key"] = key.get_secret_value()
        try:
            model = init_chat_model(settings.llm, max_retries=retries, **options)
        except (ValueError, ImportError, openai.OpenAIError) as error:
            raise BadSettings(f"PICTUREDESK_LLM={settings.llm} cannot be used: {_one_line(error)}") from error
    parameters = {"temperature": settings.llm_temperature, "endpoint": settings.llm_url or "provider default"}
    sees = settings.llm_sees_images if sees_images is None else sees_images
    return LangChainChat(model, model_id=settings.llm, sees_images=sees, parameters=parameters)


@contextmanager
def translating(model_id: str) -> Iterator[None]:
    """Errors of the endpoint in our tree: what may pass by itself is Unavailable, the rest Rejected."""
    try:
        yield
    except PictureDeskError:
        raise
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise Rejected(f"the LLM {model_id} refused the key; check PICTUREDESK_LLM_KEY") from error
    except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as error:
        raise Unavailable(f"the LLM {model_id} did not answer: {_one_line(error)}") from error
    except openai.APIStatusError as error:
        raise Rejected(f"the LLM {model_id} refused the request: {_one_line(error)}") from error
    except Exception as error:  # other providers raise what they like; a stream that breaks raises httpx errors
        raise Unavailable(f"the LLM {model_id} broke off: {_one_line(error)}") from error


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
