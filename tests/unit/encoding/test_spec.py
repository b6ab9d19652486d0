from __future__ import annotations

import pytest

from rag.encoding.spec import Source, Spec, parse
from rag.errors import BadSettings


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("demo", Spec(Source.DEMO)),
        ("  demo ", Spec(Source.DEMO)),
        ("ViT-B-16-SigLIP2/webli", Spec(Source.OPEN_CLIP, "ViT-B-16-SigLIP2", "webli")),
        ("ViT-B-32", Spec(Source.OPEN_CLIP, "ViT-B-32")),
        ("ViT-B-32//models/clip.safetensors", Spec(Source.OPEN_CLIP, "ViT-B-32", "/models/clip.safetensors")),
        ("hf-hub:timm/ViT-B-16-SigLIP2", Spec(Source.HUB, "timm/ViT-B-16-SigLIP2")),
        ("local-dir:/models/clip", Spec(Source.FOLDER, "/models/clip")),
    ],
)
def test_each_form_is_read(text: str, spec: Spec) -> None:
    assert parse(text) == spec


@pytest.mark.parametrize("text", ["", "/webli", "hf-hub:", "hf-hub:no-organisation", "local-dir:"])
def test_what_has_no_form_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(BadSettings, match="MODEL/PRETRAINED"):
        parse(text)
