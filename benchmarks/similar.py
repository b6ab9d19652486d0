"""How many statements of "more like this" are true, over the sample library, whose every scene is known.

Each picture is given once; the statements about its first hits are checked one by one against the scenes:
tags, words and labels by what was drawn, dates by the manifest, colours by another rule (hue and saturation
of the full picture, not OKLab of a thumbnail). Labels are checked once more with all tags and captions taken
away, since what tags say already is not said twice.
"""

from __future__ import annotations

import colorsys
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from benchmarks.desk import LIBRARY, sample_desk
from benchmarks.figure import Figure
from rag.describing.attributes import default_attributes, labels_of, load_attributes
from rag.describing.facts import Aspect, Fact, compared
from rag.describing.profile import Profile
from rag.describing.results import Similar, Wish
from rag.model import LOCAL_OWNER, AssetId, VisualId
from rag.ports import Services
from rag.scenes import Scene, captions
from rag.scenes.sample_library import SampleItem, sample_library
from rag.similar import similar

HITS = 5

Checked = tuple[Aspect, bool]
Has = Callable[[str, Sequence[str]], bool]
"""Whether a value is true of what is known of one picture."""


def figures() -> list[Figure]:
    """A minute and a half on two free cores."""
    with sample_desk() as services:
        made = statements(services)
        labels = labels_alone(services)
    told = Counter(aspect for aspect, _ in made)
    true = Counter(aspect for aspect, right in made if right)
    words = [right for aspect, right in made if aspect is not Aspect.COLOUR]
    return [
        Figure("more like this: statements that are true", sum(words) / len(words), "share", target=0.98),
        Figure("more like this: statements about colour that are true", _share(true, told, Aspect.COLOUR), "share"),
        Figure("more like this: labels that are true, without tags", sum(labels) / len(labels), "share", target=0.95),
        Figure(
            "more like this: labels told for each pair, without tags", len(labels) / len(made_pairs(made)), "number"
        ),
        Figure("more like this: statements for each pair", len(made) / len(made_pairs(made)), "number"),
    ]


def statements(services: Services, *, every: int = 1) -> list[Checked]:
    """Each statement about each pair, and whether it is true."""
    found: list[Checked] = []
    for given in _visuals(services)[::every]:
        result = similar(services, LOCAL_OWNER, Wish(visual=given, top_k=HITS), door="benchmark")
        found += list(_checked(services, result))
    return found


def made_pairs(made: Sequence[Checked]) -> range:
    """One for each pair that was described: each has exactly one statement about its shape."""
    return range(sum(aspect is Aspect.SHAPE for aspect, _ in made))


def labels_alone(services: Services) -> list[bool]:
    """Of what labels say of the same pairs, were there neither tags nor captions: whether it is true."""
    serving = services.serving()
    attributes = load_attributes(default_attributes(serving.encoder))
    ids = _visuals(services)
    points = serving.store.fetch(ids)
    read = labels_of(serving, attributes, np.stack([points[one].image for one in ids]))
    items = _items(services, ids)
    found: list[bool] = []
    for place, one in enumerate(ids):
        for other in range(place + 1, min(place + 1 + HITS, len(ids))):
            facts = compared(Profile(labels=read[place]), Profile(labels=read[other]))
            given, here = items[one].scene, items[ids[other]].scene
            found += [_true(fact, given, here) for fact in facts if fact.aspect is Aspect.LABEL]
    return found


def _share(true: Counter[Aspect], told: Counter[Aspect], aspect: Aspect) -> float:
    return true[aspect] / max(1, told[aspect])


def _visuals(services: Services) -> list[VisualId]:
    assets = services.catalog.assets(LOCAL_OWNER, LIBRARY, limit=1000)
    return [visual.id for visual in services.catalog.visuals_of([asset.ref for asset in assets])]


def _items(services: Services, ids: Sequence[VisualId]) -> dict[VisualId, SampleItem]:
    by_name = {item.file_name: item for item in sample_library()}
    return {one: by_name[asset.name] for one, (_, asset) in services.catalog.visuals(LOCAL_OWNER, ids).items()}


def _checked(services: Services, result: Similar) -> Iterator[Checked]:
    assert result.given is not None
    ids = [result.given.visual.id, *(one.evidence.visual.id for one in result.described)]
    items = _items(services, ids)
    contents = [result.given.visual.asset_id, *(one.evidence.visual.asset_id for one in result.described)]
    for one, content in zip(result.described, contents[1:], strict=True):
        pair = items[ids[0]], items[one.evidence.visual.id]
        for fact in one.facts:
            for said in _each(fact):
                yield said.aspect, _holds(services, said, pair, (contents[0], content))


def _each(fact: Fact) -> Iterator[Fact]:
    """One statement each: a value that both share, that one alone has, or one here instead of another there."""
    for value in fact.shared:
        yield replace(fact, shared=(value,), here=(), given=())
    if fact.aspect in (Aspect.TAGS, Aspect.WORDS):
        for value in fact.here:
            yield replace(fact, shared=(), here=(value,), given=())
        for value in fact.given:
            yield replace(fact, shared=(), here=(), given=(value,))
    elif fact.here or fact.given:
        yield replace(fact, shared=())


def _holds(
    services: Services, fact: Fact, pair: tuple[SampleItem, SampleItem], contents: tuple[AssetId, AssetId]
) -> bool:
    given, here = pair
    match fact.aspect:
        case Aspect.DATE:
            return _sides(fact, [given.captured_at], [here.captured_at], lambda value, side: side[0].startswith(value))
        case Aspect.COLOUR:
            looks = [colours_by_hue(services.blobs.get(content)) for content in contents]
            return _sides(fact, looks[0], looks[1], lambda value, side: value in side)
        case Aspect.SHAPE | Aspect.MEDIUM:
            return fact.shared in (("square",), ("image",))
        case _:
            return _true(fact, given.scene, here.scene)


def _true(fact: Fact, given: Scene, here: Scene) -> bool:
    if fact.aspect is Aspect.WORDS:
        return _sides(fact, captions(given), captions(here), lambda word, side: word.lower() in side[0].lower())
    return _sides(fact, given.tags, here.tags, lambda value, side: value in side)


def _sides(fact: Fact, given: Sequence[str], here: Sequence[str], has: Has) -> bool:
    """Whether each value is true of the side, or sides, that it is said of, and of no other."""
    return (
        all(has(value, given) and has(value, here) for value in fact.shared)
        and all(has(value, here) and not has(value, given) for value in fact.here)
        and all(has(value, given) and not has(value, here) for value in fact.given)
    )


HUES = ((15, "red"), (40, "orange"), (68, "yellow"), (165, "green"), (195, "turquoise"), (255, "blue"), (300, "purple"))


def colours_by_hue(content: bytes) -> list[str]:
    """Colours over at least a quarter of a picture, by hue and saturation: a rule that is not the product's."""
    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image.convert("RGB").resize((80, 80))).reshape(-1, 3) / 255
    counts = Counter(_by_hue(*pixel) for pixel in pixels.tolist())
    return [name for name, count in counts.items() if count >= len(pixels) / 4]


def _by_hue(red: float, green: float, blue: float) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < 0.18:
        return "black"
    if saturation < 0.12:
        return "white" if value > 0.86 else "grey"
    degrees = 360 * hue
    name = next((name for most, name in HUES if degrees < most), "pink" if degrees < 345 else "red")
    if name in ("red", "orange") and value < 0.65:
        return "brown" if degrees >= 10 or saturation < 0.6 else name
    if name in ("orange", "yellow") and saturation < 0.45:
        return "beige" if value > 0.7 else "brown"
    return "pink" if name == "red" and saturation < 0.55 else name
