"""Files of attributes: each is read, and what is not written as one says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering.prompt_files import prompts_folder
from rag.classifying.labels import checked_labels
from rag.classifying.templates import load_templates
from rag.describing.attributes import attribute_files, load_attributes
from rag.errors import BadQuery, BadSettings


@pytest.mark.parametrize("name", attribute_files(prompts_folder() / "attributes"))
def test_every_file_of_attributes_can_be_asked(name: str) -> None:
    attributes = load_attributes(name)
    assert attributes.id.startswith(f"attributes/{name}@")
    assert load_templates(attributes.templates)
    for asked, labels in attributes.labels.items():
        assert checked_labels(labels) == labels
        assert attributes.german[asked]
        assert all(attributes.german[label] for label in labels)


def test_a_name_that_is_no_file_names_those_there_are() -> None:
    with pytest.raises(BadQuery, match="there are: drawn, photographs, products"):
        load_attributes("../labels/drawn")


@pytest.mark.parametrize(
    "text", ["", "---\nid: x\n---\n# a\n- b\n- c\n", "---\nid: x\nversion: 1\ntemplates: plain\n---\n# a\n- b\n"]
)
def test_what_is_not_written_as_attributes_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.md").write_text(text)
    with pytest.raises(BadSettings, match=r"mine\.md"):
        load_attributes("mine", tmp_path)
