"""A blurred thumbnail shows no shape; readers and LLMs get no other, and never the sharp one for want of it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from rag.errors import NotFound
from rag.library.blobs import FsspecBlobs
from rag.media.derived import blurred, blurred_name, thumbnail_name
from rag.model import LOCAL_OWNER, Actor, AssetId, Moderation, Visual, visual_id
from rag.moderation.pictures import keep_blurred, prompt_thumbnail, thumbnail_for

READER = Actor("rita", frozenset({"reader"}), libraries=frozenset({"shop"}))
EDITOR = Actor("eve", frozenset({"editor"}), libraries=frozenset({"shop"}))


def stripes(width: int = 8) -> bytes:
    """Black and white stripes, as sharp as can be."""
    rows = np.zeros((336, 448, 3), dtype=np.uint8)
    rows[:, (np.arange(448) // width) % 2 == 0] = 255
    buffer = io.BytesIO()
    Image.fromarray(rows).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def grey(content: bytes) -> NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"), dtype=np.float64)


@pytest.fixture
def blobs(tmp_path: Path) -> FsspecBlobs:
    return FsspecBlobs(f"file://{tmp_path}")


@pytest.fixture
def visual(blobs: FsspecBlobs) -> Visual:
    asset = blobs.put(b"a picture")
    blobs.put_derived(asset, thumbnail_name(""), stripes())
    return Visual(visual_id("shop", asset), "shop", asset, 448, 336)


def test_shapes_up_to_a_sixth_of_the_picture_are_gone() -> None:
    for width in (8, 36):
        sharp = stripes(width)
        assert grey(sharp).std() > 100
        inner = grey(blurred(sharp))[60:-60, 60:-60]
        assert inner.std() < 6, width
    assert Image.open(io.BytesIO(blurred(stripes()))).size == (448, 336)


def test_readers_see_it_blurred_and_editors_sharp(blobs: FsspecBlobs, visual: Visual) -> None:
    sharp = blobs.get_derived(visual.asset_id, thumbnail_name(""))
    for state in (Moderation.ALLOWED, Moderation.REVIEW):
        assert thumbnail_for(blobs, READER, visual.asset_id, "", state) == sharp
    shown = thumbnail_for(blobs, READER, visual.asset_id, "", Moderation.BLURRED)
    assert grey(shown).std() < grey(sharp).std() / 4
    for actor in (EDITOR, LOCAL_OWNER):
        assert thumbnail_for(blobs, actor, visual.asset_id, "", Moderation.BLURRED) == sharp


def test_a_lost_blurred_thumbnail_is_made_anew_and_never_replaced_by_the_sharp_one(
    blobs: FsspecBlobs, visual: Visual
) -> None:
    keep_blurred(blobs, [visual])
    kept = blobs.get_derived(visual.asset_id, blurred_name(""))
    blobs.delete(visual.asset_id)
    with pytest.raises(NotFound):
        thumbnail_for(blobs, READER, visual.asset_id, "", Moderation.BLURRED)
    blobs.put_derived(visual.asset_id, thumbnail_name(""), stripes())
    assert thumbnail_for(blobs, READER, visual.asset_id, "", Moderation.BLURRED) == kept


def test_an_llm_is_shown_the_blurred_one_and_nothing_of_what_is_blocked(blobs: FsspecBlobs, visual: Visual) -> None:
    sharp = blobs.get_derived(visual.asset_id, thumbnail_name(""))
    assert prompt_thumbnail(blobs, visual, Moderation.ALLOWED) == sharp
    shown = prompt_thumbnail(blobs, visual, Moderation.BLURRED)
    assert shown is not None
    assert grey(shown).std() < grey(sharp).std() / 4
    assert prompt_thumbnail(blobs, visual, Moderation.BLOCKED) is None
    nowhere = Visual(visual.id, "shop", AssetId("0" * 64), 1, 1)
    assert prompt_thumbnail(blobs, nowhere, Moderation.ALLOWED) is None
