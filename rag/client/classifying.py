"""Labels for pictures."""

from __future__ import annotations

from collections.abc import Sequence

from rag.api.schemas.classifying import (
    ClassifyLibraryRequest,
    ClassifyRequest,
    ClassifyResponse,
    Counts,
    Results,
    Untagged,
    UntagRequest,
)
from rag.client.call import Call, File, Request, Stream
from rag.client.reading import checked, event_models, model


def classify(
    labels: Sequence[str],
    *,
    visuals: Sequence[str] = (),
    assets: Sequence[str] = (),
    library: str | None = None,
    template: str = "",
    tag: bool = False,
    min_confidence: float = 0.8,
) -> Call[ClassifyResponse]:
    """For each visual or asset (up to 100 of one of the two), one of the labels or none, with its confidence.

    Args:
        tag: make labels of at least `min_confidence` tags, marked as generated.
    """
    said = {"labels": list(labels), "visuals": list(visuals), "assets": list(assets), "library": library}
    body = checked(ClassifyRequest, {**said, "template": template, "tag": tag, "min_confidence": min_confidence})
    return Call(Request("POST", "/v1/classify", body=body), model(ClassifyResponse))


def classify_file(file: File, labels: Sequence[str], *, template: str = "") -> Call[ClassifyResponse]:
    """One of the labels or none, for a file that is not kept."""
    form: dict[str, str | list[str]] = {"labels": list(labels), "template": template}
    return Call(Request("POST", "/v1/classify/upload", form=form, files=[("file", file)]), model(ClassifyResponse))


def classify_library(
    labels: Sequence[str],
    *,
    library: str | None = None,
    template: str = "",
    tag: bool = False,
    min_confidence: float = 0.8,
) -> Stream[Results | Counts, Counts]:
    """Classify a whole library as it goes on: `Results` with some assets each, and the `Counts` at the end."""
    said = {"labels": list(labels), "library": library, "template": template}
    body = checked(ClassifyLibraryRequest, {**said, "tag": tag, "min_confidence": min_confidence})
    request = Request("POST", "/v1/classify/library", body=body, accept="text/event-stream")
    return Stream(request, event_models({"results": Results, "done": Counts}), last=Counts)


def untag(name: str, *, library: str | None = None) -> Call[int]:
    """Take a generated tag back from every asset of a library; how many lost it."""
    body = checked(UntagRequest, {"name": name, "library": library})
    return Call(
        Request("POST", "/v1/classify/untag", body=body),
        lambda content: Untagged.model_validate_json(content).assets,
    )
