"""What lint says of a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An `error` must be mended, a `warning` looked at; a `note` is for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a text.

    Attributes:
        code: stable: `too-long`, `banned-phrase`, `unsourced-name`, …
        message: for people: what is wrong, and what to do.
        words: those that it is about; empty where it is about the whole text.
        start, end: where they stand in the text.
    """

    code: str
    severity: Severity
    message: str
    words: str = ""
    start: int = 0
    end: int = 0


def passes(findings: tuple[Finding, ...]) -> bool:
    """Neither errors nor warnings."""
    return all(finding.severity is Severity.NOTE for finding in findings)
