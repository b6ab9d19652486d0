"""Chat completions as OpenAI's protocol has them: what is asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rag.api.filters import FilterBody, filter_of
from rag.api.schemas.asking import WHERE, TopK
from rag.api.schemas.openai_embeddings import DATA_URL
from rag.api.schemas.text import Text
from rag.integrations.openai.conversation import ChatMessage
from rag.integrations.openai.naming import MODEL
from rag.model import Query
from rag.retrieval.short_form import applied
from rag.settings import Settings

MOST_MESSAGES = 1000
QUESTION = "Which of our pictures show a red car?"
Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class TextPart(BaseModel):
    """Words."""

    type: Literal["text"] = Field(examples=["text"])
    text: Text = Field(examples=[QUESTION])


class ImageUrlBody(BaseModel):
    """Where a picture is."""

    url: Text = Field(description="A `data:` URL, or an address that is fetched within limits.", examples=[DATA_URL])
    detail: Text | None = Field(None, description="Ignored.", examples=["auto"])


class ImagePart(BaseModel):
    """A picture to search by."""

    type: Literal["image_url"] = Field(examples=["image_url"])
    image_url: ImageUrlBody


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class MessageBody(BaseModel):
    """One message. Those of system, developer and tools are read by nobody: the desk has prompts of its own."""

    role: Role = Field(examples=["user"])
    content: Text | list[Part] | None = Field(None, examples=[QUESTION])

    def message(self) -> ChatMessage:
        if not isinstance(self.content, list):
            return ChatMessage(self.role, self.content or "")
        words = "\n".join(part.text for part in self.content if isinstance(part, TextPart))
        images = tuple(part.image_url.url for part in self.content if isinstance(part, ImagePart))
        return ChatMessage(self.role, words, images)


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: bool = Field(False, description="One more chunk at the end, with `usage`.", examples=[True])


class DeskOptions(BaseModel):
    """What only this desk knows; the openai client sends it as `extra_body={"picturedesk": {…}}`."""

    model_config = ConfigDict(extra="forbid")

    top_k: TopK = None
    where: FilterBody | None = Field(None, description="Only pictures that match.", examples=[WHERE])
    strict: bool = Field(False, description="Leave out what the evidence does not bear out.", examples=[False])
    short_form: bool = Field(
        False, description='Whether `tag:beach`, `-night` and `"…"` in the words mean something.', examples=[True]
    )


class ChatRequest(BaseModel):
    """What is asked. What is not named here is ignored: temperature, seed, user, max_tokens and the like."""

    model: Text = Field(description="`picturedesk`, or `picturedesk/LIBRARY`.", examples=[MODEL])
    messages: list[MessageBody] = Field(
        min_length=1, max_length=MOST_MESSAGES, examples=[[{"role": "user", "content": QUESTION}]]
    )
    stream: bool | None = Field(None, description="As it is written, in server-sent events.", examples=[False])
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, description="There is one answer.", examples=[1])
    tools: list[Any] | None = Field(None, description="None is ever called.", examples=[[]])
    tool_choice: Any = Field(None, description="`auto` or `none`.", examples=["auto"])
    response_format: dict[str, Any] | None = Field(None, examples=[{"type": "text"}])
    logprobs: bool | None = Field(None, description="There are none.", examples=[False])
    modalities: list[Any] | None = Field(None, description="Text alone.", examples=[["text"]])
    stop: Any = Field(None, description="Answers are not cut: their citations would go.", examples=[None])
    picturedesk: DeskOptions = Field(default_factory=DeskOptions)

    @field_validator("n")
    @classmethod
    def one_answer(cls, n: int | None) -> int | None:
        if n not in (None, 1):
            raise ValueError("there is one answer to a question; ask with n=1")
        return n

    @field_validator("tool_choice")
    @classmethod
    def no_tool_is_required(cls, choice: Any) -> Any:
        if choice not in (None, "auto", "none"):
            raise ValueError("no tool is ever called here; use auto or none")
        return choice

    @field_validator("response_format")
    @classmethod
    def answers_are_text(cls, wanted: dict[str, Any] | None) -> dict[str, Any] | None:
        if wanted is not None and wanted.get("type") != "text":
            raise ValueError("answers are text with citations, never JSON; the field picturedesk has them structured")
        return wanted

    @field_validator("logprobs")
    @classmethod
    def no_probabilities(cls, wanted: bool | None) -> bool | None:
        if wanted:
            raise ValueError("there are no probabilities of tokens; the field picturedesk has the support of sentences")
        return wanted

    @field_validator("modalities")
    @classmethod
    def text_alone(cls, wanted: list[Any] | None) -> list[Any] | None:
        if wanted not in (None, ["text"]):
            raise ValueError("answers are text alone")
        return wanted

    @field_validator("stop")
    @classmethod
    def never_cut(cls, stop: Any) -> Any:
        if stop:
            raise ValueError("answers are not cut, because their citations would be lost; leave stop out")
        return stop

    @property
    def include_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage

    def spoken(self) -> list[ChatMessage]:
        return [one.message() for one in self.messages]

    def query(self, words: str, libraries: tuple[str, ...], settings: Settings) -> Query:
        """The query without its pictures."""
        options = self.picturedesk
        query = Query(
            text=words,
            libraries=libraries,
            top_k=settings.top_k if options.top_k is None else options.top_k,
            where=filter_of(options.where) if options.where else None,
        )
        return applied(query)[0] if options.short_form else query
