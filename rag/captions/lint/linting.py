"""Every check over one text."""

from __future__ import annotations

from rag.captions.lint.claims import unsupported_claims
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.lint.likeness import near_examples
from rag.captions.lint.names import unsourced_names, unsourced_numbers
from rag.captions.lint.readability import too_hard
from rag.captions.lint.wording import banned, gaps, length, markup, mentions_the_medium, spelling

CHECKS = (
    length,
    markup,
    gaps,
    banned,
    spelling,
    mentions_the_medium,
    unsourced_names,
    unsourced_numbers,
    unsupported_claims,
    near_examples,
    too_hard,
)


def lint(text: str, ground: Ground) -> tuple[Finding, ...]:
    """What is wrong with a text about a picture, in the order of the text. Changes nothing."""
    if not text.strip():
        return () if ground.decorative else (Finding("empty", Severity.ERROR, "it is empty: write something"),)
    if ground.decorative:
        told = "a decorative picture has an empty alt text, so that nobody must listen to it"
        return (Finding("not-empty", Severity.ERROR, told, text, 0, len(text)),)
    found = [finding for check in CHECKS for finding in check(text, ground)]
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.code)))
