"""Files that nobody would write: whatever is thrown at the decoders, only our own errors come out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from rag.errors import BadMedia
from rag.media.decoders import Decoders
from rag.media.limits import Limits
from rag.media.visuals import DecodedVisual
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene
from tests.unit.media.pictures import FORMATS, corner_picture, encoded, wide_gamut_profile
from tests.unit.media.reading import visuals

LIMITS = Limits(pixels=1_000_000, seconds=5, memory=512 * 1024 * 1024)
OTHERS = ("mp4", "webm", "avi", "pdf")
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF)
HEADER = 512
"""Bytes among which most of the numbers that a decoder trusts are found."""

Edit = tuple[str, float, bytes]
"""What is done, where (as a share of the length), and with which bytes."""

quietly = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@cache
def original(kind: str) -> bytes:
    """A whole file of the kind, with metadata where it can have some."""
    if kind == "pdf":
        return pdf(["some words", "and some more"], info={"Title": "A title"})
    if kind in OTHERS:
        return film([(scene(0, 64, 48), 2), (scene(1, 64, 48), 2)], kind=kind)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "words"
    options: dict[str, object] = {"exif": exif.tobytes(), "icc_profile": wide_gamut_profile()}
    if kind == "TIFF":
        options |= {"save_all": True, "append_images": [Image.new("L", (30, 20), 9)], "compression": "tiff_lzw"}
    return encoded(corner_picture(90, 60), kind, **({} if kind in ("GIF", "BMP") else options))


def edits() -> st.SearchStrategy[Edit]:
    kinds = st.sampled_from(("flip", "write", "header", "cut", "drop", "repeat", "insert"))
    values = st.one_of(
        st.binary(min_size=1, max_size=8), st.sampled_from(EXTREMES).map(lambda value: bytes([value]) * 4)
    )
    return st.tuples(kinds, st.floats(0, 1, exclude_max=True), values)


def edited(content: bytes, edit: Edit) -> bytes:
    what, share, value = edit
    at = int(share * (min(len(content), HEADER) if what == "header" else len(content)))
    before, after = content[:at], content[at:]
    match what:
        case "flip":
            return before + bytes([after[0] ^ (1 << value[0] % 8)]) + after[1:] if after else before
        case "write" | "header":
            return before + value + after[len(value) :]
        case "cut":
            return before
        case "drop":
            return before + after[len(value) * 7 :]
        case "repeat":
            return before + after[:64] * (value[0] % 16) + after
        case _:
            return before + value + after


def mutated(kind: str, changes: list[Edit], other: str, spliced: float) -> bytes:
    content = original(kind)
    if spliced:
        content = content[: int(spliced * len(content))] + original(other)[int(spliced * len(original(other))) :]
    for change in changes:
        content = edited(content, change)
    return content


def mutations(kinds: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    splice = st.one_of(st.just(0.0), st.just(0.0), st.floats(0, 1))
    kind = st.sampled_from(kinds)
    return st.builds(mutated, kind, st.lists(edits(), min_size=1, max_size=4), kind, splice)


@given(mutations(FORMATS))
@settings(quietly, max_examples=400)
def test_only_our_errors_come_out_of_a_mutated_picture(content: bytes) -> None:
    found: list[DecodedVisual] = []
    with suppress(BadMedia):
        found = visuals(content, wanted=32, limits=LIMITS)
    for visual in found:
        assert visual.image.mode == "RGB"
        assert Image.open(io.BytesIO(visual.thumbnail)).format == "JPEG"


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    with Decoders(LIMITS, wanted=32, processes=1) as pool:
        yield pool


@given(content=mutations((*FORMATS, *OTHERS, *OTHERS)))
@settings(quietly, max_examples=400)
def test_a_pool_survives_whatever_it_is_given(decoders: Decoders, content: bytes) -> None:
    with suppress(BadMedia), decoders.open(content) as medium:
        for visual in medium:
            assert visual.image.mode == "RGB"
    with decoders.open(original("JPEG")) as medium:
        assert [visual.width for visual in medium] == [60]
