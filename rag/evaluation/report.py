"""A run as plain values that go into JSON and come back: figures, curves and examples, by section."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from rag.errors import BadSource
from rag.retrieval.calibration_error import Bin

KIND = "picturedesk-evaluation"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        name: unique within its section: `fused recall@5`.
        low, high: ends of its 95 % bootstrap interval over questions.
        n: questions (or hits) that it is the mean of.
        target: what the project promises of it; None where nothing is promised.
        main: shown as a bar, and in the short table.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    better: Literal["higher", "lower"] = "higher"
    target: float | None = None
    main: bool = False
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether its target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


@dataclass(frozen=True, slots=True)
class Risk:
    """A point of a coverage-risk curve: answering only at `threshold` or above.

    Attributes:
        coverage: share of all questions that are answered.
        risk: share of the answered ones whose first hit does not answer them.
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Example:
    """A question that went wrong.

    Attributes:
        wanted, got: what should have come first, and what did: their captions or names.
        rank: of the first right one among the hits; None when it is not among them.
        wanted_picture, got_picture: small JPEGs in base64; empty where there is none.
    """

    question: str
    wanted: str
    got: str
    rank: int | None
    relevance: float = 0.0
    wanted_picture: str = ""
    got_picture: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A library, or a suite.

    Attributes:
        told: what is measured, in one or two sentences.
        bins: the reliability diagram; empty where none was measured.
        risks: the coverage-risk curve.
    """

    name: str
    title: str
    told: str
    questions: int
    visuals: int
    figures: tuple[Figure, ...]
    bins: tuple[Bin, ...] = ()
    risks: tuple[Risk, ...] = ()
    examples: tuple[Example, ...] = ()

    def figure(self, name: str) -> Figure:
        """Raises KeyError when there is none of that name."""
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Report:
    """One run.

    Attributes:
        made: when, ISO 8601.
        seconds: how long it took.
    """

    encoder: str
    made: str
    sections: tuple[Section, ...]
    seconds: float = 0.0
    product: str = ""
    options: dict[str, str] = field(default_factory=dict)

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Every figure under a name that is unique in the run: `paraphrase: fused recall@5`."""
        for section in self.sections:
            for figure in section.figures:
                yield f"{section.name}: {figure.name}", figure

    def as_json(self) -> dict[str, Any]:
        return {"kind": KIND, "version": VERSION, **asdict(self)}

    def without_pictures(self) -> Report:
        """The same without the small pictures: for a terminal, and for a file that is only compared."""
        bare = [
            replace(s, examples=tuple(replace(e, wanted_picture="", got_picture="") for e in s.examples))
            for s in self.sections
        ]
        return replace(self, sections=tuple(bare))


def write_report(report: Report, path: Path) -> None:
    """As JSON. Raises BadSource when the file cannot be written."""
    text = json.dumps(report.without_pictures().as_json(), ensure_ascii=False, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise BadSource(f"{path} cannot be written: {error.strerror}") from error


def read_report(path: Path) -> Report:
    """What `write_report` wrote.

    Raises:
        BadSource: there is no such file, or it is no report of this version.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSource(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadSource(f"{path} is no evaluation report: it is not JSON") from error
    if not isinstance(read, dict) or read.get("kind") != KIND or read.get("version") != VERSION:
        raise BadSource(f"{path} is no evaluation report of version {VERSION}; picturedesk eval --out FILE writes one")
    try:
        return _report(read)
    except (KeyError, TypeError) as error:
        raise BadSource(f"{path} is damaged: {error} is missing or not as expected") from error


def _report(read: dict[str, Any]) -> Report:
    sections = tuple(_section(one) for one in read["sections"])
    known = {name: read[name] for name in ("encoder", "made", "seconds", "product", "options")}
    return Report(sections=sections, **known)


def _section(read: dict[str, Any]) -> Section:
    lists: dict[str, Any] = {
        "figures": tuple(Figure(**one) for one in read["figures"]),
        "bins": tuple(Bin(**one) for one in read["bins"]),
        "risks": tuple(Risk(**one) for one in read["risks"]),
        "examples": tuple(Example(**one) for one in read["examples"]),
    }
    return Section(**(read | lists))
