"""Rules that say what people should look at."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from rag.auditing.risk import load_rules
from rag.errors import BadSettings

CALM = {"kind": "answer", "relevance": 0.9, "evidence": 3, "removed": 0, "unsupported": 0, "abstained": False}


def hashes(count: int) -> list[str]:
    return [sha256(str(n).encode()).hexdigest() for n in range(count)]


def test_an_answer_with_removed_citations_is_looked_at_before_one_without() -> None:
    rules = load_rules()
    calm, _ = rules.risk(CALM, "0")
    risk, names = rules.risk(CALM | {"removed": 1, "unsupported": 2}, "0")
    assert risk > calm
    assert {"citations removed", "unsupported sentences"} <= set(names)
    assert risk == pytest.approx(1 - (1 - calm) * 0.2 * 0.4)


def test_what_is_not_known_of_an_event_fulfils_no_condition() -> None:
    _, names = load_rules().risk({"kind": "answer", "abstained": False, "relevance": None}, "0")
    assert "low relevance" not in names


def test_a_share_takes_about_as_many_as_it_says_and_always_the_same_ones() -> None:
    rules = load_rules()
    drawn = [name for name in hashes(5_000) if "random sample of answers" in rules.risk(CALM, name)[1]]
    assert drawn == [name for name in hashes(5_000) if "random sample of answers" in rules.risk(CALM, name)[1]]
    assert 60 <= len(drawn) <= 140  # 2% of 5,000


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("rules: [{name: x, risk: 0.5, when: {colour: {is: red}}}]", "'x' asks for colour"),
        ("rules: [{name: x, risk: 0.5, when: {kind: {like: answer}}}]", "'x' asks for kind: like"),
        ("rules: [{name: x, risk: 2}]", "risk must lie between"),
        ("rules: [{risk: 0.5}]", "'name'"),
        ("- x", "not written as rules"),
        ("rules: [", "not written as rules"),
    ],
)
def test_a_file_that_holds_no_rules_says_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(BadSettings, match=complaint):
        load_rules(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"none\.yaml cannot be read"):
        load_rules(str(tmp_path / "none.yaml"))
