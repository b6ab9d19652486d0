"""Server-sent events are the same however the bytes are cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.client.events import EventDecoder, ServerEvent

SENT = (
    ": a comment\n\n"
    'event: progress\ndata: {"text": "written\u2028on two lines, été"}\n\n'
    "retry: 2000\n\n"
    "data: one\ndata: two\n\n"
    "event: done\nid: 7\ndata:{}\n\n"
    "event: unfinished\ndata: {}\n"
)
READ = [
    ServerEvent("progress", '{"text": "written\u2028on two lines, été"}'),
    ServerEvent("message", "one\ntwo"),
    ServerEvent("done", "{}"),
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@given(cuts=st.lists(st.integers(0, len(SENT.encode()) + 20), max_size=8))
def test_events_are_read_from_pieces_of_any_size(line_end: str, cuts: list[int]) -> None:
    sent = (SENT.replace("\n", line_end) + ":").encode()
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    decoder = EventDecoder()
    pieces = [sent[start:end] for start, end in itertools.pairwise(places)]
    assert [event for piece in pieces for event in decoder.feed(piece)] == READ


def test_half_a_character_waits_for_its_other_half() -> None:
    decoder = EventDecoder()
    sent = "data: é\n\n".encode()
    assert decoder.feed(sent[:7]) == []
    assert decoder.feed(sent[7:]) == [ServerEvent("message", "é")]
