"""What people type into the search box, taken apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import BadQuery
from rag.indexing.schema import INDEXED
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or, Part, Query
from rag.retrieval.checking import check_query
from rag.retrieval.short_form import FIELDS, applied, parse


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("tag:beach", AnyOf("tags", ("beach", "Beach", "BEACH"))),
        ("-tag:x1", Not(AnyOf("tags", ("x1", "X1")))),
        ("tag:5 tag:7", And((Eq("tags", "5"), Eq("tags", "7")))),
        ("tag:5,7", Or((Eq("tags", "5"), Eq("tags", "7")))),
        ('tag:"5,7"', Eq("tags", "5,7")),
        ("type:jpeg type:PDF", Or((Eq("media_type", "image/jpeg"), Eq("media_type", "application/pdf")))),
        ("type:image/png", Eq("media_type", "image/png")),
        ("width:>1000", Between("width", 1001, None)),
        ("width:<=800", Between("width", None, 800)),
        ("height:800..1600", Between("height", 800, 1600)),
        ("size:<2MB", Between("size", None, 1_999_999)),
        ("size:1.5k..", Between("size", 1500, None)),
        ("after:2024-05", Between("captured_at", moment(2024, 5, 1), None)),
        ("before:2024", Between("captured_at", None, moment(2023, 12, 31, 23, 59, 59, 999_999))),
        ("taken:2024-12", Between("captured_at", moment(2024, 12, 1), moment(2024, 12, 31, 23, 59, 59, 999_999))),
        ("taken:>2024-02-28", Between("captured_at", moment(2024, 2, 29), None)),
        ("has:tag", Not(Missing("tags"))),
        ("-has:taken", Not(Not(Missing("captured_at")))),
        ("group:press", Eq("access_groups", "press")),
        ("licence:7 -source:8", And((Eq("licence", "7"), Not(Eq("source", "8"))))),
    ],
)
def test_a_field_a_colon_and_a_value_filter(typed: str, expected: Filter) -> None:
    assert parse(typed).where == expected
    assert parse(typed).text == ""
    assert parse(typed).terms == tuple(typed.split())


def test_words_phrases_and_what_is_unwanted_are_told_apart() -> None:
    said = parse('red car -night "at the  pier" -"heavy rain" camera:"Nikon 8" tag:7')
    assert said.text == "red car at the  pier"
    assert said.unwanted == (Part(text="night"), Part(text="heavy rain"))
    assert said.phrases == ("at the  pier",)
    assert said.where == And((AnyOf("camera", ("Nikon 8", "nikon 8", "NIKON 8")), Eq("tags", "7")))
    assert said.terms == ("-night", '"at the  pier"', '-"heavy rain"', 'camera:"Nikon 8"', "tag:7")


@pytest.mark.parametrize(
    "typed",
    [
        "meet at 10:30",
        "see http://example.org/a.jpg",
        "note:this is plain",
        "tag: with a space",
        "16:9 or re:invent",
        "-5 degrees",
        "a - b -- c",
        'a 5" screen',
        '"unfinished',
        "x-ray t-shirt",
        "写真: 東京:タワー",
    ],
)
def test_what_only_looks_like_the_short_form_stays_words(typed: str) -> None:
    assert parse(typed).text == typed
    assert parse(typed).terms == ()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("tagg:beach", "did you mean tag:"),
        ("lbrary:news", "did you mean library:"),
        ("aspect_ratio:2", "aspect_ratio: is no field to filter by; there are: tag:, generated:, library:"),
        ("depth:>5", "depth: is no field"),
        ("-mood:sad", "mood: is no field"),
        ("width:wide", "width:1000, width:>1000 or width:800..1600"),
        ("width:..", "neither end"),
        ("taken:2024-13", "2024, 2024-05 or 2024-05-01"),
        ("before:yesterday", "before:yesterday is no date"),
        ("taken:9999", "is no date"),
        ("type:poem", "there are: avif"),
        ('tag:""', "tag: needs a value"),
        ("has:beauty", "has:beauty names no field"),
    ],
)
def test_a_filter_that_cannot_be_says_what_is_allowed(typed: str, says: str) -> None:
    with pytest.raises(BadQuery, match=r".") as caught:
        parse(f"a boat {typed}")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ranges_that_contradict_each_other_name_their_field() -> None:
    query, _ = applied(Query("a boat after:2024-05 before:2024"))
    with pytest.raises(BadQuery, match="the ranges of captured_at contradict each other"):
        check_query(query, 1000)


def test_libraries_are_searched_and_within_those_chosen_they_narrow() -> None:
    assert applied(Query("x library:news"))[0].libraries == ("news",)
    narrowed, _ = applied(Query("x library:news", libraries=("default", "news")))
    assert narrowed.libraries == ("default", "news")
    assert narrowed.where == AnyOf("library", ("news",))


def test_every_payload_field_has_a_name_in_the_short_form() -> None:
    # an asset's id is the hash of its content
    assert {field for field, _ in FIELDS.values() if field} == set(INDEXED) - {"content_hash"}


words = st.lists(st.text("aZé写7.,/!?'&", min_size=1, max_size=6), max_size=6)


@given(words)
def test_words_without_signs_come_back_as_they_were(given_words: list[str]) -> None:
    said = parse(" ".join(given_words))
    assert said.text == " ".join(given_words)
    assert (said.where, said.unwanted, said.phrases, said.terms) == (None, (), (), ())


@given(st.text(st.sampled_from('ab1 ":-,.<>/=_tagwidhfer'), max_size=40))
def test_whatever_is_typed_is_read_or_refused_in_one_line(typed: str) -> None:
    refusal, terms = "", tuple[str, ...]()
    try:
        terms = parse(typed).terms
    except BadQuery as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert all(term in typed for term in terms)


@given(st.text("aZé写7.,/!?'&:- ", min_size=1, max_size=12))
def test_a_quoted_value_is_taken_as_it_is(value: str) -> None:
    if not value.strip():
        return
    where = parse(f'library:x tag:"{value}"').where
    assert isinstance(where, Eq | AnyOf)
    assert value.strip() in (where.values if isinstance(where, AnyOf) else (where.value,))
