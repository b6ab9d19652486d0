"""What a drawn picture shows, exactly: the ground truth as frozen values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rag.scenes.vocabulary import KINDS


@dataclass(frozen=True, slots=True)
class Group:
    """One to five objects of one kind and colour."""

    kind: str
    colour: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Person:
    """A person at work (`occupation`) or in plain clothes (`garment` in `colour`).

    Skin, hair and presentation are recorded for fairness evaluation. They are
    drawn, but appear in no caption and not in the scene's key.
    """

    occupation: str | None
    garment: str | None
    colour: str | None
    skin: str
    hair: str
    presentation: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its data; `trend` is None for a pie, whose largest slice has `colour`."""

    form: str
    colour: str
    topic: str
    trend: str | None
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A board in `colour` that carries one word."""

    word: str
    colour: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture. Exactly one of `groups`, `person`, `chart`, `sign` has content.

    `relation` reads from the first group to the second. `seed` drives what no
    caption mentions: positions, sizes, clouds.
    """

    groups: tuple[Group, ...] = ()
    relation: str | None = None
    person: Person | None = None
    chart: Chart | None = None
    sign: Sign | None = None
    setting: str | None = None
    time_of_day: str | None = None
    seed: int = 0

    @property
    def key(self) -> str:
        """The semantic content without seed or personal attributes; equal keys mean equal canonical captions."""
        place = f"{self.setting or 'plain'}/{self.time_of_day or 'any'}"
        return f"{self._content_key()} @ {place}"

    def _content_key(self) -> str:
        if self.person:
            wears = f"{self.person.colour} {self.person.garment}" if self.person.garment else self.person.occupation
            return f"person: {wears}"
        if self.chart:
            return f"chart: {self.chart.colour} {self.chart.form} {self.chart.trend} {self.chart.topic}"
        if self.sign:
            return f"sign: {self.sign.colour} {self.sign.word}"
        groups = self.groups if self.relation in ("on", "under", "left of") else sorted(self.groups, key=str)
        return f" {self.relation or '+'} ".join(f"{g.count} {g.colour} {g.kind}" for g in groups)

    @property
    def tags(self) -> tuple[str, ...]:
        """Words an editor would file the picture under, without repeats."""
        words: list[str] = []
        for group in self.groups:
            words += [group.kind, group.colour]
        words += self._special_tags()
        words += [word for word in (self.setting, self.time_of_day) if word]
        words += [KINDS[group.kind].family for group in self.groups]
        return tuple(dict.fromkeys(words))

    def _special_tags(self) -> list[str]:
        if self.person:
            named = (self.person.occupation, self.person.garment, self.person.colour)
            return ["person", *(word for word in named if word)]
        if self.chart:
            return [word for word in ("chart", f"{self.chart.form} chart", self.chart.colour, self.chart.trend) if word]
        return ["sign", self.sign.word.lower(), self.sign.colour] if self.sign else []

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (colour, kind) pairs the picture shows, a person's garment included."""
        shown = {(group.colour, group.kind) for group in self.groups}
        if self.person and self.person.garment and self.person.colour:
            shown.add((self.person.colour, self.person.garment))
        return frozenset(shown)

    def as_dict(self) -> dict[str, Any]:
        """Everything above as JSON-ready values."""
        return asdict(self)
