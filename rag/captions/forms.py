"""The five forms: how long each may be, and which facts each leaves a gap for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.model import CaptionForm

GAP = re.compile(r"\[[^\[\]\n?]{1,40}\?\]")
"""A fact that nobody gave, marked in a text: `[who?]`."""


@dataclass(frozen=True, slots=True)
class FormRules:
    """What holds for one form.

    Attributes:
        longest: characters.
        gaps: facts that its drafts name, or leave a marked gap for.
        tells: what it is, for people.
    """

    longest: int
    tells: str
    gaps: tuple[str, ...] = ()


RULES = {
    CaptionForm.NEWS: FormRules(400, "news caption: who, what, where, when", ("who", "where", "when")),
    CaptionForm.ALT: FormRules(125, "alt text for those who do not see the picture"),
    CaptionForm.PRODUCT: FormRules(600, "product description", ("material", "size")),
    CaptionForm.SOCIAL: FormRules(280, "social post"),
    CaptionForm.LONG: FormRules(1500, "long description"),
}


def gap(fact: str) -> str:
    return f"[{fact}?]"


def gaps_in(text: str) -> list[str]:
    """The marked gaps of a text, each once."""
    return list(dict.fromkeys(GAP.findall(text)))
