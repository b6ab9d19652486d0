"""Embeddings as OpenAI's protocol has them, with pictures besides."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictStr

from rag.api.schemas.text import Text
from rag.integrations.openai.counting import estimated_tokens
from rag.integrations.openai.embedding import MOST_INPUTS
from rag.integrations.openai.naming import MODEL
from rag.ports import Matrix

DATA_URL = "data:image/jpeg;base64,/9j/4AAQ…"


class ImageUrl(BaseModel):
    """Where a picture is."""

    url: Text = Field(description="A `data:` URL in base64.", examples=[DATA_URL])


class ImageInput(BaseModel):
    """A picture to embed: `{"image_url": "data:…"}`, or as a message has it. Ours; OpenAI has none."""

    image_url: Text | ImageUrl = Field(examples=[DATA_URL])

    @property
    def url(self) -> str:
        return self.image_url.url if isinstance(self.image_url, ImageUrl) else self.image_url


Words = Annotated[Text, StrictStr]


class EmbeddingsRequest(BaseModel):
    """Texts and pictures that want vectors. Lists of tokens are refused: they mean nothing to another tokenizer."""

    model: Text = Field(description="`picturedesk`, or the live encoder's name.", examples=[MODEL])
    input: Words | Annotated[list[Words | ImageInput], Field(min_length=1, max_length=MOST_INPUTS)] = Field(
        description="One text, or up to 256 texts and pictures.", examples=[["a red car on a beach"]]
    )
    encoding_format: Literal["float", "base64"] = Field("float", examples=["float"])
    dimensions: int | None = Field(None, description="Refused unless the encoder has just so many.", examples=[512])
    user: Text | None = Field(None, description="Ignored: the key says who asks.", examples=["u-17"])

    @property
    def inputs(self) -> list[str | ImageInput]:
        return [self.input] if isinstance(self.input, str) else list(self.input)


class Embedding(BaseModel):
    """One vector, of unit length."""

    object: Literal["embedding"] = Field("embedding", examples=["embedding"])
    index: int = Field(examples=[0])
    embedding: list[float] | str = Field(
        description="Numbers; or little-endian float32 in base64, as asked.", examples=[[0.0123, -0.0456]]
    )


class EmbeddingsUsage(BaseModel):
    """An estimate: a token for four characters; nothing for pictures."""

    prompt_tokens: int = Field(examples=[5])
    total_tokens: int = Field(examples=[5])


class EmbeddingsResponse(BaseModel):
    """One vector per input, in order."""

    object: Literal["list"] = Field("list", examples=["list"])
    data: list[Embedding]
    model: str = Field(description="The id of the encoder.", examples=["demo@0f3f6d0f2b7c.8d7f1c"])
    usage: EmbeddingsUsage

    @classmethod
    def of(cls, request: EmbeddingsRequest, vectors: Matrix, encoder_id: str) -> EmbeddingsResponse:
        tokens = estimated_tokens(one for one in request.inputs if isinstance(one, str))
        in_base64 = request.encoding_format == "base64"
        data = [
            Embedding(
                index=index,
                embedding=base64.b64encode(row.astype("<f4").tobytes()).decode() if in_base64 else row.tolist(),
            )
            for index, row in enumerate(vectors)
        ]
        usage = EmbeddingsUsage(prompt_tokens=tokens, total_tokens=tokens)
        return cls(data=data, model=encoder_id, usage=usage)
