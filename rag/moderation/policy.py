"""A moderation policy as its file says it: YAML, checked to the last field.

Which categories there are, how each is recognised, from which probability on what is done,
and how soon people should look.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rag.answering.prompt_files import prompts_folder
from rag.errors import BadSettings
from rag.model import BY_HAND, MISMATCH, UNCHECKED, Action, Severity
from rag.moderation.words import folded_terms

FOLDER = "policies"
SUFFIXES = (".yaml", ".yml")
LARGEST = 1024 * 1024
"""Bytes of a policy; more is another file."""

Phrase = Annotated[str, Field(min_length=1, max_length=200)]
Probability = Annotated[float, Field(ge=0, le=1)]
Side = Literal["image", "text", "pair"]
Meanwhile = Literal["allow", "blur", "block"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Category(Strict):
    """One thing that a policy looks for.

    Attributes:
        prompts: what it looks like, in words that the encoder's templates take: `bottle of wine`.
        against: what is easily taken for it and is harmless.
        text_prompts: what texts about it mean; empty: `prompts`, where a text may hit by itself.
        words: in captions, tags, file names and the file's own text; one of them is enough.
        sides: what may hit by itself; `pair` is the mean of picture and text.
        thresholds: action -> least probability; the strictest one reached counts.
        action: the strictest of `thresholds`.
        meanwhile: how it is shown while people have not decided; None: blurred if it is urgent.
    """

    name: Name
    means: Annotated[str, Field(min_length=1, max_length=300)]
    prompts: Annotated[tuple[Phrase, ...], Field(max_length=100)] = ()
    against: Annotated[tuple[Phrase, ...], Field(max_length=100)] = ()
    text_prompts: Annotated[tuple[Phrase, ...], Field(max_length=100)] = ()
    words: Annotated[tuple[Phrase, ...], Field(max_length=1000)] = ()
    sides: Annotated[tuple[Side, ...], Field(min_length=1)] = ("image", "text")
    action: Action
    thresholds: Mapping[Action, Probability]
    severity: Severity = Severity.NORMAL
    meanwhile: Meanwhile | None = None

    @model_validator(mode="after")
    def makes_sense(self) -> Category:
        if self.name in (BY_HAND, UNCHECKED, MISMATCH):
            raise ValueError(f"the name {self.name} is taken: choose another one")
        if empty := next((word for word in self.words if not folded_terms(word)), None):
            raise ValueError(f"the word {empty!r} says nothing that can be looked for")
        if not self.prompts and set(self.sides) != {"text"}:
            raise ValueError(f"sides {', '.join(self.sides)} need prompts; without, sides is [text]")
        if set(self.sides) != {"image"} and not self.words and not self.said_as:
            raise ValueError(f"sides {', '.join(self.sides)} need words or text_prompts: no text would ever be found")
        _check_thresholds(self.action, self.thresholds)
        return self

    @property
    def said_as(self) -> tuple[str, ...]:
        """What the meaning of a text is compared with."""
        return self.text_prompts or (self.prompts if "text" in self.sides else ())

    @property
    def shown_meanwhile(self) -> Action:
        if self.meanwhile is not None:
            return Action(self.meanwhile)
        return Action.BLUR if self.severity is Severity.URGENT else Action.ALLOW


class Mismatch(Strict):
    """Captions that do not fit their picture: flagged when the probability that one fits is below `below`.

    Attributes:
        languages: of captions that the encoder understands; those of no known language are looked at too.
    """

    below: Annotated[float, Field(gt=0, lt=1)]
    languages: tuple[str, ...] = ("en",)
    severity: Severity = Severity.LOW
    meanwhile: Meanwhile = "allow"


class PolicyFile(Strict):
    id: Name
    version: Annotated[int, Field(ge=1)]
    purpose: Annotated[str, Field(max_length=1000)] = ""
    template: Annotated[str, Field(max_length=60)] = ""
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=200)]
    mismatch: Mismatch | None = None

    @model_validator(mode="after")
    def names_are_different(self) -> PolicyFile:
        names = [category.name for category in self.categories]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"there are two categories of the name {twice}")
        return self


class Policy:
    """A policy that was read.

    Attributes:
        id: name and version, as `sample-library@1`: people's decisions stand within one version.
        hash: SHA-256 of the file, for the ledger.
        file: what it says.
    """

    def __init__(self, file: PolicyFile, content: bytes) -> None:
        self.file = file
        self.id = f"{file.id}@{file.version}"
        self.hash = hashlib.sha256(content).hexdigest()

    @property
    def categories(self) -> tuple[Category, ...]:
        return self.file.categories


def policy_names(folder: Path | None = None) -> list[str]:
    """The policies that are shipped."""
    return sorted(path.stem for path in (folder or prompts_folder() / FOLDER).glob("*.yaml"))


def load_policy(wanted: str, folder: Path | None = None) -> Policy:
    """The policy that PICTUREDESK_POLICY names: one that is shipped, or a file.

    Raises:
        BadSettings: there is none, or it is not written as a policy; the message says where.
    """
    path = _path(wanted, folder)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadSettings(f"the policy {path} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise BadSettings(f"the policy {path} has {len(content):,} bytes; at most {LARGEST:,} are read")
    return Policy(_parsed(path, content), content)


def _path(wanted: str, folder: Path | None) -> Path:
    if wanted.endswith(SUFFIXES) or "/" in wanted:
        return Path(wanted).expanduser()
    known = policy_names(folder)
    if wanted not in known:
        raise BadSettings(
            f"PICTUREDESK_POLICY={wanted[:60]} is no policy that is shipped ({', '.join(known)}) and no .yaml file"
        )
    return (folder or prompts_folder() / FOLDER) / f"{wanted}.yaml"


def _parsed(path: Path, content: bytes) -> PolicyFile:
    try:
        said = yaml.load(content.decode(), _OnceLoader)
    except UnicodeDecodeError as error:
        raise BadSettings(f"the policy {path} is not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise BadSettings(f"the policy {path} is no YAML: {_place(error)}") from error
    if not isinstance(said, dict):
        raise BadSettings(f"the policy {path} says nothing: it needs id, version and categories")
    try:
        return PolicyFile.model_validate(said)
    except ValidationError as error:
        raise BadSettings(f"the policy {path}: {_first(error, said)}") from error


class _OnceLoader(yaml.SafeLoader):
    """YAML's safe loader lets the last of two equal keys win; here a threshold would silently vanish."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(problem)


def _first(error: ValidationError, said: Mapping[str, Any]) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    place = [str(part) for part in first["loc"] if part != "[key]"]
    if len(place) > 1 and place[0] == "categories" and place[1].isdigit():
        place[:2] = [f"category {_name_of(said, int(place[1]))}"]
    return f"{', '.join(place)}: {message}" if place else message


def _name_of(said: Mapping[str, Any], at: int) -> str:
    category = said["categories"][at]
    name = category.get("name") if isinstance(category, dict) else None
    return str(name)[:40] if name else f"number {at + 1}"


def _check_thresholds(action: Action, thresholds: Mapping[Action, float]) -> None:
    given = [one for one in Action if one in thresholds]
    if not given:
        raise ValueError("thresholds names none; it needs one for its action")
    if given[-1] is not action:
        raise ValueError(f"its action is {action}, but the strictest of its thresholds is for {given[-1]}")
    for milder, stricter in itertools.pairwise(given):
        if thresholds[milder] >= thresholds[stricter]:
            raise ValueError(
                f"the threshold for {milder} ({thresholds[milder]:g}) must be below that for {stricter} "
                f"({thresholds[stricter]:g})"
            )
