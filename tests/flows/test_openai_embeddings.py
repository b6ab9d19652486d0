"""Models and embeddings, asked for with OpenAI's own client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import openai
import pytest
from numpy.typing import NDArray
from openai import OpenAI

from tests.flows.desk import Desk
from tests.flows.openai_client import data_url, openai_client


@pytest.fixture
def client(running_desk: Desk) -> Iterator[OpenAI]:
    with openai_client(running_desk) as client:
        yield client


def vectors(found: openai.types.CreateEmbeddingResponse) -> NDArray[np.float64]:
    return np.array([one.embedding for one in found.data])


def test_there_is_a_model_for_all_libraries_and_one_for_each(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names[0] == "picturedesk"
    assert "picturedesk/default" in names
    assert client.models.retrieve("picturedesk/default").id == "picturedesk/default"


@pytest.mark.parametrize("name", ["gpt-4o", "picturedesk/nowhere", "other/default"])
def test_a_model_that_is_none_of_ours_is_not_found(client: OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve(name)
    assert refused.value.code == "model_not_found"
    assert refused.value.param == "model"
    assert name in str(refused.value)


def test_texts_become_unit_vectors_alike_in_both_encodings(client: OpenAI) -> None:
    texts = ["a red car on a beach", "a cat"]
    packed = client.embeddings.create(model="picturedesk", input=texts)  # the client asks for base64 by itself
    plain = client.embeddings.create(model="picturedesk", input=texts, encoding_format="float")
    assert [one.index for one in packed.data] == [0, 1]
    assert vectors(packed) == pytest.approx(vectors(plain), abs=1e-6)
    assert np.linalg.norm(vectors(plain), axis=1) == pytest.approx(1, abs=1e-4)
    assert packed.usage.total_tokens > 0
    assert packed.model.startswith("demo@")
    named = client.embeddings.create(model=packed.model, input=texts[0])
    assert vectors(named)[0] == pytest.approx(vectors(plain)[0], abs=1e-3)


def test_a_picture_lies_closest_to_its_own_caption(client: OpenAI, running_desk: Desk) -> None:
    pictures: list[Any] = [
        {"image_url": data_url((running_desk.folder / "pictures" / f"{number:02d}.jpg").read_bytes())}
        for number in range(6)
    ]
    captions = list(running_desk.captions[:6])
    found = vectors(client.embeddings.create(model="picturedesk", input=[*pictures, *captions]))
    nearest = (found[:6] @ found[6:].T).argmax(axis=1)
    assert (nearest == np.arange(6)).sum() >= 5


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"input": [1, 2, 3]}, "input"),
        ({"input": [[1, 2], [3]]}, "input"),
        ({"input": []}, "input"),
        ({"input": ""}, "empty"),
        ({"input": ["x"] * 257}, "input"),
        ({"input": "x" * 5_000}, "4,000"),
        ({"input": "x", "dimensions": 3}, "dimensions"),
        ({"input": [{"image_url": "https://example.org/a.jpg"}]}, "data:"),
        ({"input": [{"image_url": "data:image/jpeg;base64,%%%"}]}, "base64"),
        ({"input": [{"image_url": data_url(b"words, and no picture")}]}, "no picture"),
    ],
)
def test_what_cannot_be_embedded_is_a_bad_request_that_says_why(
    client: OpenAI, wanted: dict[str, Any], named: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="picturedesk", **wanted)
    assert refused.value.status_code == 400
    assert refused.value.type == "invalid_request_error"
    assert named in str(refused.value)


def test_another_encoder_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="text-embedding-3-small"):
        client.embeddings.create(model="text-embedding-3-small", input="x")


def test_a_body_over_the_limit_and_a_stranger_s_page_get_errors_in_openai_s_shape(
    running_desk: Desk,
) -> None:
    with running_desk.client() as http:
        declared = http.post("/v1/models", content=b"x" * 3_000_000)
        assert declared.status_code == 413
        assert declared.json()["error"]["code"] == "content_too_large"
        foreign = http.post("/v1/embeddings", headers={"origin": "https://evil.example"}, json={})
        assert foreign.status_code == 403
        assert foreign.json()["error"]["type"] == "permission_error"
        broken = http.post("/v1/embeddings", content=b"{", headers={"content-type": "application/json"})
        assert (broken.status_code, broken.json()["error"]["type"]) == (400, "invalid_request_error")
