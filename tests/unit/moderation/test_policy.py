"""A policy is read to the last field, and whatever is wrong is said in one line, with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BadSettings
from rag.model import Action, Severity
from rag.moderation.policy import load_policy, policy_names

CATEGORY = """
  - name: alcohol
    means: Bottles
    prompts: [bottle]
    action: blur
    thresholds: {review: 0.3, blur: 0.8}
"""


def policy_file(folder: Path, categories: str = CATEGORY, head: str = "id: test\nversion: 2\n") -> str:
    path = folder / "policy.yaml"
    path.write_text(f"{head}categories:{categories}")
    return str(path)


def trouble(name: str) -> str:
    with pytest.raises(BadSettings) as caught:
        load_policy(name)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_the_shipped_policy_shows_every_action_and_a_pair_that_only_both_together_make() -> None:
    policy = load_policy("sample-library")
    assert {one.action for one in policy.categories} == set(Action)
    assert [one.name for one in policy.categories if one.sides == ("pair",)]
    assert any(one.severity is Severity.URGENT for one in policy.categories)
    assert policy.file.mismatch is not None
    assert policy_names() == ["sample-library"]


def test_a_policy_of_ones_own_is_named_by_its_version_and_hashed_to_the_last_byte(tmp_path: Path) -> None:
    first = load_policy(policy_file(tmp_path))
    assert first.id == "test@2"
    other = load_policy(policy_file(tmp_path, CATEGORY + "# a word to the reader\n"))
    assert other.id == first.id
    assert other.hash != first.hash


def test_what_is_urgent_is_blurred_until_people_decided_unless_the_policy_says_otherwise(tmp_path: Path) -> None:
    (plain,) = load_policy(policy_file(tmp_path)).categories
    (urgent,) = load_policy(policy_file(tmp_path, CATEGORY + "    severity: urgent\n")).categories
    (told,) = load_policy(policy_file(tmp_path, CATEGORY + "    severity: urgent\n    meanwhile: block\n")).categories
    shown = [one.shown_meanwhile for one in (plain, urgent, told)]
    assert shown == [Action.ALLOW, Action.BLUR, Action.BLOCK]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: alcohol", "name: Al cohol"), "category Al cohol, name: String should match pattern"),
        (("name: alcohol", "name: by-hand"), "category by-hand: the name by-hand is taken"),
        (("    means: Bottles\n", ""), "category alcohol, means: Field required"),
        (("prompts: [bottle]", "prompts: bottle"), "category alcohol, prompts: Input should be a valid"),
        (("prompts: [bottle]", "words: [beer]"), "sides image, text need prompts"),
        (("prompts: [bottle]", "prompts: [bottle]\n    sides: [pair]"), "sides pair need words or text_prompts"),
        (("prompts: [bottle]", "prompts: [bottle]\n    words: [wine, the]"), "the word 'the' says nothing"),
        (("action: blur", "action: hide"), "category alcohol, action: Input should be 'allow'"),
        (("action: blur", "action: block"), "its action is block, but the strictest of its thresholds is for blur"),
        (("review: 0.3, blur: 0.8", "review: 0.9, blur: 0.8"), "the threshold for review (0.9) must be below that for"),
        (("blur: 0.8", "blur: 8"), "category alcohol, thresholds, blur: Input should be less than or equal to 1"),
        (("{review: 0.3, blur: 0.8}", "{}"), "category alcohol: thresholds names none"),
        (("{review: 0.3, blur: 0.8}", "{hide: 0.3}"), "category alcohol, thresholds, hide"),
        (("action: blur", "acton: blur"), "category alcohol, action: Field required"),
        (("action: blur", "action: blur\n    colour: red"), "category alcohol, colour: Extra inputs are not permitted"),
        (("action: blur", "action: blur\n    action: blur"), "line 8, column 5: the key action stands twice"),
        (("prompts: [bottle]", "prompts: [bottle"), "is no YAML: line "),
        ((CATEGORY, CATEGORY + CATEGORY), "there are two categories of the name alcohol"),
        ((CATEGORY, " []\n"), "categories: Tuple should have at least 1 item"),
    ],
)
def test_every_bad_form_is_one_line_that_says_where(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    changed = CATEGORY.replace(*change)
    assert changed != CATEGORY
    assert said in trouble(policy_file(tmp_path, changed))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("id: test\n", "version: Field required"),
        ("id: test\nversion: 0\n", "version: Input should be greater than or equal to 1"),
        ("id: test\nversion: 1\nmismatch: {below: 1.5}\n", "mismatch, below: Input should be less than 1"),
    ],
)
def test_a_bad_head_is_told_too(tmp_path: Path, head: str, said: str) -> None:
    assert said in trouble(policy_file(tmp_path, head=head))


def test_what_is_not_there_or_no_text_is_told_with_what_there_is(tmp_path: Path) -> None:
    assert "no policy that is shipped (sample-library)" in trouble("sample")
    assert "cannot be read: No such file" in trouble(str(tmp_path / "none.yaml"))
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 text" in trouble(str(path))
    path.write_text("")
    assert "says nothing" in trouble(str(path))
    path.write_text("!!python/object/apply:os.system ['true']")
    assert "is no YAML" in trouble(str(path))
