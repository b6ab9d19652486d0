"""Answers from end to end: what is asked of the LLM, what of its words is released, and what is recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import pytest

from rag.answering.wording import WORDINGS
from rag.ask import answering
from rag.errors import ContextTooLong, LedgerUnavailable, LlmRefused, LlmUnavailable, NotFound
from rag.model import LOCAL_OWNER, NEW, Actor, Answer, Piece, Query, Question, Restarted, Retrieved, Turn
from rag.ports import Draft
from tests.flows.answers import Room, shown
from tests.services.llm import raw, status, text

BEACH = "A red car on a beach at noon"
ANN = Actor("ann", frozenset({"reader"}), libraries=frozenset({"desk"}))


def written(*sentences: str) -> object:
    """An LLM's answer, in pieces that cut through words and citations."""
    whole = " ".join(sentences)
    return text(*[whole[at : at + 5] for at in range(0, len(whole), 5)])


# Step by step


def test_evidence_comes_first_then_the_text_then_the_checked_answer(room: Room) -> None:
    room.says(written("A red car stands on a beach at noon [1]."))
    steps = room.steps(BEACH)
    assert isinstance(steps[0], Retrieved)
    assert steps[0].retrieval.evidence[0].caption is not None
    assert steps[0].retrieval.event is not None, "it is recorded before anything is shown"
    assert len([step for step in steps if isinstance(step, Piece)]) > 3
    assert isinstance(steps[-1], Answer)
    assert shown(steps) == steps[-1].text == "A red car stands on a beach at noon [1]."
    assert steps[-1].composer == "scripted"


def test_a_citation_that_no_evidence_has_is_never_shown_even_when_it_comes_in_pieces(room: Room) -> None:
    room.says(text("A red car on a beach [1", "] and a bridge [", "7", "7", "]. Sold [1, 99]."))
    steps = room.steps(BEACH)
    answer = steps[-1]
    assert isinstance(answer, Answer)
    assert shown(steps) == "A red car on a beach [1] and a bridge. Sold [1]."
    assert answer.removed == (77, 99)
    assert any("[77][99]" in notice for notice in answer.notices)
    assert room.event(answer.events[1])["verdicts"]["citations_removed"] == [77, 99]


def test_an_answer_holds_no_links_whatever_the_llm_writes(room: Room) -> None:
    room.says(
        written("A red car [1].", "![x](http://evil.example/a?q=1) See <img src=//evil.example> or www.evil.example")
    )
    steps = room.steps(BEACH)
    assert "evil.example/" not in shown(steps)
    assert "![" not in shown(steps)
    assert "<img" not in shown(steps)
    assert any("Links were removed" in notice for notice in completed(steps).notices)


def completed(steps: Sequence[object]) -> Answer:
    assert isinstance(steps[-1], Answer)
    return steps[-1]


# Support


def test_each_sentence_says_how_far_its_evidence_bears_it_out(room: Room) -> None:
    room.says(
        written(
            "A red car is on a beach at noon [1].",
            "It was built by Anna Smith in 1962 [1].",
            "A green elephant sleeps in a library [1].",
            "Everybody likes it.",
        )
    )
    support = room.answer(BEACH).support
    assert [one.supported for one in support] == [True, False, False, False]
    assert support[0].overlap == 1.0
    assert support[0].score > 0.9 > support[1].score > support[2].score
    assert support[3].citations == ()


def test_strict_mode_withholds_what_nothing_bears_out(room: Room) -> None:
    room.says(written("A red car is on a beach at noon [1].", "It belongs to a duke [1].", "Call the police."))
    steps = room.steps(BEACH, strict=True)
    answer = completed(steps)
    assert shown(steps).strip() == answer.text == "A red car is on a beach at noon [1]."
    assert answer.withheld == 2
    assert all("duke" not in str(step) for step in steps)
    recorded = room.event(answer.events[1])
    assert recorded["verdicts"]["withheld"] == 2


def test_strict_mode_abstains_when_nothing_is_left(room: Room) -> None:
    room.says(written("It belongs to a duke [1].", "Call the police."))
    answer = room.answer(BEACH, strict=True)
    assert answer.abstained
    assert answer.text == WORDINGS["en"].withheld
    assert answer.citations == ()


def test_captions_put_together_are_supported_by_themselves(plain_room: Room) -> None:
    answer = plain_room.answer("Which pictures show a red car on a beach at noon?")
    assert answer.support
    assert all(one.supported and one.overlap == 1.0 for one in answer.support)


# When the LLM fails


FAILURES = {
    "no key": status(401, message="You didn't provide an API key"),
    "a wrong key": status(401, code="invalid_api_key"),
    "too many requests": status(429, retry_after=600),
    "an error inside": status(500),
    "a closed line": replace(text(), cut=True),
    "nothing": text(),
    "white space": text("  \n", " "),
    "no UTF-8": replace(raw(b'data: {"choices": [{"delta": {"content": "\xff\xfe\xfa"}}]}\n\n'), pieces=("", "late")),
    "a context too long": status(400, code="context_length_exceeded"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_llm_that_fails_is_replaced_by_the_captions_and_says_why(room: Room, name: str) -> None:
    room.says(FAILURES[name])
    steps = room.steps(BEACH)
    answer = completed(steps)
    assert answer.composer == "extractive"
    assert answer.citations
    assert "A red car on a beach at noon [1]." in answer.text
    assert any(notice.startswith("Put together from captions, because") for notice in answer.notices)
    assert not any(isinstance(step, Restarted) for step in steps), "nothing had been shown yet"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no key", LlmRefused),
        ("too many requests", LlmUnavailable),
        ("nothing", LlmUnavailable),
        ("a context too long", ContextTooLong),
    ],
)
def test_in_strict_mode_an_llm_that_fails_is_an_error(room: Room, name: str, error: type[Exception]) -> None:
    room.says(FAILURES[name])
    with pytest.raises(error):
        room.answer(BEACH, strict=True)


def test_what_an_llm_wrote_before_it_broke_off_is_void(room: Room) -> None:
    room.says(text("A red car ", "is on the bea", finish=None))
    steps = room.steps(BEACH)
    restarted = next(at for at, step in enumerate(steps) if isinstance(step, Restarted))
    assert shown(steps[:restarted]).startswith("A red car")
    answer = completed(steps)
    assert shown(steps[restarted:]) == answer.text
    assert answer.composer == "extractive"


def test_an_answer_that_a_limit_cut_off_says_so(room: Room) -> None:
    room.says(text("A red car on a beach [1]. And th", finish="length"))
    answer = room.answer(BEACH)
    assert answer.composer == "scripted"
    assert any("cut off" in notice for notice in answer.notices)


# Stopping, and the ledger


def test_hanging_up_stops_the_llm_and_is_recorded(room: Room) -> None:
    room.says(text("A red car ", "is ", *["on and on "] * 500, between=0.02))
    with closing(answering(room.services, LOCAL_OWNER, Query(BEACH), door="test")) as steps:
        seen = ""
        for step in steps:
            seen += step.text if isinstance(step, Piece) else ""
            if len(seen) > 20:
                break
    newest = room.services.ledger.events(LOCAL_OWNER, kind="answer", limit=1)[0]
    assert newest.body["verdicts"]["stopped"] is True
    assert newest.body["text"] == seen.strip()
    assert len(room.llm.answers[-1]) < 1000, "the LLM's line was closed"


def test_no_event_no_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.says(text("A red car [1]."))
    append = room.services.ledger.append

    def full(draft: Draft) -> object:
        if draft.kind == "answer":
            raise LedgerUnavailable("the disk is full")
        return append(draft)

    monkeypatch.setattr(room.services.ledger, "append", full)
    with pytest.raises(LedgerUnavailable):
        room.answer(BEACH)


def test_nothing_is_asked_of_the_llm_before_the_retrieval_is_recorded(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(draft: Draft) -> object:
        raise LedgerUnavailable("the disk is full")

    room.says(text("A red car [1]."))
    monkeypatch.setattr(room.services.ledger, "append", full)
    with pytest.raises(LedgerUnavailable):
        room.answer(BEACH)
    assert room.llm.requests == []


# Follow-ups and conversations


def test_a_follow_up_is_searched_with_what_it_leans_on(plain_room: Room) -> None:
    first = plain_room.answer("red car on a beach", conversation=NEW)
    answer = plain_room.answer("and at night?", conversation=first.conversation)
    assert answer.standalone == "red car on a beach, and at night?"
    assert answer.question == "and at night?"
    asked = plain_room.event(answer.events[0])
    assert asked["query"]["text"] == answer.standalone
    assert asked["rewriting"] == {"question": "and at night?", "by": "rule", "prompt": ["", ""]}


def test_a_question_that_stands_by_itself_is_searched_as_asked(plain_room: Room) -> None:
    before = (Turn("red car on a beach", "One picture fits."),)
    assert plain_room.answer("a yellow cake in a kitchen", history=before).standalone == ""


def test_an_llm_rewrites_the_follow_up_and_the_ledger_names_the_prompt(room: Room) -> None:
    room.says(text("red car on a farm at night"), text("A red car on a farm at night [1]."))
    answer = room.answer("the same at night on a farm?", history=(Turn("red car on a beach", "Here [7]."),))
    assert answer.standalone == "red car on a farm at night"
    assert "asked: red car on a beach" in room.prompt(0)
    assert "[7]" not in room.prompt(0), "its numbers mean other evidence now"
    assert "answered: Here" in room.prompt(1)
    rewriting = room.event(answer.events[0])["rewriting"]
    assert rewriting["by"] == "scripted"
    assert rewriting["prompt"][0] == "rewrite@1"


def test_a_follow_up_is_understood_without_the_llm_when_it_fails(room: Room) -> None:
    room.says(status(500), text("A red car on a farm at night [1]."))
    answer = room.answer("and at night?", history=(Turn("red car", "Here."),))
    assert answer.standalone == "red car, and at night?"
    assert answer.composer == "scripted"


def test_a_conversation_is_its_owners_alone(plain_room: Room) -> None:
    answer = plain_room.answer(BEACH, actor=ANN, conversation=NEW)
    assert [turn.turn.question for turn in plain_room.services.conversations.turns(ANN, answer.conversation)] == [BEACH]
    for stranger in (LOCAL_OWNER, replace(ANN, id="bob")):
        with pytest.raises(NotFound, match="no conversation"):
            plain_room.answer("and then?", actor=stranger, conversation=answer.conversation)


def test_a_conversation_that_is_deleted_meanwhile_does_not_fail_the_answer(plain_room: Room) -> None:
    first = plain_room.answer(BEACH, conversation=NEW)
    steps = answering(
        plain_room.services, LOCAL_OWNER, Question(Query(BEACH), conversation=first.conversation), door="test"
    )
    next(steps)
    plain_room.services.conversations.delete(LOCAL_OWNER, first.conversation)
    *_, answer = steps
    assert isinstance(answer, Answer)
    assert answer.text
    assert answer.conversation == ""


# Languages, budgets, pictures


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Welche Bilder zeigen ein rotes Auto am Strand?", "de"),
        ("Quelles images montrent une voiture rouge ?", "fr"),
        ("¿Qué imágenes muestran un coche rojo en la playa?", "es"),
    ],
)
def test_an_abstention_is_in_the_language_of_the_question(plain_room: Room, question: str, language: str) -> None:
    where = {"services": plain_room.services}
    with strictest(where["services"]):
        answer = plain_room.answer(question)
    assert answer.abstained
    assert answer.language == language
    assert answer.text.startswith(WORDINGS[language].nothing)
    assert "4" in answer.text, "it says what was searched"


class strictest:  # noqa: N801
    """Nothing is relevant enough, for as long as this lasts."""

    def __init__(self, services: object) -> None:
        self._services = services

    def __enter__(self) -> None:
        self._before = self._services.settings  # type: ignore[attr-defined]
        self._services.settings = self._before.model_copy(update={"min_relevance": 1.0})  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        self._services.settings = self._before  # type: ignore[attr-defined]


def test_the_llm_is_asked_to_answer_in_the_language_of_the_question(room: Room) -> None:
    room.says(text("Ein rotes Auto am Strand [1]."))
    answer = room.answer("Zeigt eines der Bilder ein rotes Auto (red car on a beach)?")
    assert answer.language == "de"
    assert "Answer in German" in room.prompt()


def test_the_least_relevant_evidence_goes_first_when_the_budget_is_short(room: Room) -> None:
    room.says(text("A red car [1]."))
    before = room.services.settings
    whole = room.answer("red car")
    room.services.settings = before.model_copy(update={"llm_prompt_tokens": 100})
    try:
        answer = room.answer("red car")
    finally:
        room.services.settings = before
    kept, all_of_it = answer.retrieval.evidence, whole.retrieval.evidence
    assert 1 <= len(kept) < len(all_of_it)
    dropped = room.event(answer.events[0])["dropped"]
    beyond = [one for one in dropped if "beyond the LLM's budget of 100 tokens" in one["reason"]]
    assert len(beyond) == len(all_of_it) - len(kept)
    assert max(one["relevance"] for one in beyond) <= min(item.relevance for item in kept)


def test_many_questions_at_once_do_not_mix(room: Room) -> None:
    """Each answer cites evidence of its own retrieval."""
    room.says(written("It is here [1]."))
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda text=text: answers.append(room.answer(text))) for text in room.captions * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    for answer in answers:
        first = answer.retrieval.evidence[0]
        assert first.caption is not None
        assert first.caption.text == answer.question
        assert room.event(answer.events[1])["retrieval"] == answer.events[0]


@pytest.fixture(autouse=True)
def no_script_left(room: Room) -> Iterator[None]:
    yield
    room.llm.script = []
