"""What was recorded of a query reads back as it was asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rag.audit.canonical import canonical, parsed
from rag.audit.reading import differences, filter_of, query_of
from rag.audit.recording import filter_json, query_json
from rag.model import And, AnyOf, Between, Channel, Eq, Event, Filter, Missing, Not, Or, Part, Query, VisualId

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
names = st.sampled_from(["tags", "width", "captured_at"])
ends = (
    st.none() | st.integers(0, 9000) | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
)
leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Eq, names, st.text(max_size=5) | st.integers(-9, 9) | st.booleans()),
    st.builds(AnyOf, names, st.lists(st.text(max_size=5), max_size=3).map(tuple)),
    st.builds(Between, names, ends, ends),
    st.builds(Missing, names),
)
filters = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple).map(And)
        | st.lists(inner, max_size=3).map(tuple).map(Or)
        | inner.map(Not)
    ),
    max_leaves=6,
)


def event(query: Query) -> Event:
    body: dict[str, Any] = parsed(canonical({"query": query_json(query)}))
    return Event(3, NOON, "retrieval", "ann", "", body, "", "ab" * 32)


@given(filters)
def test_a_filter_reads_back_as_it_was(where: Filter) -> None:
    assert filter_of(parsed(canonical({"where": filter_json(where)}))["where"]) == where


def test_a_query_reads_back_and_never_with_the_bytes_of_its_pictures() -> None:
    digest = "9f" * 32
    asked = Query(
        "red car",
        libraries=("news",),
        where=Eq("tags", "beach"),
        wanted=(Part(image=digest, weight=0.5), Part(visual=VisualId("v"))),
        unwanted=(Part(text="night"),),
        phrases=("at the pier",),
        channels=(Channel.CAPTION,),
        diversity=0.3,
        per_asset=2,
        pictures={digest: b"bytes of a picture"},
    )
    found = query_of(event(asked))
    assert found == Query(**{name: getattr(asked, name) for name in asked.__dataclass_fields__ if name != "pictures"})
    assert "bytes of a picture" not in str(event(asked))


def test_another_query_is_told_apart_by_the_names_of_its_fields() -> None:
    first = event(Query("red car", libraries=("news",), diversity=0.3))
    assert differences(Query("red car", diversity=0.3, top_k=50), first) == []
    assert differences(Query("red car", libraries=("news",), diversity=0.3), first) == []
    assert differences(Query("blue car", libraries=("other",)), first) == ["text", "diversity", "libraries"]
