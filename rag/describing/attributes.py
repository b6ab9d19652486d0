"""Attributes that are read off pictures zero-shot: files of labels, and what they say of stored vectors.

Each attribute is a question with labels of which at most one fits; `rag.classifying` gives each a
calibrated probability, and "none of these" one of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import yaml

from rag.answering.prompt_files import prompts_folder
from rag.classifying.calibrating import calibration_of
from rag.classifying.classifier import Classifier
from rag.classifying.templates import label_vectors, load_templates
from rag.errors import BadQuery, BadSettings
from rag.ports import Encoder, Matrix, Serving

FOLDER = "attributes"
DEFAULT, DEFAULT_OF_DEMO = "photographs", "drawn"

HEADING = re.compile(r"^# (.+)$")

Labels = Mapping[str, tuple[str, float]]
"""Of each attribute, the likeliest label and its probability."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of one domain.

    Attributes:
        id: name and version, as `attributes/drawn@1`.
        hash: SHA-256 of the whole file; with `id` it goes into the ledger.
        templates: a file of `prompts/labels`.
        labels: of each attribute, in English, as the encoder is asked.
        german: of names and labels.
    """

    id: str
    hash: str
    templates: str
    labels: Mapping[str, tuple[str, ...]]
    german: Mapping[str, str]


def attribute_files(folder: Path | None = None) -> list[str]:
    """The domains there are attributes for."""
    return sorted(path.stem for path in (folder or prompts_folder() / FOLDER).glob("*.md"))


def load_attributes(name: str, folder: Path | None = None) -> Attributes:
    """The attributes of one domain.

    Raises:
        BadQuery: there is no such file; the message names those there are.
        BadSettings: it is not written as attributes.
    """
    known = attribute_files(folder)
    if name not in known:
        raise BadQuery(f"attributes: there is no {name[:60]!r}; there are: {', '.join(known)}")
    return _load((folder or prompts_folder() / FOLDER) / f"{name}.md")


@lru_cache(maxsize=32)
def _load(path: Path) -> Attributes:
    content = path.read_bytes()
    try:
        _, matter, body = content.decode().split("---\n", 2)
        head = yaml.safe_load(matter)
        labels, german = _parsed(body)
        made = Attributes(
            f"{head['id']}@{head['version']}", hashlib.sha256(content).hexdigest(), head["templates"], labels, german
        )
    except (ValueError, KeyError, TypeError, IndexError, yaml.YAMLError) as error:
        raise BadSettings(f"the attributes {path} are not written as attributes: {error}") from error
    if not labels or any(len(some) < 2 for some in labels.values()):
        raise BadSettings(
            f"the attributes {path} need `# name | Name` with two labels or more below it, each `- label`"
        )
    return made


def default_attributes(encoder: Encoder) -> str:
    return DEFAULT_OF_DEMO if encoder.demo else DEFAULT


def labels_of(serving: Serving, attributes: Attributes, pictures: Matrix) -> list[Labels]:
    """What the attributes say of pictures, one for each row; where "none of these" is likeliest, nothing.

    Args:
        pictures: shape (n, dim), unit length.
    """
    found: list[dict[str, tuple[str, float]]] = [{} for _ in pictures]
    for name, classifier in _classifiers(serving, attributes).items():
        for said, row in zip(found, classifier.probabilities(pictures), strict=True):
            verdict = classifier.verdict(row)
            if verdict.label:
                said[name] = verdict.label, verdict.confidence
    return list(found)


_vectors: WeakKeyDictionary[Encoder, dict[str, dict[str, Matrix]]] = WeakKeyDictionary()
"""Label vectors of an encoder by the file's hash: they take it tenths of a second, and never change."""


def _classifiers(serving: Serving, attributes: Attributes) -> dict[str, Classifier]:
    encoder = serving.encoder
    templates, calibration = load_templates(attributes.templates), calibration_of(encoder)
    known = _vectors.setdefault(encoder, {})
    if attributes.hash not in known:
        known[attributes.hash] = {
            name: label_vectors(encoder, templates, labels) for name, labels in attributes.labels.items()
        }
    return {
        name: Classifier(serving, labels, templates, known[attributes.hash][name], calibration)
        for name, labels in attributes.labels.items()
    }


def _parsed(body: str) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    labels: dict[str, tuple[str, ...]] = {}
    german: dict[str, str] = {}
    name = ""
    for line in body.splitlines():
        if heading := HEADING.match(line):
            name = _named(heading[1], german)
            labels[name] = ()
        elif line.startswith("- "):
            labels[name] += (_named(line.removeprefix("- "), german),)
    return labels, german


def _named(written: str, german: dict[str, str]) -> str:
    """`beach | Strand`; without a second name, the first serves both languages."""
    english, _, other = (part.strip() for part in written.partition("|"))
    german[english] = other or english
    return english
