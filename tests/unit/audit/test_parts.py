"""Events in parts: put together again they are the same, and each part is about those whom it names."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rag.audit.canonical import canonical, normal, parsed
from rag.audit.parts import Part, joined, split
from rag.audit.sealing import packed, seal, unpacked, unseal

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64
SEEN, UNSEEN = "9" * 8 + "-9999-5999-8999-" + "9" * 12, "8" * 8 + "-8888-5888-8888-" + "8" * 12
RETRIEVAL: dict[str, Any] = {
    "door": "http",
    "actor": {"roles": ["reader"], "groups": []},
    "query": {"text": "a red dress", "wanted": [{"visual": SEEN, "weight": 1.0}, {"text": "at night"}]},
    "encoder": "demo",
    "evidence": [
        {"number": 1, "visual": SEEN, "content": ONE, "caption": "Ann at the pier"},
        {"number": 2, "visual": UNSEEN, "content": TWO, "caption": "Bob"},
    ],
    "dropped": [{"visual": SEEN, "reason": "below"}, {"visual": UNSEEN, "reason": "below"}],
    "prompt": {"id": "answer", "hash": "ab", "messages": [{"role": "user", "text": "[1] Ann at the pier"}]},
    "llm": {"id": "extractive", "parameters": {}},
}
ids = st.sampled_from([ONE, TWO, SEEN, UNSEEN])
values = st.recursive(
    st.none()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=4)
    | ids,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["asset", "visual", "content", "assets", "visuals", "text", "erased", "values", "a"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
bodies = st.dictionaries(
    st.sampled_from(["door", "query", "evidence", "prompt", "verdicts", "asset", "visuals", "text", "x"]), values
)


def parts_of(body: dict[str, Any], about: tuple[str, ...] = ()) -> list[Part]:
    normalised, written = normal(body)
    return split("ann", normalised, about, lambda wanted: {SEEN: ONE} if SEEN in wanted else {}, written)


def without(parts: list[Part], subject: str) -> tuple[str | None, dict[str, Any]]:
    contents = [None if subject in part.subjects else part.content for part in parts]
    return joined(contents, lambda number: {"erased": "then"})


@given(bodies)
def test_every_event_reads_back_as_it_was(body: dict[str, Any]) -> None:
    parts = parts_of(body)
    assert [part.content for part in parts] == [canonical(parsed(part.content)) for part in parts]
    assert joined([part.content for part in parts], lambda number: {}) == ("ann", parsed(canonical(body)))


@given(bodies, st.sampled_from(["actor:ann", f"asset:{ONE}", f"asset:{TWO}", f"visual:{UNSEEN}"]))
def test_whoever_is_erased_is_named_nowhere_in_what_is_left(body: dict[str, Any], subject: str) -> None:
    """Where keys say what they name; free text may of course hold anything, and is the actor's."""
    actor, left = without(parts_of(body), subject)
    kind, _, name = subject.partition(":")
    if kind == "actor":
        assert actor is None
    else:
        keys = ("asset", "content") if kind == "asset" else ("visual",)
        assert not any(canonical({key: name})[1:-1] in canonical(left) for key in keys)


def test_an_erased_asset_takes_its_entries_and_what_quotes_it_and_nothing_else() -> None:
    actor, left = without(parts_of(RETRIEVAL), f"asset:{ONE}")
    gone = {"erased": "then"}
    assert actor == "ann"
    assert left["query"] == {"text": "a red dress", "wanted": [gone, {"text": "at night"}]}
    assert left["evidence"] == [gone, RETRIEVAL["evidence"][1]]
    assert left["dropped"] == [gone, RETRIEVAL["dropped"][1]]
    assert left["prompt"] == {"id": "answer", "hash": "ab", "messages": gone}
    assert left["llm"] == RETRIEVAL["llm"]


def test_an_erased_person_takes_what_he_said_and_leaves_what_was_found() -> None:
    actor, left = without(parts_of(RETRIEVAL), "actor:ann")
    assert actor is None
    assert left["query"] == {
        "text": {"erased": "then"},
        "wanted": [RETRIEVAL["query"]["wanted"][0], {"erased": "then"}],
    }
    assert left["evidence"] == RETRIEVAL["evidence"]
    assert left["actor"] == {"erased": "then"}


def test_an_answer_goes_with_any_asset_that_it_may_quote() -> None:
    answer = {"text": "Carl sleeps.", "citations": [{"number": 1, "content": ONE}], "abstained": False}
    for subject in (f"asset:{ONE}", f"asset:{THREE}", "actor:ann"):
        _, left = without(parts_of(answer, about=(THREE,)), subject)
        assert left["text"] == {"erased": "then"}
        assert left["abstained"] is False


def test_whoever_another_names_is_erased_there_too() -> None:
    """Who has access, whom an auditor looked for; and a reviewer's comment on somebody else's picture."""
    body: dict[str, Any] = {
        "keys": [{"actor": "zoe", "roles": ["owner"]}, {"actor": "bob", "roles": []}],
        "wanted": {"person": "zoe", "words": ["red"]},
        "labels": [{"visual": UNSEEN, "grade": 2, "comment": "clearly"}, {"visual": UNSEEN, "grade": 1, "comment": ""}],
        "assets": [f"shop/{ONE}", f"shop/{TWO}"],
    }
    gone = {"erased": "then"}
    _, left = without(parts_of(body), "actor:zoe")
    assert left["keys"] == [gone, body["keys"][1]]
    assert left["wanted"] == {"person": gone, "words": gone}
    _, left = without(parts_of(body), "actor:ann")
    assert left["labels"] == [gone, body["labels"][1]]
    _, left = without(parts_of(body), f"asset:{ONE}")
    assert left["assets"] == [gone, f"shop/{TWO}"]


# Sealing


@given(st.text(), st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4))
def test_a_sealed_part_opens_with_all_of_its_keys_and_with_no_fewer(content: str, secrets: list[bytes]) -> None:
    keys = dict(enumerate(secrets, start=7))
    (part,) = unpacked(packed([seal(content, list(keys.items()))]))
    opened = unseal(part, keys)
    assert opened is not None
    assert opened.content == content
    for number in keys:
        assert unseal(part, {other: key for other, key in keys.items() if other != number}) is None


def test_what_was_sealed_twice_looks_different_and_tells_nothing() -> None:
    one, two = (seal("Ann at the pier", [(1, bytes(32))]) for _ in range(2))
    assert one.commitment != two.commitment
    assert b"Ann" not in packed([one, two])
