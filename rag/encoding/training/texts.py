"""What training reads about a scene: paraphrases, short prompts, and a caption that is nearly right.

Each text says what a picture must show for it to be true, so that a batch never
counts a true text as a negative.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.encoding.training.questions import as_question
from rag.scenes import COLOURS, HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS, TIMES, Chart, Group, Scene, captions
from rag.scenes.vocabulary import CHART_FORMS, NUMBERS, SIGN_WORDS, TRENDS

MAX_NEEDS = 4
TEMPLATES = ("{}", "a {}", "a {}", "a picture of a {}", "a picture of a {}", "an image of a {}", "a drawing of a {}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what makes it true: facts that a scene must have, and its content if it words all of it."""

    words: str
    needs: tuple[str, ...]
    content: str | None = None


def facts(scene: Scene) -> frozenset[str]:
    """Everything about a scene that a short prompt can ask for."""
    found = {f"at {scene.setting}", f"time {scene.time_of_day}"}
    for group in scene.groups:
        found |= {group.kind, f"{group.colour} {group.kind}", f"{group.count} {group.kind}"}
    if scene.person:
        found |= {"person", f"person {scene.person.occupation}", f"{scene.person.colour} {scene.person.garment}"}
        found |= {str(scene.person.garment)}
    if scene.chart:
        chart = scene.chart
        found |= {"chart", f"{chart.form} chart", f"topic {chart.topic}", f"trend {chart.trend}"}
        found |= {f"{chart.colour} {chart.form} chart"}
    if scene.sign:
        found |= {"sign", f"{scene.sign.colour} sign", f"word {scene.sign.word}"}
    return frozenset(found)


def content(scene: Scene) -> str:
    """The scene's key without place and time."""
    return scene.key.split(" @ ")[0]


def paraphrases(scene: Scene, rng: random.Random, n: int) -> list[Text]:
    """The canonical caption and `n` - 1 others."""
    first, *others = captions(scene)
    return [_worded(scene, words) for words in (first, *rng.sample(others, n - 1))]


def nearly_right(scene: Scene, rng: random.Random) -> Text:
    """A caption of the scene with one thing changed; never of a held-out pair.

    Two things mostly swap their colours or places, which a bag of words cannot tell apart.
    """
    for _ in range(20):
        other = _changed(scene, rng)
        if content(other) != content(scene) and not other.pairs & HELD_OUT_PAIRS:
            return _worded(other, rng.choice(captions(other)[:5]))
    return Text("an empty page", (), "nothing")


def prompts(scene: Scene, rng: random.Random, n: int) -> list[Text]:
    """`n` short texts that are true of the scene: a word, a phrase, a classifier's prompt."""
    candidates = list(_subjects(scene, rng)) * 2 + list(_places(scene, rng))
    return rng.sample(candidates * n, n)


def questions(scene: Scene, rng: random.Random, n: int) -> list[Text]:
    """`n` of its paraphrases and prompts as people would ask for them."""
    stated = paraphrases(scene, rng, 2) + prompts(scene, rng, 3)
    return [replace(text, words=as_question(text.words, rng)) for text in rng.choices(stated, k=n)]


def _worded(scene: Scene, words: str) -> Text:
    """The place, the time and a chart's topic count only where the words name them."""
    lower = words.lower()
    named = {f"at {scene.setting}": scene.setting, f"time {scene.time_of_day}": scene.time_of_day}
    needs = [fact for fact, word in named.items() if word and re.search(rf"\b{word}\b", lower)]
    return Text(words, tuple(needs), content(scene))


def _subjects(scene: Scene, rng: random.Random) -> Iterator[Text]:
    for group in scene.groups:
        noun = rng.choice((group.kind, group.kind, *KINDS[group.kind].synonyms))
        yield Text(_phrase(noun, rng), (group.kind,))
        yield Text(_phrase(f"{group.colour} {noun}", rng), (f"{group.colour} {group.kind}",))
        if group.count > 1:
            plural = KINDS[group.kind].plural
            yield Text(rng.choice((plural, f"a picture of {plural}")), (group.kind,))
            yield Text(f"{NUMBERS[group.count]} {plural}", (f"{group.count} {group.kind}",))
    if scene.person:
        yield from _person_prompts(scene, rng)
    if scene.chart:
        form = f"{scene.chart.form} chart"
        yield Text(_phrase(rng.choice(("chart", form)), rng), ("chart",))
        yield Text(_phrase(form, rng), (form,))
    if scene.sign:
        yield Text(_phrase("sign", rng), ("sign",))
        worded = rng.choice(("the word {}", "a sign saying {}", "{}"))
        yield Text(worded.format(scene.sign.word), (f"word {scene.sign.word}",))


def _person_prompts(scene: Scene, rng: random.Random) -> Iterator[Text]:
    assert scene.person
    yield Text(_phrase("person", rng), ("person",))
    if scene.person.occupation:
        yield Text(_phrase(scene.person.occupation, rng), (f"person {scene.person.occupation}",))
    else:
        worn = f"{scene.person.colour} {scene.person.garment}"
        yield Text(rng.choice(("a person in a {}", "someone wearing a {}", "a {}")).format(worn), (worn,))
        yield Text(f"a person in a {scene.person.garment}", ("person", str(scene.person.garment)))


def _places(scene: Scene, rng: random.Random) -> Iterator[Text]:
    if scene.setting and scene.time_of_day:
        setting, time = SETTINGS[scene.setting], TIMES[scene.time_of_day]
        yield Text(_phrase(setting.name, rng), (f"at {setting.name}",))
        yield Text(f"{setting.noun} {time}", (f"at {setting.name}", f"time {scene.time_of_day}"))
        yield Text(rng.choice((scene.time_of_day, time)), (f"time {scene.time_of_day}",))


def _phrase(noun: str, rng: random.Random) -> str:
    text = rng.choice(TEMPLATES).format(noun)
    return re.sub(r"\ba (?=[aeiou])", "an ", text)


def _changed(scene: Scene, rng: random.Random) -> Scene:
    if scene.person:
        return _other_person(scene, rng)
    if scene.chart:
        return replace(scene, chart=_other_chart(scene.chart, rng))
    if scene.sign:
        if rng.random() < 0.5:
            return replace(scene, sign=replace(scene.sign, word=rng.choice(SIGN_WORDS)))
        return replace(scene, sign=replace(scene.sign, colour=rng.choice(list(COLOURS))))
    if len(scene.groups) > 1 and rng.random() < 0.85:
        return _rearranged(scene, rng)
    at = rng.randrange(len(scene.groups))
    groups = list(scene.groups)
    groups[at] = _other_group(groups[at], rng)
    return replace(scene, groups=tuple(groups))


def _rearranged(scene: Scene, rng: random.Random) -> Scene:
    first, second, *rest = rng.sample(scene.groups, len(scene.groups)) if not scene.relation else scene.groups
    if scene.relation in ("left of", "on", "under") and rng.random() < 0.25:
        return replace(scene, groups=(second, first, *rest))
    swapped = (replace(first, colour=second.colour), replace(second, colour=first.colour), *rest)
    return replace(scene, groups=swapped)


def _other_group(group: Group, rng: random.Random) -> Group:
    roll = rng.random()
    if group.count > 1 and roll < 0.5:
        return replace(group, count=rng.choice((2, 3, 4, 5)))
    if roll < 0.7:
        return replace(group, colour=rng.choice(list(COLOURS)))
    family = [kind.name for kind in KINDS.values() if kind.family == KINDS[group.kind].family]
    return replace(group, kind=rng.choice(family))


def _other_person(scene: Scene, rng: random.Random) -> Scene:
    assert scene.person
    if scene.person.occupation:
        return replace(scene, person=replace(scene.person, occupation=rng.choice(list(OCCUPATIONS))))
    if rng.random() < 0.5:
        return replace(scene, person=replace(scene.person, colour=rng.choice(list(COLOURS))))
    return replace(scene, person=replace(scene.person, garment=rng.choice(("dress", "shirt", "coat", "jumper"))))


def _other_chart(chart: Chart, rng: random.Random) -> Chart:
    roll = rng.random()
    if chart.trend and roll < 0.4:
        return replace(chart, trend=rng.choice(TRENDS))
    if roll < 0.7:
        return replace(chart, colour=rng.choice(list(COLOURS)))
    forms = [form for form in CHART_FORMS if (form == "pie") == (chart.form == "pie")]
    return replace(chart, form=rng.choice(forms))
