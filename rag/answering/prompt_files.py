"""Prompts as versioned files: front matter (id, version, purpose, variables) and one text per role."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jinja2
import yaml

from rag.errors import BadSettings
from rag.model import Json

PACKAGED = Path(__file__).parent / "prompts"
CHECKED_OUT = Path(__file__).parents[2] / "prompts"
ROLE = re.compile(r"^# (system|user|assistant)$", re.MULTILINE)


@dataclass(frozen=True)
class PromptFile:
    """One prompt as its file says it.

    Attributes:
        hash: SHA-256 of the whole file; with `id` it goes into the ledger.
        texts: role -> template.
    """

    id: str
    version: int
    purpose: str
    variables: tuple[str, ...]
    model_hints: Json
    hash: str
    texts: Mapping[str, str]

    @cached_property
    def _environment(self) -> jinja2.Environment:
        return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=False)

    def render(self, role: str, **variables: str) -> str:
        """The text of one role. Variables are inserted as they are and never read as templates."""
        return self._environment.from_string(self.texts[role]).render(**variables).strip()


def prompts_folder() -> Path:
    """`prompts/` of the checkout, or the copy inside an installed package."""
    return PACKAGED if PACKAGED.is_dir() else CHECKED_OUT


def load_prompt(prompt_id: str, folder: Path | None = None) -> PromptFile:
    """Read one prompt.

    Raises:
        BadSettings: there is no such file, or it is not written as a prompt.
    """
    path = (folder or prompts_folder()) / f"{prompt_id}.md"
    try:
        content = path.read_bytes()
        _, matter, body = content.decode().split("---\n", 2)
        head = yaml.safe_load(matter)
        roles = ROLE.split(body)[1:]
        return PromptFile(
            id=head["id"],
            version=head["version"],
            purpose=head["purpose"],
            variables=tuple(head["variables"]),
            model_hints=head.get("model_hints", {}),
            hash=hashlib.sha256(content).hexdigest(),
            texts=dict(zip(roles[::2], roles[1::2], strict=True)),
        )
    except OSError as error:
        raise BadSettings(f"the prompt {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise BadSettings(f"the prompt {path} is not written as a prompt: {error}") from error
