"""How a prompt is written: front matter, then one text per role, as Jinja templates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import jinja2
import jinja2.meta
import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rag.errors import BadSettings
from rag.model import Json

ROLE = re.compile(r"^# (system|user|assistant)$", re.MULTILINE)
ID = r"^[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*$"
Origin = Literal["shipped", "own"]
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]


class ModelHints(BaseModel):
    """What suits a prompt, for whoever sets the LLM up. They are recorded by the prompt's hash, and not sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1)
    sees_images: bool | None = None
    json_output: bool | None = None


class FrontMatter(BaseModel):
    """The head of a prompt file; other keys are refused.

    Attributes:
        outside: variables that may stand outside the boundary, beside `boundary`, `question` and `language`:
            what the operator or the asker says, never what came out of a library.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[str, Field(pattern=ID)]
    version: Annotated[int, Field(ge=1, strict=True)]
    purpose: Annotated[str, Field(min_length=1, max_length=300)]
    variables: tuple[Name, ...]
    outside: tuple[Name, ...] = ()
    model_hints: ModelHints = ModelHints()

    @field_validator("variables")
    @classmethod
    def once_each(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("a variable is named twice")
        return names


@dataclass(frozen=True)
class PromptFile:
    """One prompt as its file says it.

    Attributes:
        hash: SHA-256 of the whole file; with `id` it goes into the ledger.
        texts: role -> template.
        outside: variables that may stand outside the boundary, beside those that always may.
        source: the whole file.
    """

    id: str
    version: int
    purpose: str
    variables: tuple[str, ...]
    model_hints: Json
    hash: str
    texts: Mapping[str, str]
    outside: tuple[str, ...] = ()
    source: str = ""
    origin: Origin = "shipped"
    path: Path = field(default_factory=Path)

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return _environment()

    def render(self, role: str, **variables: str) -> str:
        """The text of one role. Variables are inserted as they are and never read as templates."""
        return self._environment.from_string(self.texts[role]).render(**variables).strip()


def read_prompt(path: Path, prompt_id: str) -> PromptFile:
    """One file. Raises BadSettings where it is not there, or not written as the prompt of this id."""
    matter, content, body = read_front_matter(path, prompt_id)
    try:
        texts = _texts(body)
        used = {name for text in texts.values() for name in _variables(text)}
        if used != set(matter.variables):
            undeclared, unused = used - set(matter.variables), set(matter.variables) - used
            said = f"{_names(undeclared)} not declared" if undeclared else f"{_names(unused)} declared and not used"
            raise ValueError(f"variables: {said}")
    except (ValueError, jinja2.TemplateError) as error:
        raise BadSettings(f"the prompt {path} is not written as a prompt: {error}") from error
    return PromptFile(
        id=matter.id,
        version=matter.version,
        purpose=matter.purpose,
        variables=matter.variables,
        model_hints=matter.model_hints.model_dump(exclude_none=True),
        hash=hashlib.sha256(content).hexdigest(),
        texts=texts,
        outside=matter.outside,
        source=content.decode(),
        path=path,
    )


def read_front_matter(path: Path, prompt_id: str) -> tuple[FrontMatter, bytes, str]:
    """The head of a file, all its bytes, and its body; raises as `read_prompt`."""
    try:
        content = path.read_bytes()
        _, head, body = content.decode().replace("\r\n", "\n").split("---\n", 2)
        matter = FrontMatter.model_validate(yaml.safe_load(head))
    except OSError as error:
        raise BadSettings(f"the prompt {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise BadSettings(f"the prompt {path} is not written as a prompt: {_first(error)}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise BadSettings(f"the prompt {path} is not written as a prompt: {' '.join(str(error).split())}") from error
    if matter.id != prompt_id:
        raise BadSettings(f"the prompt {path} says that its id is {matter.id!r}; its name says {prompt_id!r}")
    return matter, content, body


def _texts(body: str) -> dict[str, str]:
    before, *parts = ROLE.split(body)
    if before.strip() or not parts:
        raise ValueError("its text does not begin with `# system` or `# user`")
    if len(set(parts[::2])) < len(parts[::2]):
        raise ValueError("a role stands there twice")
    if not {"system", "user"} <= set(parts[::2]):
        raise ValueError("it needs `# system` and `# user`")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _variables(text: str) -> set[str]:
    return jinja2.meta.find_undeclared_variables(_environment().parse(text))


def _environment() -> jinja2.Environment:
    return ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
