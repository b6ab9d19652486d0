"""Names of colours, as people give them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from rag.describing.colours import EXAMPLES, colour_shares, named, oklab
from rag.scenes import COLOURS


def test_oklab_gives_the_values_of_its_definition() -> None:
    """White, and the red of Ottosson's table: L 0.628, a 0.225, b 0.126."""
    white, red = oklab(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]))
    assert white == pytest.approx([1, 0, 0], abs=1e-3)
    assert red == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)


def test_every_colour_of_the_drawn_world_goes_by_its_name() -> None:
    assert named(np.array(list(COLOURS.values())) / 255) == list(COLOURS)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("800000", "red"),
        ("000080", "blue"),
        ("87ceeb", "blue"),
        ("006400", "green"),
        ("808080", "grey"),
        ("d2b48c", "beige"),
        ("ffd700", "yellow"),
        ("008080", "turquoise"),
        ("cc9c9c", "pink"),
    ],
)
def test_dark_light_and_muted_colours_keep_their_names(colour: str, name: str) -> None:
    assert named(np.array([list(bytes.fromhex(colour))]) / 255) == [name]


def test_shares_are_of_the_picture_and_the_largest_comes_first() -> None:
    image = Image.new("RGB", (100, 100), (40, 104, 214))
    image.paste((222, 46, 50), (0, 0, 100, 30))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    shares = colour_shares(buffer.getvalue())
    assert list(shares) == ["blue", "red"]
    assert shares["blue"] == pytest.approx(0.7, abs=0.03)
    assert set(shares) <= set(EXAMPLES)


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_nothing_is_said_of_what_cannot_be_read(content: bytes) -> None:
    assert colour_shares(content) == {}
