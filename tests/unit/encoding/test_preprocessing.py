from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from rag.encoding.canary import canary_picture
from rag.encoding.preprocessing import Preprocessing

PLAIN = PreprocessCfg(size=64)


@pytest.mark.parametrize("size", [(256, 256), (300, 120), (40, 90)])
@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_the_tensor_is_the_one_that_open_clip_makes(size: tuple[int, int], mode: str, interpolation: str) -> None:
    config = replace(PLAIN, resize_mode=mode, interpolation=interpolation)
    picture = canary_picture().resize(size)
    ours = Preprocessing(config)
    expected = image_transform_v2(config, is_train=False)(picture)
    assert torch.allclose(ours.normalised(ours.pixels([picture]))[0], expected, atol=1e-5)


def test_a_picture_that_is_not_rgb_is_made_so() -> None:
    assert Preprocessing(PLAIN).pixels([Image.new("LA", (90, 70)), Image.new("RGB", (64, 64))]).shape == (2, 3, 64, 64)


def test_the_digest_tells_preprocessings_apart() -> None:
    assert Preprocessing(PLAIN).digest == Preprocessing(PreprocessCfg(size=64)).digest
    assert Preprocessing(PLAIN).digest != Preprocessing(replace(PLAIN, resize_mode="squash")).digest
