"""What an encoder's name means: `demo`, an open_clip name with its weights, a hub name, or something local."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.errors import BadSettings

FORMS = "demo, MODEL/PRETRAINED, hf-hub:ORG/NAME, local-dir:/path or MODEL//path/to/checkpoint.safetensors"


class Source(StrEnum):
    """Where an encoder comes from."""

    DEMO = "demo"
    OPEN_CLIP = "open_clip"
    HUB = "hf-hub"
    FOLDER = "local-dir"


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed name.

    Attributes:
        model: open_clip's architecture, the hub's ORG/NAME or the folder; empty for the demo encoder.
        weights: a tag of open_clip or the path of a checkpoint; empty where the source brings its own.
    """

    source: Source
    model: str = ""
    weights: str = ""


def parse(text: str) -> Spec:
    """Read an encoder's name; says nothing about whether it exists.

    Raises:
        BadSettings: it has none of the known forms.
    """
    text = text.strip()
    if text == Source.DEMO:
        return Spec(Source.DEMO)
    scheme, colon, rest = text.partition(":")
    if colon and scheme in (Source.HUB, Source.FOLDER):
        if not rest or (scheme == Source.HUB and rest.count("/") != 1):
            raise BadSettings(f"Encoder {text!r} is incomplete: write one of {FORMS}")
        return Spec(Source(scheme), rest)
    model, _, weights = text.partition("/")
    if not model:
        raise BadSettings(f"Encoder {text!r} has no model name: write one of {FORMS}")
    return Spec(Source.OPEN_CLIP, model, weights)
