"""Labels as they may come in, and the template files that turn them into prompts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.classifying.labels import MOST_LABELS, checked_labels, labels_in_file
from rag.classifying.templates import Templates, label_vectors, load_templates, template_names, with_article
from rag.errors import BadQuery, BadSettings
from rag.ports import Encoder, Matrix


def test_labels_keep_their_order_and_the_same_one_twice_counts_once() -> None:
    assert checked_labels([" dog ", "cat", "dog", "ice\tcream"]) == ("dog", "cat", "ice cream")


@pytest.mark.parametrize("given", [[], [str(at) for at in range(10_000)]])
def test_none_or_too_many_name_the_field_and_what_is_allowed(given: list[str]) -> None:
    with pytest.raises(BadQuery, match=r"labels: there are .*; give 1 to 1,000 labels"):
        checked_labels(given)
    assert len(checked_labels(str(at) for at in range(MOST_LABELS))) == MOST_LABELS


@pytest.mark.parametrize("wrong", ["", "  ", "a\x00b", "x" * 101, "\u202edog"])
def test_what_cannot_be_a_label_is_refused(wrong: str) -> None:
    with pytest.raises(BadQuery, match="labels: "):
        checked_labels(["dog", wrong])


def test_a_file_of_labels_has_one_a_line() -> None:
    assert labels_in_file("# animals\ndog\n\n  cat \n") == ["dog", "cat"]


@pytest.mark.parametrize("name", template_names())
def test_every_shipped_template_file_names_the_label_in_each_prompt(name: str) -> None:
    templates = load_templates(name)
    assert templates.id.startswith(f"labels/{name}@")
    assert len(templates.hash) == 64
    assert all("owl" in prompt and "{" not in prompt for prompt in templates.prompts("owl"))


def test_there_are_templates_for_photographs_products_artworks_and_drawn_scenes() -> None:
    assert {"photographs", "products", "artworks", "drawn"} <= set(template_names())


def test_a_template_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadQuery, match=r"template: there is no '\.\./answer'; there are: artworks, .*photographs"):
        load_templates("../answer")


@pytest.mark.parametrize("text", ["no front matter", "---\nid: x\nversion: 1\n---\n- no label\n", "---\nid: x\n---\n"])
def test_a_file_that_is_not_written_as_templates_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong.md").write_text(text)
    with pytest.raises(BadSettings, match=r"wrong\.md"):
        load_templates("wrong", tmp_path)


def test_articles_and_labels_with_braces_are_put_in_as_they_are() -> None:
    templates = Templates("t@1", "", ("{a label} here", "the {label}"))
    assert templates.prompts("apple") == ["an apple here", "the apple"]
    assert [with_article(word) for word in ("dog", "Owl", "ice cream")] == ["a dog", "an Owl", "an ice cream"]


class TwoWords:
    """An encoder of texts whose vectors can be worked out: the first axis for "a", the second for "b"."""

    demo = False

    def texts(self, texts: Sequence[str]) -> Matrix:
        found: Matrix = np.array([[1, 0] if text.startswith("a") else [0, 1] for text in texts], dtype=np.float32)
        return found


def test_a_labels_vector_is_the_mean_of_its_prompts_made_unit_length() -> None:
    encoder: Encoder = TwoWords()  # type: ignore[assignment]
    vectors = label_vectors(encoder, Templates("t@1", "", ("a {label}", "b {label}", "a big {label}")), ["x", "y"])
    assert vectors == pytest.approx(np.array([[2, 1], [2, 1]]) / np.sqrt(5))
    assert vectors.dtype == np.float32
