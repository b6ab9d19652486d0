"""PDF pages become visuals with their text."""

from __future__ import annotations

import numpy as np
import pytest

from rag.errors import BrokenMedia, UnsupportedMedia
from rag.media.limits import Limits
from rag.media.visuals import LONGEST_TEXT
from tests.unit.media.documents import encrypted_pdf, pdf
from tests.unit.media.reading import left_out, metadata, only, visuals


def test_each_page_is_a_visual_with_what_it_says() -> None:
    found = visuals(pdf(["First words", "Second words"]))
    assert [(visual.locator, visual.text) for visual in found] == [
        ("page=1", "First words"),
        ("page=2", "Second words"),
    ]
    assert [(visual.width, visual.height) for visual in found] == [(612, 792)] * 2


def test_a_page_is_rendered_in_ink_on_white() -> None:
    pixels = np.asarray(only(pdf(["HELLO"])).image)
    assert pixels[-1, -1].tolist() == [255, 255, 255]
    assert pixels.min() < 60


def test_a_page_is_rendered_for_the_encoder_and_for_a_reader() -> None:
    width, height = only(pdf(["x"]), wanted=512).image.size
    assert min(width, height) >= 2 * 512
    assert only(pdf(["x"]), wanted=64).image.size[1] in (1023, 1024)


@pytest.mark.parametrize("size", [(14_400, 20), (20, 14_400)])
def test_a_page_of_a_strange_shape_stays_within_bounds(size: tuple[int, int]) -> None:
    visual = only(pdf(["x"], width=size[0], height=size[1]), wanted=64)
    assert visual.image.size[0] * visual.image.size[1] <= 2_000_000


def test_more_pages_than_the_limit_are_left_out_and_said_so() -> None:
    content, limits = pdf(["one", "two", "three"]), Limits(visuals=2)
    assert [visual.text for visual in visuals(content, limits=limits)] == ["one", "two"]
    assert left_out(content, limits=limits) == ["only the first 2 of 3 pages are taken"]


def test_a_page_that_is_damaged_is_left_out_and_the_others_are_taken() -> None:
    content = pdf(["one", "two", "three"]).replace(b"6 0 obj\n<< /Type /Page ", b"6 0 obj\n<< /Type /Pane ", 1)
    found = [visual.locator for visual in visuals(content)]
    assert "page=1" in found
    assert "page=3" in found


def test_long_text_is_cut() -> None:
    assert len(only(pdf(["many words " * 5000])).text) == LONGEST_TEXT


def test_what_a_document_says_of_itself() -> None:
    content = pdf(["x"], info={"Title": "A report", "Subject": "On reports", "Author": "Ada", "Keywords": "a, b"})
    assert metadata(content).captions == ("On reports", "A report")
    assert metadata(content).keywords == ("a", "b")
    assert metadata(content).personal == {}
    assert metadata(content, keep_personal=True).personal == {"creator": "Ada"}


def test_a_document_with_a_password_is_declined() -> None:
    with pytest.raises(UnsupportedMedia, match="encrypted: save it without a password"):
        visuals(encrypted_pdf())


@pytest.mark.parametrize("content", [b"%PDF-1.7\n" + bytes(200), pdf([])], ids=["damaged", "without pages"])
def test_a_document_that_is_damaged_is_broken_also_after_one_with_a_password(content: bytes) -> None:
    with pytest.raises(UnsupportedMedia):
        visuals(encrypted_pdf())
    with pytest.raises(BrokenMedia, match="structure is damaged"):
        visuals(content)
