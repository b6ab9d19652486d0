"""Natural English for a scene, in several phrasings, truthful in each.

Held-out synonyms are never used, and neither are a person's skin, hair or
presentation.
"""

from __future__ import annotations

import random

from rag.scenes.model import Chart, Group, Scene
from rag.scenes.vocabulary import KINDS, NUMBERS, OCCUPATIONS, SETTINGS, TIMES

_TREND_PHRASES = {
    "rising": ("rising from left to right", "going up over time", "with an upward trend"),
    "falling": ("falling from left to right", "going down over time", "with a downward trend"),
    "peaking": ("peaking in the middle", "highest in the middle", "that rises and then falls"),
    "dipping": ("dipping in the middle", "lowest in the middle", "that falls and then rises"),
}


def captions(scene: Scene) -> tuple[str, ...]:
    """Distinct phrasings of one scene, at least four; the first is complete and reads as a person would write it.

    Deterministic in the scene. Others may use synonyms, be shorter, or leave out the setting or time.
    """
    rng = random.Random(f"{scene.key}#{scene.seed}")
    found = _chart_captions(scene.chart) if scene.chart else _placed_captions(scene, rng)
    return tuple(dict.fromkeys(_sentence(text) for text in found))


def article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return f"an {noun}" if noun[0] in "aeiou" and not noun.startswith(("uku", "uni")) else f"a {noun}"


def group_phrase(group: Group, noun: str | None = None) -> str:
    """ "a red car", "three red balls"; `noun` replaces the kind's name."""
    kind = KINDS[group.kind]
    if group.count == 1:
        return article(f"{group.colour} {noun or kind.name}")
    return f"{NUMBERS[group.count]} {group.colour} {_plural(noun) if noun else kind.plural}"


def content_phrase(scene: Scene) -> str:
    """What is shown, without where and when."""
    if scene.person:
        return _person_phrases(scene)[0]
    if scene.sign:
        return f"{article(scene.sign.colour)} sign that says {scene.sign.word}"
    phrases = [group_phrase(group) for group in scene.groups]
    if scene.relation:
        words = {"left of": "to the left of"}.get(scene.relation, scene.relation)
        return f"{phrases[0]} {words} {phrases[1]}"
    return _listed(phrases)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _listed(phrases: list[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "sh", "ch", "x")) else f"{noun}s"


def _placed_captions(scene: Scene, rng: random.Random) -> list[str]:
    place, noun = SETTINGS[scene.setting or "meadow"].phrase, SETTINGS[scene.setting or "meadow"].noun
    time = TIMES[scene.time_of_day or "noon"]
    main = content_phrase(scene)
    others = _other_phrases(scene, rng)
    one, two, three, four = (others[i % len(others)] for i in range(4))
    medium = rng.choice(("picture", "drawing", "illustration", "image"))
    return [
        f"{main} {place} {time}",
        f"{time}, {one} {place}",
        f"{article(medium)} of {two} {place}",
        f"{noun} {time} with {three}",
        rng.choice((main, two)),
        f"{four}, {noun.split(' ', 1)[1]}, {time.rsplit(' ', 1)[1]}",
        f"{rng.choice(('we see', 'this shows', 'here is'))} {three} {place} {time}",
        f"{_scene_word(noun)} {time}, in which {one} can be seen",
    ]


def _scene_word(noun: str) -> str:
    return f"{noun} scene"


def _other_phrases(scene: Scene, rng: random.Random) -> list[str]:
    if scene.person:
        return _person_phrases(scene)
    if scene.sign:
        word, board = scene.sign.word, f"{scene.sign.colour} sign"
        texts = [f"the word {word} on {article(board)}", f"{article(board)} with the word {word}"]
        return [*texts, f"{article(board)} reading {word}", f'a sign in {scene.sign.colour} saying "{word}"']
    if scene.relation:
        return _relation_phrases(scene, rng)
    if len(scene.groups) > 1:
        return [_listed(rng.sample([_varied(g, rng) for g in scene.groups], len(scene.groups))) for _ in range(4)]
    group = scene.groups[0]
    return [_varied(group, rng), _varied(group, rng), _attributive(group), _varied(group, rng)]


def _varied(group: Group, rng: random.Random) -> str:
    kind = KINDS[group.kind]
    noun = rng.choice((None, *kind.synonyms))
    if group.count > 1 and rng.random() < 0.25:
        return f"a group of {group_phrase(group, noun)}"
    return group_phrase(group, noun)


def _attributive(group: Group) -> str:
    kind = KINDS[group.kind]
    if group.count == 1:
        return f"{article(kind.name)} coloured {group.colour}"
    return f"{NUMBERS[group.count]} {kind.plural} coloured {group.colour}"


def _relation_phrases(scene: Scene, rng: random.Random) -> list[str]:
    a, b = (group_phrase(group, rng.choice((None, *KINDS[group.kind].synonyms))) for group in scene.groups)
    them = "it" if scene.groups[1].count == 1 else "them"
    return {
        "on": [f"{a} on top of {b}", f"{b} with {a} on {them}", f"{a} resting on {b}", f"{b} below {a}"],
        "under": [f"{a} beneath {b}", f"{b} with {a} under {them}", f"{a} below {b}", f"{b} above {a}"],
        "left of": [f"{b} to the right of {a}", f"{a} on the left and {b} on the right", f"{a} left of {b}"],
        "next to": [f"{b} next to {a}", f"{a} beside {b}", f"{b} beside {a}", f"{a} and {b} side by side"],
    }[scene.relation or "next to"]


def _person_phrases(scene: Scene) -> list[str]:
    person = scene.person
    if person and person.occupation:
        job = article(person.occupation)
        outfit = OCCUPATIONS[person.occupation]
        return [job, f"{job} in {outfit}", f"a person working as {job}", f"{job} standing"]
    garment = article(f"{person.colour} {person.garment}") if person else ""
    return [
        f"a person wearing {garment}",
        f"a person in {garment}",
        f"somebody dressed in {garment}",
        f"a person with {garment} on",
    ]


def _chart_captions(chart: Chart) -> list[str]:
    topic = chart.topic.lower()
    if chart.form == "pie":
        return [
            f"a pie chart of {topic} whose largest slice is {chart.colour}",
            f"a pie chart that is mostly {chart.colour}",
            f"a round chart with three slices, the biggest one {chart.colour}",
            f"{topic} as a pie chart, mainly {chart.colour}",
            f"pie chart, {chart.colour}, {topic}",
            f"a pie chart titled {chart.topic}, with {chart.colour} as the largest share",
        ]
    first, second, third = _TREND_PHRASES[chart.trend or "rising"]
    name = f"{chart.colour} {chart.form} chart"
    return [
        f"{article(name)} of {topic}, {first}",
        f"{article(name)} {third}",
        f"{topic} {second}, drawn as {article(name)}",
        f"a {chart.form} chart in {chart.colour}, {second}",
        f"{name}, {chart.trend}",
        f"{article(name)} titled {chart.topic}, {chart.trend}",
    ]
