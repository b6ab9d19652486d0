"""Random scenes in a fixed mix, with colour-kind pairs shut out or required."""

from __future__ import annotations

import random
from collections.abc import Callable

from rag.scenes.model import Chart, Group, Person, Scene, Sign
from rag.scenes.vocabulary import (
    CHART_FORMS,
    CHART_TOPICS,
    COLOURS,
    GARMENTS,
    HAIR,
    INDOOR_TIMES,
    KINDS,
    OCCUPATIONS,
    OUTDOOR_TIMES,
    PRESENTATIONS,
    SETTINGS,
    SIGN_WORDS,
    SKIN_TONES,
    TRENDS,
    Kind,
)

Pairs = frozenset[tuple[str, str]]
Pair = tuple[str, str]
OUTDOOR_ONLY = ("vehicle", "building")
OUTDOOR_ANIMALS = ("horse", "elephant", "tree", "cactus")


def sample_scene(rng: random.Random, *, exclude_pairs: Pairs = frozenset(), require_pair: Pair | None = None) -> Scene:
    """One random scene; `require_pair` restricts the mix to scenes of objects, whose first group shows that pair."""
    roll = rng.random() * (0.82 if require_pair else 1.0)
    if roll < 0.45:
        return sample_single(rng, exclude_pairs, require_pair)
    if roll < 0.57:
        return sample_count(rng, exclude_pairs, require_pair)
    if roll < 0.77:
        return sample_relation(rng, exclude_pairs, require_pair)
    if roll < 0.82:
        return sample_trio(rng, exclude_pairs, require_pair)
    if roll < 0.92:
        return sample_person(rng, exclude_pairs)
    return sample_chart(rng) if roll < 0.97 else sample_sign(rng)


def sample_single(rng: random.Random, exclude: Pairs = frozenset(), require: Pair | None = None) -> Scene:
    """One object in a setting."""
    return _placed(rng, (_group(rng, exclude, require),))


def sample_count(rng: random.Random, exclude: Pairs = frozenset(), require: Pair | None = None) -> Scene:
    """Two to five objects of one kind and colour in a setting."""
    group = _group(rng, exclude, require)
    return _placed(rng, (Group(group.kind, group.colour, rng.choice((2, 2, 3, 3, 4, 5))),))


def sample_relation(
    rng: random.Random, exclude: Pairs = frozenset(), require: Pair | None = None, relation: str | None = None
) -> Scene:
    """Two groups of different kind and, mostly, colour in a spatial relation."""
    relation = relation or rng.choice(("on", "under", "left of", "left of", "next to"))
    first_fits: Callable[[Kind], bool] = _on_the_ground
    second_fits: Callable[[Kind], bool] = _on_the_ground
    if relation in ("on", "under"):
        first_fits = _portable
        second_fits = _holds_things if relation == "on" else _shelters_things
    if require and not first_fits(KINDS[require[1]]):
        relation, first_fits = "next to", lambda kind: True
        stand = KINDS[require[1]].stand
        second_fits = lambda kind: kind.stand == stand  # noqa: E731
    first = _group(rng, exclude, require, fits=first_fits)
    second = _group(rng, exclude, None, fits=second_fits, not_kinds=(first.kind,))
    for _ in range(3):
        if second.colour == first.colour:
            second = _group(rng, exclude, None, fits=second_fits, not_kinds=(first.kind,))
    if relation in ("under", "left of") and rng.random() < 0.15:
        first = Group(first.kind, first.colour, 2)
    return _placed(rng, (first, second), relation)


def sample_trio(rng: random.Random, exclude: Pairs = frozenset(), require: Pair | None = None) -> Scene:
    """Three single objects of different kinds side by side; too few kinds float, so one of those comes as a count."""
    if require and KINDS[require[1]].stand == "water":
        return sample_count(rng, exclude, require)
    first = _group(rng, exclude, require, fits=lambda kind: kind.stand != "water")
    stand = KINDS[first.kind].stand
    groups = [first]
    while len(groups) < 3:
        taken = tuple(group.kind for group in groups)
        group = _group(rng, exclude, None, fits=lambda kind: kind.stand == stand, not_kinds=taken)
        if group.colour not in [other.colour for other in groups] or rng.random() < 0.1:
            groups.append(group)
    return _placed(rng, tuple(groups))


def sample_person(rng: random.Random, exclude: Pairs = frozenset()) -> Scene:
    """A person; skin, hair and presentation are drawn independently of clothes, work and place."""
    skin, hair, presentation = rng.choice(SKIN_TONES), rng.choice(HAIR), rng.choice(PRESENTATIONS)
    setting = rng.choice(tuple(SETTINGS))
    if rng.random() < 0.6:
        person = Person(rng.choice(tuple(OCCUPATIONS)), None, None, skin, hair, presentation)
    else:
        choices = [(c, g) for c in COLOURS for g in GARMENTS if (c, g) not in exclude]
        colour, garment = rng.choice(choices)
        person = Person(None, garment, colour, skin, hair, presentation)
    return Scene(person=person, setting=setting, time_of_day=_time(rng, setting), seed=_seed(rng))


def sample_chart(rng: random.Random) -> Scene:
    """A bar, line or pie chart with values that truly follow its trend."""
    form, colour = rng.choice(CHART_FORMS), rng.choice(tuple(COLOURS))
    topic = rng.choice(CHART_TOPICS)
    if form == "pie":
        largest = rng.randint(46, 60)
        second = rng.randint(18, 30)
        return Scene(chart=Chart(form, colour, topic, None, (largest, second, 100 - largest - second)), seed=_seed(rng))
    trend = rng.choice(TRENDS)
    return Scene(chart=Chart(form, colour, topic, trend, _trend_values(rng, trend)), seed=_seed(rng))


def sample_sign(rng: random.Random) -> Scene:
    """A sign with one word, outdoors."""
    setting = rng.choice([name for name, place in SETTINGS.items() if not place.indoor])
    sign = Sign(rng.choice(SIGN_WORDS), rng.choice(tuple(COLOURS)))
    return Scene(sign=sign, setting=setting, time_of_day=_time(rng, setting), seed=_seed(rng))


def allowed_settings(groups: tuple[Group, ...]) -> tuple[str, ...]:
    """Where these objects can be shown together: boats on water, houses outdoors."""
    kinds = [KINDS[group.kind] for group in groups]
    outdoor = any(kind.family in OUTDOOR_ONLY or kind.name in OUTDOOR_ANIMALS or kind.stand == "air" for kind in kinds)
    afloat = any(kind.stand == "water" for kind in kinds)
    return tuple(
        name for name, place in SETTINGS.items() if not (outdoor and place.indoor) and not (afloat and not place.water)
    )


def _placed(rng: random.Random, groups: tuple[Group, ...], relation: str | None = None) -> Scene:
    setting = rng.choice(allowed_settings(groups))
    return Scene(groups, relation, setting=setting, time_of_day=_time(rng, setting), seed=_seed(rng))


def _group(
    rng: random.Random,
    exclude: Pairs,
    require: Pair | None,
    *,
    fits: Callable[[Kind], bool] = lambda kind: True,
    not_kinds: tuple[str, ...] = (),
) -> Group:
    if require:
        return Group(kind=require[1], colour=require[0])
    kind = rng.choice([kind.name for kind in KINDS.values() if fits(kind) and kind.name not in not_kinds])
    return Group(kind, rng.choice([colour for colour in COLOURS if (colour, kind) not in exclude]))


def _time(rng: random.Random, setting: str) -> str:
    return rng.choice(INDOOR_TIMES if SETTINGS[setting].indoor else OUTDOOR_TIMES)


def _seed(rng: random.Random) -> int:
    return rng.randrange(1 << 31)


def _on_the_ground(kind: Kind) -> bool:
    return kind.stand == "ground"


def _portable(kind: Kind) -> bool:
    return kind.portable


def _holds_things(kind: Kind) -> bool:
    return kind.top is not None


def _shelters_things(kind: Kind) -> bool:
    return kind.underside is not None


def _trend_values(rng: random.Random, trend: str) -> tuple[int, ...]:
    rise = [15 + 15 * i + rng.randint(-5, 5) for i in range(6)]
    peak = [25 + 18 * min(i, 5 - i) * 2 - rng.randint(0, 8) for i in range(6)]
    shapes = {"rising": rise, "falling": rise[::-1], "peaking": peak, "dipping": [115 - value for value in peak]}
    return tuple(max(8, min(100, value)) for value in shapes[trend])
