"""Which scenes a wording is true of, from what the scenes are known to show."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.scenes import Scene


def answered_by(text: str, about: Scene, scenes: Sequence[Scene]) -> frozenset[int]:
    """Places of the scenes that `text` is true of; it words `about`, fully or without place, time or topic.

    Place and time count only where the text names them. Things that a scene shows
    besides do not make a text false, unless it says how things stand to each other.
    """
    return frozenset(
        i for i, scene in enumerate(scenes) if _place_fits(text, about, scene) and _shows(text, about, scene)
    )


def content(scene: Scene) -> str:
    """The scene's key without place and time."""
    return scene.key.split(" @ ")[0]


def _place_fits(text: str, about: Scene, scene: Scene) -> bool:
    return all(
        mine == theirs
        for mine, theirs in ((about.setting, scene.setting), (about.time_of_day, scene.time_of_day))
        if mine and _names(text, mine)
    )


def _shows(text: str, about: Scene, scene: Scene) -> bool:
    if about.chart and scene.chart:
        told = _names(text, about.chart.topic)
        one, other = about.chart, scene.chart
        return (one.form, one.colour, one.trend) == (other.form, other.colour, other.trend) and (
            not told or one.topic == other.topic
        )
    if about.groups and not about.relation:
        return set(about.groups) <= set(scene.groups)
    return content(about) == content(scene)


def _names(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) is not None
