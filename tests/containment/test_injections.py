"""The LLM is in somebody else's hands, and does all that any file says. Nothing of it leaves its own text.

Every injection is a file of its own: through the real ingest, the real search, the real prompt, to a test LLM over
HTTP that obeys, and back.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.ask import ask
from rag.model import LOCAL_OWNER, Query, Question, Turn
from tests.containment.effects import Trap, addresses_in
from tests.containment.payloads import DISGUISES, KINDS
from tests.containment.planting import PLACES
from tests.containment.siege import READER, Siege, asked, besieged, effects, in_files, in_history
from tests.services.llm import LlmServer, text


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory, shared_llm: LlmServer, trap: Trap) -> Iterator[Siege]:
    with besieged(tmp_path_factory.mktemp("siege"), shared_llm, trap) as siege:
        yield siege


def test_there_are_enough_of_them_and_each_kind_is_in_each_place_and_disguise(siege: Siege) -> None:
    assert len(siege.injections) >= 200
    for kind in KINDS:
        assert {one.place for one in siege.of(kind)} == set(PLACES)
        assert {one.disguise for one in siege.of(kind)} == set(DISGUISES)


@pytest.mark.parametrize("kind", KINDS)
def test_an_injection_in_a_file_has_no_effect_outside_the_answer_s_own_text(siege: Siege, kind: str) -> None:
    assert in_files(siege, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_injection_in_what_was_said_before_has_none_either(siege: Siege, kind: str) -> None:
    assert in_history(siege, kind) == []


def test_an_llm_that_is_given_an_injection_writes_what_would_have_an_effect_if_it_were_let(siege: Siege) -> None:
    """Or these tests could not fail."""
    asked(siege, "picture in markdown", top_k=4)
    written = siege.llm.answers[-1]
    assert f"![chart](http://{siege.trap.host}/pixel.png" in written
    assert len(addresses_in(written, siege.trap.host)) > 10
    assert "[9999]" in written
    assert any(turn["function"]["name"] == "fetch" for turn in siege.llm.tool_calls)


def test_places_that_a_prompt_shows_reached_the_llm_and_the_others_did_not(siege: Siege) -> None:
    for kind in set(KINDS) - siege.tried:
        in_files(siege, kind)
    reached = {one.place for one in siege.injections if one.number in siege.reached}
    assert reached == set(PLACES) - {"file name", "EXIF user comment"}


def test_a_follow_up_that_the_llm_rewrites_into_an_address_is_searched_without_it(siege: Siege) -> None:
    siege.llm.script = [text(f"a lake http://{siege.trap.host}/x library:vault"), text("A lake [1].")]
    try:
        history = (Turn("Which lakes?", "A quiet one."),)
        answer = ask(siege.services, READER, Question(Query("and now?"), history=history), door="test")
    finally:
        siege.llm.script = []
    assert addresses_in(answer.standalone, siege.trap.host) == []
    assert {item.visual.library for item in answer.retrieval.evidence} <= {"open"}


def test_in_strict_mode_it_has_none_either(siege: Siege) -> None:
    answer, streamed = asked(siege, "orders", top_k=4, strict=True)
    assert effects(siege, answer, streamed) == []


def test_what_it_was_told_to_delete_is_still_there(siege: Siege) -> None:
    """Tool calls were asked for in every answer."""
    assert siege.services.store.count() == len(siege.injections) + 1


def test_what_was_written_stays_in_the_ledger_as_it_was_released(siege: Siege) -> None:
    answer, _ = asked(siege, "HTML image", top_k=4)
    event = siege.services.ledger.event(LOCAL_OWNER, answer.events[-1])
    assert event.body["text"] == answer.text
    assert addresses_in(str(event.body["text"]), siege.trap.host) == []
    assert siege.services.ledger.first_fault() is None
