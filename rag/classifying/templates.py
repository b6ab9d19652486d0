"""Prompt templates for labels, as versioned files: front matter, then one template a line.

A label's vector is the mean of its prompts' vectors, made unit length again: an
ensemble in text space (Radford et al. 2021, section 3.1.4), which costs nothing
when pictures are compared with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from rag.answering.prompt_files import prompts_folder
from rag.batching import in_batches
from rag.errors import BadQuery, BadSettings
from rag.ports import Encoder, Matrix

FOLDER = "labels"
DEFAULT, DEFAULT_OF_DEMO = "photographs", "drawn"

LABEL, WITH_ARTICLE = "{label}", "{a label}"
PROMPTS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one domain.

    Attributes:
        id: name and version, as `labels/photographs@1`.
        hash: SHA-256 of the whole file; with `id` it goes into the ledger.
        texts: each holds `{label}`, or `{a label}` for the label behind "a" or "an".
    """

    id: str
    hash: str
    texts: tuple[str, ...]

    def prompts(self, label: str) -> list[str]:
        """One prompt a template."""
        return [text.replace(LABEL, label).replace(WITH_ARTICLE, with_article(label)) for text in self.texts]


def template_names(folder: Path | None = None) -> list[str]:
    """The domains there are templates for."""
    return sorted(path.stem for path in (folder or prompts_folder() / FOLDER).glob("*.md"))


def load_templates(name: str, folder: Path | None = None) -> Templates:
    """The templates of one domain.

    Raises:
        BadQuery: there is no such file; the message names those there are.
        BadSettings: it is not written as templates.
    """
    known = template_names(folder)
    if name not in known:
        raise BadQuery(f"template: there is no {name[:60]!r}; there are: {', '.join(known)}")
    path = (folder or prompts_folder() / FOLDER) / f"{name}.md"
    content = path.read_bytes()
    try:
        _, matter, body = content.decode().split("---\n", 2)
        head = yaml.safe_load(matter)
        texts = tuple(line.removeprefix("- ").strip() for line in body.splitlines() if line.startswith("- "))
        found = Templates(f"{head['id']}@{head['version']}", hashlib.sha256(content).hexdigest(), texts)
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise BadSettings(f"the templates {path} are not written as templates: {error}") from error
    if not texts or any(LABEL not in text and WITH_ARTICLE not in text for text in texts):
        raise BadSettings(f"the templates {path} need one template a line behind `- `, each with {LABEL}")
    return found


def default_template(encoder: Encoder) -> str:
    return DEFAULT_OF_DEMO if encoder.demo else DEFAULT


def label_vectors(encoder: Encoder, templates: Templates, labels: Sequence[str]) -> Matrix:
    """shape (labels, dim), float32, rows of unit length: each the mean over its prompts."""
    each = len(templates.texts)
    rows = [
        row for some in in_batches(labels, max(1, PROMPTS_AT_ONCE // each)) for row in _means(encoder, templates, some)
    ]
    means = np.stack(rows)
    unit: Matrix = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _means(encoder: Encoder, templates: Templates, labels: Sequence[str]) -> Iterator[Matrix]:
    prompts = [prompt for label in labels for prompt in templates.prompts(label)]
    vectors = encoder.texts(prompts).reshape(len(labels), len(templates.texts), -1)  # (labels, templates, dim)
    yield from vectors.mean(axis=1)


def with_article(noun: str) -> str:
    """`a dog`, `an apple`; by the first letter, which is right for most words."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"
