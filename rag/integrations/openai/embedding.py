"""Texts and pictures -> vectors of the live encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.batching import in_batches
from rag.errors import BadMedia, BadQuery, ModelNotFound
from rag.integrations.openai.naming import MODEL
from rag.ports import Encoder, Matrix, Services

MOST_INPUTS = 256
"""In one request; an encoder on a CPU takes seconds for so many."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture that wants a vector."""

    content: bytes


def encoder_names(encoder: Encoder) -> tuple[str, ...]:
    """The names that the live encoder goes by: ours, its id, and its id without the hashes."""
    return (MODEL, encoder.id, encoder.id.partition("@")[0])


def embed(
    services: Services, model: str, inputs: Sequence[str | Picture], dimensions: int | None
) -> tuple[Matrix, str]:
    """One vector per input, in order, all of one encoder; and that encoder's id.

    Texts longer than the encoder's context are cut by it. Nothing is kept or recorded: no library is read.

    Raises:
        ModelNotFound: another encoder is live.
        BadQuery: an input is empty, too long or no picture; or another length of vectors is wanted.
    """
    encoder = services.serving().encoder
    if model not in encoder_names(encoder):
        raise ModelNotFound(f"there is no encoder {model!r} here; the live one is {encoder.id}, or just {MODEL!r}")
    if dimensions not in (None, encoder.dim):
        raise BadQuery(f"dimensions is {dimensions}; vectors of {encoder.id} have {encoder.dim}")
    _check_texts(inputs, services.settings.max_question)
    vectors = np.empty((len(inputs), encoder.dim), dtype=np.float32)
    texts = [(place, one) for place, one in enumerate(inputs) if isinstance(one, str)]
    for batch in in_batches(iter(texts), encoder.batch):
        vectors[[place for place, _ in batch]] = encoder.texts([text for _, text in batch])
    for place, one in enumerate(inputs):
        if isinstance(one, Picture):
            vectors[place] = _embedded(services, encoder, place, one)
    return vectors, encoder.id


def _check_texts(inputs: Sequence[str | Picture], longest: int) -> None:
    for place, one in enumerate(inputs):
        if isinstance(one, str) and not one.strip():
            raise BadQuery(f"input[{place}] is empty")
        if isinstance(one, str) and len(one) > longest:
            raise BadQuery(f"input[{place}] has {len(one):,} characters; at most {longest:,} fit")


def _embedded(services: Services, encoder: Encoder, place: int, picture: Picture) -> Matrix:
    try:
        return services.pipeline.embed(picture.content, encoder)
    except BadMedia as error:
        raise BadQuery(f"input[{place}] is no picture that can be read: {error}") from error
