from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
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
    difference = (ours.normalised(ours.pixels([picture]))[0] - expected).abs()
    assert difference.mean() < 0.1 / 255 / min(config.std)
    assert difference.max() < 3 / 255 / min(config.std)


def test_a_picture_that_is_not_rgb_is_made_so() -> None:
    assert Preprocessing(PLAIN).pixels([Image.new("LA", (90, 70)), Image.new("RGB", (64, 64))]).shape == (2, 3, 64, 64)


def test_the_digest_tells_preprocessings_apart() -> None:
    assert Preprocessing(PLAIN).digest == Preprocessing(PreprocessCfg(size=64)).digest
    assert Preprocessing(PLAIN).digest != Preprocessing(replace(PLAIN, resize_mode="squash")).digest


@pytest.mark.parametrize("size", [(640, 480), (300, 1000), (97, 96), (224, 224), (50, 40)])
@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_pictures_shrink_as_open_clip_shrinks_them(size: tuple[int, int], mode: str, interpolation: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1] // 4 + 1, size[0] // 4 + 1, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    config = PreprocessCfg(size=96, resize_mode=mode, interpolation=interpolation)
    *geometry, _, _ = image_transform_v2(config, is_train=False).transforms
    expected = picture
    for step in geometry:
        expected = step(expected)
    ours = Preprocessing(config).prepared(picture)
    assert ours.shape == (96, 96, 3)
    difference = np.abs(ours.astype(int) - np.asarray(expected).astype(int))
    assert difference.mean() < 0.2
    assert difference.max() <= 6
