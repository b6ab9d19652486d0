"""Chat completions as OpenAI's protocol has them: what is answered, whole or in chunks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from rag.api.schemas.asking import AskResponse
from rag.integrations.openai.naming import MODEL
from rag.integrations.openai.transcript import Citation

ID = "chatcmpl-6f1c2a7e0b1d4f1c9a553f0c1f2a7e0b"
URL = "http://127.0.0.1:8000/v1/assets/9f86…/original?library=default"
FinishReason = Literal["stop", "length"]


class UrlCitation(BaseModel):
    """What a part of the text cites."""

    start_index: int = Field(description="Of its `[n]` in the content.", examples=[32])
    end_index: int = Field(examples=[35])
    title: str = Field(description="Caption or file name; untrusted.", examples=["A red car on a beach"])
    url: str = Field(description="The original on this desk.", examples=[URL])


class Annotation(BaseModel):
    """A citation, as OpenAI's web search has them."""

    type: Literal["url_citation"] = Field("url_citation", examples=["url_citation"])
    url_citation: UrlCitation

    @classmethod
    def of(cls, cited: Citation) -> Annotation:
        return cls(
            url_citation=UrlCitation(start_index=cited.start, end_index=cited.end, title=cited.title, url=cited.url)
        )


class Usage(BaseModel):
    """Estimates: a token for four characters of what was sent and answered; not what an LLM behind it counted."""

    prompt_tokens: int = Field(examples=[12])
    completion_tokens: int = Field(examples=[80])
    total_tokens: int = Field(examples=[92])

    @classmethod
    def of(cls, prompt: int, completion: int) -> Usage:
        return cls(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)


class CompletionMessage(BaseModel):
    """The answer, in markdown, with its evidence below."""

    role: Literal["assistant"] = Field("assistant", examples=["assistant"])
    content: str = Field(examples=["A red car on a beach [1].\n\n---\n\n**Evidence**\n…"])
    refusal: None = Field(None, examples=[None])
    annotations: list[Annotation] = Field([], description="Every `[n]`, by evidence, then by place.")


class Choice(BaseModel):
    """The one answer."""

    index: int = Field(0, examples=[0])
    message: CompletionMessage
    logprobs: None = Field(None, examples=[None])
    finish_reason: FinishReason = Field("stop", examples=["stop"])


class Completion(BaseModel):
    """A whole answer."""

    id: str = Field(examples=[ID])
    object: Literal["chat.completion"] = Field("chat.completion", examples=["chat.completion"])
    created: int = Field(examples=[1775035800])
    model: str = Field(examples=[MODEL])
    choices: list[Choice]
    usage: Usage
    picturedesk: AskResponse | None = Field(
        description="The same answer with scores, support and coverage; none for a client's own prompts."
    )


class Delta(BaseModel):
    """More of the answer. What has no value is left out."""

    role: Literal["assistant"] | None = Field(None, examples=["assistant"])
    content: str | None = Field(None, examples=["A red car "])
    annotations: list[Annotation] | None = Field(None, description="In the last one with content.")


class Chunk(BaseModel):
    """One event of a streamed answer."""

    id: str
    created: int
    model: str
    delta: Delta | None = None
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    answer: AskResponse | None = None

    def body(self, *, include_usage: bool) -> dict[str, Any]:
        """As it is sent. The last one has no choices, and the usage; the others have null for it."""
        delta = self.delta.model_dump(exclude_none=True) if self.delta else {}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": self.finish_reason}
        body: dict[str, Any] = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [] if self.usage else [choice],
        }
        if include_usage:
            body["usage"] = self.usage.model_dump() if self.usage else None
        if self.answer:
            body["picturedesk"] = self.answer.model_dump(mode="json")
        return body
