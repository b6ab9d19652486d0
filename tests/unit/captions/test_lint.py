"""What lint says of a text about a picture."""

from __future__ import annotations

import numpy as np
import pytest

from rag.captions.lint.findings import Severity
from rag.captions.lint.ground import Ground
from rag.captions.lint.likeness import likeness
from rag.captions.lint.linting import lint
from rag.captions.lint.readability import reading_grade
from rag.captions.style import read_style
from rag.model import CaptionForm, Example, VisualId

SOURCES = ("A red car on a beach", "car, beach, red", "2024-05-01", "IMG-0815.jpg", "2024 05 01 Wednesday May May")


def codes(text: str, form: CaptionForm = CaptionForm.ALT, **ground: object) -> list[tuple[str, str]]:
    found = lint(text, Ground(form, **{"sources": SOURCES, **ground}))  # type: ignore[arg-type]
    assert all(text[one.start : one.end] == one.words for one in found if one.words)
    return [(one.code, one.words) for one in found]


class Sees:
    """A picture that shows what it is told to, and nothing else."""

    def __init__(self, *shown: str) -> None:
        self.shown = shown

    def fits(self, phrases: list[str]) -> object:
        return np.array([0.9 if phrase.lower() in self.shown else 0.01 for phrase in phrases])


def test_a_text_that_its_sources_bear_out_passes() -> None:
    assert codes("A red car on a beach, May 2024") == []


@pytest.mark.parametrize(
    ("form", "longest"),
    [(CaptionForm.ALT, 125), (CaptionForm.SOCIAL, 280), (CaptionForm.NEWS, 400), (CaptionForm.LONG, 1500)],
)
def test_each_form_has_its_length(form: CaptionForm, longest: int) -> None:
    fits = ("car " * longest)[: longest - 1] + "s"
    assert codes(fits, form) == []
    assert codes(fits + "s", form) == [("too-long", "s")]


def test_the_house_style_bans_spells_and_shortens() -> None:
    style = read_style("---\nbanned: [stunning, must-have]\nspelling: {colour: color}\nmax_length: {alt: 30}\n---\n")
    assert codes("A Stunning car", style=style, sources=(*SOURCES, "stunning")) == [("banned-phrase", "Stunning")]
    assert codes("A car, astunningly", style=style) == []
    assert codes("The colour of a car", style=style) == [("spelling", "colour")]
    assert codes("A red car on a beach, a red car", style=style) == [("too-long", "r")]


@pytest.mark.parametrize(
    "text", ["Image of a car", "A car, photo showing a beach", "Bild von car", "A picture of a car"]
)
def test_an_alt_text_does_not_say_that_it_is_an_image(text: str) -> None:
    assert [code for code, _ in codes(text)].count("image-of") == 1
    assert "image-of" not in [code for code, _ in codes(text, CaptionForm.LONG)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A car of Angela Merkel", "Angela Merkel"),
        ("A red car in Berlin", "Berlin"),
        ("Merkel in a red car", "Merkel"),
        ("A red car. Obama sits in it", "Obama"),
        ("A red NATO car", "NATO"),
        ("The Beatles in a red car", "Beatles"),
    ],
)
def test_a_name_that_no_source_has_is_found(text: str, name: str) -> None:
    assert ("unsourced-name", name) in codes(text)
    assert codes(text, sources=(*SOURCES, f"who: {name}")) == []


def test_a_name_out_of_an_example_is_no_source_and_its_small_words_are_no_names() -> None:
    example = Example(VisualId("v"), "Angela Merkel beside a windmill", 0.8)
    assert codes("Merkel in a red car", examples=(example,)) == [("unsourced-name", "Merkel")]
    assert codes("Windmill on a beach", examples=(example,)) == []


def test_german_nouns_are_no_names_and_german_full_names_are() -> None:
    assert codes("Ein rotes Auto am Strand", language="de") == []
    assert codes("Ein Auto von Angela Merkel", language="de") == [("unsourced-name", "Angela Merkel")]


def test_years_and_numbers_need_a_source() -> None:
    assert codes("A red car in 1999, one of 12 cars") == [("unsourced-number", "1999"), ("unsourced-number", "12")]
    assert codes("A red car on 1 May 2024") == []


def test_gaps_and_hashtags_are_neither_names_nor_claims() -> None:
    found = lint("[who?]: a red car, [where?]. #NiceCar", Ground(CaptionForm.NEWS, SOURCES))
    assert [(one.code, one.severity) for one in found] == [("gap", Severity.NOTE), ("gap", Severity.NOTE)]


def test_what_the_picture_does_not_bear_out_is_found_and_what_people_said_of_it_is_believed() -> None:
    sight = Sees("a dog")
    assert codes("A dog on a beach", sight=sight) == []
    assert codes("A cat on a beach", sight=sight) == [("unsupported-claim", "A cat")]
    assert codes("A red car under a bridge", sight=sight) == [("unsupported-claim", "under a bridge")]


def test_a_text_that_is_all_but_an_example_is_found() -> None:
    near = Example(VisualId("v"), "A blue lighthouse in a meadow at noon.", 0.8)
    assert codes("a blue lighthouse in a meadow at noon", examples=(near,))[-1][0] == "near-example"
    assert likeness("A red car on a beach", "Two kites over a lake") < 0.3
    assert likeness("", "a car") == 0.0


def test_links_and_markup_are_errors() -> None:
    for text in (
        "a car <b>red</b>",
        "a car http://evil.example/x",
        "a [car](javascript:alert)",
        "www.example.org a car",
    ):
        assert "markup" in [code for code, _ in codes(text)], text


def test_a_decorative_picture_has_an_empty_text_and_no_other_has() -> None:
    assert codes("") == [("empty", "")]
    assert codes("", decorative=True) == []
    assert [code for code, _ in codes("A car", decorative=True)] == ["not-empty"]


def test_reading_level_is_a_school_grade() -> None:
    easy, hard = (
        "The cat sat on the red mat.",
        "Automobile manufacturers increasingly prioritise aerodynamic efficiency.",
    )
    low, high = reading_grade(easy, "en"), reading_grade(hard, "en")
    assert low is not None
    assert high is not None
    assert low < 3
    assert high > 12
    assert [code for code, _ in codes(hard, reading_level=8, sources=(hard,))] == ["hard-to-read"]
    assert codes(easy, reading_level=8, sources=(easy,)) == []
    assert reading_grade("Ein Haus am See mit einem roten Boot.", "de") is not None
    assert reading_grade("Une maison au bord du lac.", "fr") is not None
    assert reading_grade("A car", "en") is None
