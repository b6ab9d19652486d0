"""Prompts as versioned files: front matter, then one text per role.

The shipped ones stand in `prompts/`. A file with the same id in a folder of one's own takes the place of a shipped
one; it must work with what the shipped one is given, and keep what others wrote inside its boundary.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from rag.answering.prompt_checking import faults_of
from rag.answering.prompt_format import ID, Origin, PromptFile, read_front_matter, read_prompt
from rag.errors import BadSettings, NotFound

__all__ = [
    "ListedPrompt",
    "PromptFile",
    "known_prompt",
    "listed_prompts",
    "load_prompt",
    "prompt_ids",
    "prompts_folder",
]

PACKAGED = Path(__file__).parent / "prompts"
CHECKED_OUT = Path(__file__).parents[2] / "prompts"
LABELS = "labels/"
"""Ids of templates for labels: they have front matter too, and no roles; see `rag.classifying.templates`."""


ATTRIBUTES = "attributes/"
"""Not prompts at all: what `rag.describing.attributes` reads off pictures. They stand beside for being texts."""


def prompts_folder() -> Path:
    """`prompts/` of the checkout, or the copy inside an installed package."""
    return PACKAGED if PACKAGED.is_dir() else CHECKED_OUT


def load_prompt(prompt_id: str, folder: Path | None = None, *, own: str = "") -> PromptFile:
    """Read one prompt: the own one where there is one, else the shipped one.

    Args:
        prompt_id: as `answer` or `captions/alt-text`.
        folder: of the shipped ones, where they are not where they ship.
        own: the folder of own ones, as PICTUREDESK_PROMPTS says it; empty: none.

    Raises:
        BadSettings: there is no such file, it is not written as a prompt, or an own one cannot stand for the shipped.
    """
    if not re.match(ID, prompt_id):
        raise BadSettings(f"{prompt_id[:60]!r} is no id of a prompt; they are written as answer or captions/alt-text")
    shipped = read_prompt((folder or prompts_folder()) / f"{prompt_id}.md", prompt_id)
    if not own:
        return shipped
    _check_folder(own)
    path = Path(own) / f"{prompt_id}.md"
    if not path.is_file():
        return shipped
    mine = replace(read_prompt(path, prompt_id), origin="own")
    if added := set(mine.variables) - set(shipped.variables):
        names = ", ".join(sorted(added))
        raise BadSettings(f"the prompt {path} uses {names}, which nothing fills; see `picturedesk prompts show`")
    if faults := faults_of(replace(mine, outside=shipped.outside)):
        raise BadSettings(f"the prompt {path} cannot be used: {faults[0]}")
    return mine


def known_prompt(prompt_id: str, own: str = "") -> PromptFile:
    """As `load_prompt`, for a person who may mistype. Raises NotFound with the ids that there are."""
    known = [one for one in prompt_ids(prompts_folder()) if not one.startswith(LABELS)]
    if prompt_id not in known:
        raise NotFound(f"there is no prompt {prompt_id[:60]!r}; there are: {', '.join(known)}")
    return load_prompt(prompt_id, own=own)


def prompt_ids(folder: Path) -> list[str]:
    """The ids that a folder has files for, in order; templates for labels among them."""
    files = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.md") if path.stem != "README")
    return sorted(file.as_posix() for file in files if not file.as_posix().startswith(ATTRIBUTES))


def _check_folder(own: str) -> None:
    if own and not Path(own).is_dir():
        raise BadSettings(f"PICTUREDESK_PROMPTS={own} is no folder; make it, or leave the setting empty")


@dataclass(frozen=True, slots=True)
class ListedPrompt:
    """One row of the list of prompts: the one that is used, or an own file that cannot be.

    Attributes:
        fault: why it cannot be used, or what else is wrong with it; empty when nothing is.
    """

    id: str
    version: int
    purpose: str
    hash: str
    origin: Origin
    fault: str = ""


def listed_prompts(own: str = "") -> list[ListedPrompt]:
    """Every prompt by id, own ones in place of shipped ones; a broken file is listed with its fault.

    Raises BadSettings where `own` is no folder.
    """
    _check_folder(own)
    shipped = prompt_ids(prompts_folder())
    mine = prompt_ids(Path(own)) if own else []
    return [_listed(one, own if one in mine else "", one in shipped) for one in sorted({*shipped, *mine})]


def _listed(prompt_id: str, own: str, replaces: bool) -> ListedPrompt:
    path, origin = (Path(own) if own else prompts_folder()) / f"{prompt_id}.md", _origin(own)
    try:
        matter, content, _ = read_front_matter(path, prompt_id)
        fault = _why_not(prompt_id, own, replaces)
    except BadSettings as error:
        return ListedPrompt(prompt_id, 0, "", "", origin, str(error))
    digest = hashlib.sha256(content).hexdigest()
    return ListedPrompt(prompt_id, matter.version, matter.purpose, digest, origin, fault)


def _why_not(prompt_id: str, own: str, replaces: bool) -> str:
    if own and prompt_id.startswith(LABELS):
        return "templates for labels are taken from the shipped files only; this file is not used"
    if own and not replaces:
        return "no shipped prompt has this id, so nothing uses this file"
    if not prompt_id.startswith(LABELS):
        load_prompt(prompt_id, own=own)
    return ""


def _origin(own: str) -> Origin:
    return "own" if own else "shipped"
