"""Drafts put together without a language model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rag.captions.composing.vocabulary import circumstances, vocabulary_of
from rag.captions.composing.wording import Composed, Material, compose
from rag.captions.forms import RULES, gaps_in
from rag.captions.style import read_style
from rag.model import CaptionForm

WHAT = Composed("A red car on a beach at noon")
AT = datetime(2024, 5, 1, 12, tzinfo=UTC)


def one(form: CaptionForm, **material: object) -> str:
    return compose(form, Material([WHAT], **material), 1)[0].text  # type: ignore[arg-type]


def test_a_news_caption_leaves_gaps_for_what_nobody_said() -> None:
    bare = one(CaptionForm.NEWS)
    assert gaps_in(bare) == ["[who?]", "[where?]", "[when?]"]
    facts = {"who": "Ada Lovelace", "where": "London"}
    told = one(CaptionForm.NEWS, facts=facts, captured_at=AT, credit="Desk")
    assert told == "Ada Lovelace: a red car on a beach at noon, London, 1 May 2024. (Desk)"


def test_an_alt_text_says_its_purpose_first_and_fits() -> None:
    assert one(CaptionForm.ALT) == "A red car on a beach at noon"
    assert one(CaptionForm.ALT, facts={"purpose": "Summer sale"}) == "Summer sale: a red car on a beach at noon"
    long = Composed(" ".join(["A red car", *("on a beach" for _ in range(20))]))
    (short,) = compose(CaptionForm.ALT, Material([long]), 1)
    assert len(short.text) <= RULES[CaptionForm.ALT].longest
    assert short.text.endswith("on a beach")


def test_a_product_description_names_the_thing_and_leaves_gaps() -> None:
    text = one(CaptionForm.PRODUCT, facts={"material": "steel"})
    assert text == "Red car. Shown on a beach at noon. Material: steel. Size: [size?]."


def test_a_social_post_has_hashtags_and_a_long_description_what_is_known() -> None:
    assert one(CaptionForm.SOCIAL, tags=["car", "city street"]).endswith("#car #cityStreet")
    long = one(CaptionForm.LONG, tags=["car", "beach"], captured_at=AT, credit="Desk")
    assert long == "A red car on a beach at noon. To be seen: car, beach. Taken on 1 May 2024. Source: Desk."


def test_where_nothing_is_known_a_gap_is_left_and_nothing_invented() -> None:
    assert compose(CaptionForm.ALT, Material([]), 3)[0].text == "[what?]"
    assert compose(CaptionForm.ALT, Material([], tags=["Auto", "Strand"], language="de"), 3)[0].text == "Auto, Strand"


def test_other_languages_get_no_english_words() -> None:
    material = Material([Composed("Ein rotes Auto")], captured_at=AT, credit="Desk", language="de", tags=["Auto"])
    assert compose(CaptionForm.LONG, material, 1)[0].text == "Ein rotes Auto. Auto. 2024-05-01. Desk."


def test_the_house_spelling_is_used() -> None:
    style = read_style("---\nspelling: {car: automobile}\n---\n")
    assert one(CaptionForm.ALT, style=style) == "A red automobile on a beach at noon"


@pytest.mark.parametrize("form", list(CaptionForm))
def test_untrusted_text_becomes_one_plain_line_in_every_form(form: CaptionForm) -> None:
    nasty = "A car\n\u202eon\u200b a beach\x1b[31m"
    text = compose(form, Material([Composed(nasty)], credit="a\nb", facts={"who": "x\n\u200by"}), 1)[0].text
    assert text.isprintable()


def test_names_and_numbers_of_other_pictures_never_become_words_of_the_library() -> None:
    said = [
        "A red car in Berlin at noon",
        "A blue Mercedes on a beach",
        "An old man with 3 cats",
        "A red cat on a drum",
    ]
    known = vocabulary_of([(text, "en") for text in said])
    assert ("a", "car") in known.things
    assert not any("Mercedes" in noun for _, noun in known.things)
    assert [piece for text in said for piece, _ in circumstances(text, "en")] == ["at noon", "on a beach", "on a drum"]


def test_no_quality_is_said_of_people() -> None:
    said = ["A black car in a park", "A black cat in a park", "A person in a park", "An old person in a park"]
    known = vocabulary_of([(text, "en") for text in said])
    assert "black" in known.qualities_of("cat")
    assert known.qualities_of("person") == []
