"""Checks that need nothing but the text, its form and the house style."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.captions.forms import GAP, RULES
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.model import CaptionForm

MEDIUM = re.compile(
    r"\b(?:(?:image|picture|photo|photograph|graphic|illustration|screenshot|icon)s?\s+(?:of|showing|that shows)"
    r"|(?:bild|foto|abbildung)\s+(?:von|eines|einer)|(?:image|photo)\s+(?:de|d['’])|(?:imagen|foto)\s+de)\b",
    re.IGNORECASE,
)
"""Screen readers say that it is an image before they read the text (WCAG, technique G94; W3C's alt decision tree)."""

MARKUP = re.compile(r"<[^<>\n]{1,200}>|\b(?:https?|ftp|data|javascript):\S+|\bwww\.\S+|!?\[[^\]\n]*\]\([^)\n]*\)", re.I)


def length(text: str, ground: Ground) -> Iterator[Finding]:
    longest = min(RULES[ground.form].longest, ground.style.max_length.get(ground.form, 10_000))
    if len(text) > longest:
        told = f"{len(text)} characters; {ground.form.value} takes at most {longest}"
        yield Finding("too-long", Severity.ERROR, told, text[longest:], longest, len(text))


def markup(text: str, ground: Ground) -> Iterator[Finding]:
    for match in MARKUP.finditer(text):
        yield _at(match, "markup", Severity.ERROR, "links and markup have no place in a caption: take it out")


def gaps(text: str, ground: Ground) -> Iterator[Finding]:
    for match in GAP.finditer(text):
        yield _at(match, "gap", Severity.NOTE, "a fact that nobody gave: fill it in, or take it out, before approving")


def banned(text: str, ground: Ground) -> Iterator[Finding]:
    for phrase in ground.style.banned:
        for match in re.finditer(_whole(phrase), text, re.IGNORECASE):
            yield _at(match, "banned-phrase", Severity.ERROR, "the house style bans it")


def spelling(text: str, ground: Ground) -> Iterator[Finding]:
    for wrong, right in ground.style.spelling.items():
        for match in re.finditer(_whole(wrong), text, re.IGNORECASE):
            if match[0] != right:
                yield _at(match, "spelling", Severity.WARNING, f"the house spells it {right}")


def mentions_the_medium(text: str, ground: Ground) -> Iterator[Finding]:
    if ground.form is CaptionForm.ALT:
        for match in MEDIUM.finditer(text):
            told = "screen readers say that it is an image already: begin with what it is there for"
            yield _at(match, "image-of", Severity.WARNING, told)


def _whole(phrase: str) -> str:
    return rf"(?<!\w){re.escape(phrase)}(?!\w)"


def _at(match: re.Match[str], code: str, severity: Severity, message: str) -> Finding:
    return Finding(code, severity, message, match[0], match.start(), match.end())
