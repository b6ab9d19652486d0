"""Models and embeddings for clients of OpenAI's protocol."""

from __future__ import annotations

from fastapi import APIRouter

from rag.api.auth import ActorDep
from rag.api.context import ServicesDep, Sound
from rag.api.schemas.openai_embeddings import EmbeddingsRequest, EmbeddingsResponse, ImageInput
from rag.api.schemas.openai_models import OPENAI_ERRORS, Model, Models
from rag.integrations.openai.embedding import Picture, embed
from rag.integrations.openai.images import picture_in
from rag.integrations.openai.naming import libraries_of, model_names
from rag.settings import Settings

router = APIRouter(prefix="/v1", tags=["OpenAI's protocol"], responses=OPENAI_ERRORS)


@router.get("/models", summary="Models to ask")
def models(services: ServicesDep, actor: ActorDep) -> Models:
    """`picturedesk` answers from all that you may read, `picturedesk/NAME` from one library."""
    return Models.named(model_names(services.catalog.libraries(actor)))


@router.get("/models/{name:path}", summary="One model")
def model(services: ServicesDep, actor: ActorDep, name: str) -> Model:
    """The model, where there is one of this name for you."""
    libraries_of(name, services.catalog.libraries(actor))
    return Model(id=name)


@router.post("/embeddings", summary="Vectors of texts and pictures", dependencies=[Sound])
def embeddings(services: ServicesDep, actor: ActorDep, request: EmbeddingsRequest) -> EmbeddingsResponse:
    """Of the live encoder: those of pictures and texts can be compared with one another, and with nothing else.

    A text longer than the encoder's context (77 tokens with most) is cut there."""
    inputs = [_input(place, one, services.settings) for place, one in enumerate(request.inputs)]
    vectors, encoder_id = embed(services, request.model, inputs, request.dimensions)
    return EmbeddingsResponse.of(request, vectors, encoder_id)


def _input(place: int, one: str | ImageInput, settings: Settings) -> str | Picture:
    if isinstance(one, str):
        return one
    return Picture(picture_in(f"input[{place}].image_url", one.url, settings.max_bytes))
