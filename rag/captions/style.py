"""House style, from a file: front matter with what a program checks, and free text for whoever writes.

---
banned: [stunning, "must-have"]
spelling: {color: colour}
max_length: {alt: 100}
---
Name the season before the place. No exclamation marks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from rag.errors import BadSource
from rag.model import CaptionForm

LONGEST = 64 * 1024
"""Characters of a style file."""

LONGEST_ADVICE = 4_000
"""Characters of its free text that go into a prompt."""

Term = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Length = Annotated[int, Field(ge=10, le=5_000)]


class HouseStyle(BaseModel):
    """How a house writes.

    Attributes:
        banned: words and phrases that no text may have, whatever their case.
        spelling: how a word is not spelled -> how it is.
        max_length: by form, characters; below what the form itself allows.
        advice: for whoever writes.
        hash: SHA-256 of the file; it goes into the ledger.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    banned: tuple[Term, ...] = Field((), max_length=500)
    spelling: dict[Term, Term] = Field(default_factory=dict, max_length=500)
    max_length: dict[CaptionForm, Length] = Field(default_factory=dict)
    advice: str = ""
    hash: str = ""


PLAIN = HouseStyle()
"""No house style."""


def read_style(text: str) -> HouseStyle:
    """A style file.

    Raises:
        BadSource: it is not written as one; the message says where.
    """
    if len(text) > LONGEST:
        raise BadSource(f"the style file has {len(text):,} characters; at most {LONGEST:,} are read")
    try:
        head, advice = _parted(text)
        own = {"advice": advice.strip()[:LONGEST_ADVICE], "hash": hashlib.sha256(text.encode()).hexdigest()}
        return HouseStyle.model_validate({**head, **own})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadSource(f"the style file is not written as one: {place}: {first['msg']}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadSource(f"the style file is not written as one: {' '.join(str(error).split())}") from error


def _parted(text: str) -> tuple[Mapping[str, object], str]:
    if not text.startswith("---\n"):
        return {}, text
    _, matter, advice = text.split("---\n", 2)
    head = yaml.safe_load(matter) or {}
    if not isinstance(head, dict) or {"advice", "hash"} & head.keys():
        raise ValueError("front matter has banned, spelling and max_length, and nothing else")
    return head, advice
