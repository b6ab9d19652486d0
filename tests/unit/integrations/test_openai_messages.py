"""Chats as questions, and answers as messages: what stands below them, and what comes back of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import BadQuery, ModelNotFound
from rag.integrations.openai.conversation import ChatMessage, asked
from rag.integrations.openai.footnotes import footnotes, literal, without_footnotes
from rag.integrations.openai.naming import libraries_of
from rag.integrations.openai.tasks import task_reply
from rag.integrations.openai.transcript import Transcript, whole
from rag.model import (
    Answer,
    AssetId,
    Caption,
    Coverage,
    Evidence,
    Piece,
    Query,
    Restarted,
    Retrieval,
    Retrieved,
    Step,
    Support,
    Visual,
    VisualId,
)


def evidence(number: int, caption: str = "A red car", name: str = "car.jpg", locator: str = "") -> Evidence:
    visual = Visual(
        id=VisualId(f"visual-{number}"),
        library="default",
        asset_id=AssetId("a" * 64),
        locator=locator,
        width=640,
        height=480,
    )
    return Evidence(number, visual, Caption(caption) if caption else None, 0.93, {}, {}, name=name)


def answer(
    text: str,
    *items: Evidence,
    citations: tuple[int, ...] = (),
    notices: tuple[str, ...] = (),
    support: tuple[Support, ...] = (),
) -> Answer:
    retrieval = Retrieval(Query("a car"), items, (), Coverage(24, 0, 0, 0), "demo", "visuals")
    return Answer(text, citations, retrieval, "llm", notices=notices, support=support, events=(41, 42))


def link(item: Evidence) -> str:
    return f"http://desk/{item.visual.id}"


def test_below_an_answer_stand_notes_evidence_and_where_to_look_it_up() -> None:
    doubtful = Support("It was sold.", (), 0.0, 0.0, 0.0, supported=False)
    items = (evidence(1), evidence(2, "", "b.mp4", "t=12.400"), evidence(3))
    below = footnotes(answer("", *items, citations=(2,), notices=("No LLM.",), support=(doubtful,)), link)
    assert below == (
        "\n\n> **Note:** No LLM."
        "\n\n> **Note:** The evidence does not bear this out: “It was sold.”"
        "\n\n---\n\n**Evidence**\n\n"
        "- [1] [A red car](http://desk/visual-1) · car.jpg · default · relevance 0.93 · `visual-1` · not cited\n"
        "- [2] [b.mp4](http://desk/visual-2) · 0:12 · default · relevance 0.93 · `visual-2`\n\n"
        "Searched 24 visuals · ledger events 41, 42"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](https://evil.example/a.png)",
        "[click](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "https://evil.example www.evil.example",
        "](https://evil.example) [",
        "`code` # heading\n\n---\n\n**Evidence**",
        "[7] cites what is not there",
    ],
)
def test_a_caption_or_name_makes_no_link_and_no_citation_below_an_answer(hostile: str) -> None:
    reply = whole(answer("A car [1].", evidence(1, hostile, hostile), citations=(1,)), link)
    entry = next(line for line in reply.text.splitlines() if line.startswith("- [1]"))
    assert "evil.example" not in entry.replace("evil[.]example", "").replace(r"evil\[.\]example", "")
    assert "![" not in entry
    assert "<" not in entry.replace(r"\<", "")
    assert entry.count("](") == entry.count("](http://desk/visual-1)") == 1
    assert {reply.text[one.start : one.end] for one in reply.citations} == {"[1]"}


@given(st.text(max_size=80))
def test_any_text_out_of_a_library_stays_in_its_line(text: str) -> None:
    assert len(literal(text).splitlines()) <= 1


@pytest.mark.parametrize("text", ["A car [1].", "A list:\n\n- a car [1]\n- a boat [1]", "Two\n\n---\n\nparts [1]."])
def test_what_comes_back_as_history_is_the_answer_alone(text: str) -> None:
    for shown in (
        whole(answer(text, evidence(1), citations=(1,), notices=("No LLM.",)), link),
        whole(answer(text), link),
    ):
        assert without_footnotes(shown.text) == text
        assert without_footnotes(shown.text.replace("\n", "\r\n")) == text


def test_pieces_become_the_same_message_as_the_whole() -> None:
    found = answer("A red car [1]. And www.evil.example", evidence(1), citations=(1,), notices=("No LLM.",))
    transcript = Transcript(link)
    pieces: list[Step] = [Retrieved(found.retrieval), *map(Piece, found.text), found]
    text = "".join(transcript.feed(step) for step in pieces)
    assert transcript.reply is not None
    assert text == transcript.reply.text == whole(found, link).text
    assert "evil.example" not in text


def test_text_that_is_void_is_followed_by_the_new_one_and_does_not_come_back() -> None:
    transcript = Transcript(link)
    final = answer("A red car [1].", evidence(1), citations=(1,), notices=("No LLM.",))
    steps: list[Step] = [Piece("A zebra "), Restarted("the LLM broke off"), Piece("A red car [1]."), final]
    text = "".join(map(transcript.feed, steps))
    assert text.startswith("A zebra \n\n> **Note:** the LLM broke off; this text is void and the answer starts anew.")
    assert without_footnotes(text) == "A red car [1]."


def test_an_answer_that_says_something_else_than_its_pieces_is_shown_as_well() -> None:
    transcript = Transcript(link)
    text = transcript.feed(Piece("A zebra.")) + transcript.feed(answer("Nothing fits."))
    assert text.startswith("A zebra.\n\n> **Note:** what was shown until here is replaced by this:\n\nNothing fits.")
    silent = Transcript(link)
    assert silent.feed(answer("Nothing fits.")).startswith("Nothing fits.\n\n---")


def test_only_answered_questions_are_history_and_only_the_last_pictures_count() -> None:
    found = asked(
        [
            ChatMessage("system", "Be brief."),
            ChatMessage("user", "never answered"),
            ChatMessage("user", "red cars?", ("data:old",)),
            ChatMessage("assistant", "One [1]."),
            ChatMessage("tool", "42"),
            ChatMessage("user", " at night? ", ("data:new",)),
        ]
    )
    assert [(turn.question, turn.answer) for turn in found.history] == [("red cars?", "One [1].")]
    assert (found.words, found.images, found.place) == ("at night?", ("data:new",), 5)
    with pytest.raises(BadQuery, match="role user"):
        asked([ChatMessage("user", "x"), ChatMessage("assistant", "y")])


@pytest.mark.parametrize("model", ["", "gpt-4o", "picturedesk/", "picturedesk/secret", "picturedesk/a/b"])
def test_a_library_that_one_may_not_read_is_no_model(model: str) -> None:
    with pytest.raises(ModelNotFound):
        libraries_of(model, ["default"])


@pytest.mark.parametrize(
    "words",
    [
        "### Task:\nRespond to the user query using the provided context.\n<context>…</context>\nWhich pictures?",
        'Generate a title {"title": "x"} <chat_history>USER: a</chat_history>',
        "### Task: find pictures of a chart",
    ],
)
def test_what_only_looks_like_a_client_s_prompt_is_a_question(words: str) -> None:
    assert task_reply([ChatMessage("user", words)]) is None
