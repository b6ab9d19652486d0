"""Fixed probes for the figures of an encoder. The same seed gives the same probes.

None of the pictures need be stored: scenes are drawn when needed.
"""

from __future__ import annotations

import random
from dataclasses import replace

from rag.scenes.captioning import article, captions
from rag.scenes.model import Group, Scene
from rag.scenes.sampling import allowed_settings, sample_relation, sample_scene, sample_single
from rag.scenes.vocabulary import COLOURS, HELD_OUT_PAIRS, INDOOR_TIMES, KINDS, OUTDOOR_TIMES, SETTINGS, TIMES


def held_out_pair_scenes(seed: int) -> list[Scene]:
    """One single-object scene for each held-out (colour, kind) pair, in a stable order."""
    rng = random.Random(f"pairs {seed}")
    return [sample_single(rng, require=pair) for pair in sorted(HELD_OUT_PAIRS)]


def held_out_word_queries(seed: int) -> list[tuple[str, Scene]]:
    """A query for each held-out synonym, with a scene that answers it; no caption ever contains the word."""
    rng = random.Random(f"words {seed}")
    found = []
    for kind in KINDS.values():
        for word in kind.held_out_synonyms:
            scene = _single_of(kind.name, rng)
            place = f"{SETTINGS[scene.setting or 'meadow'].phrase} {TIMES[scene.time_of_day or 'noon']}"
            found.append((f"{article(f'{scene.groups[0].colour} {word}')} {place}", scene))
    return found


def binding_cases(n: int, seed: int) -> list[tuple[Scene, str, str]]:
    """`n` scenes of two things in different colours: the right caption, and the same with the colours swapped."""
    rng = random.Random(f"binding {seed}")
    found: list[tuple[Scene, str, str]] = []
    while len(found) < n:
        scene = sample_relation(rng, HELD_OUT_PAIRS, relation=rng.choice(("on", "under", "left of", "next to")))
        first, second = (replace(group, count=1) for group in scene.groups)
        if first.colour == second.colour:
            continue
        scene = replace(scene, groups=(first, second))
        swapped = (replace(first, colour=second.colour), replace(second, colour=first.colour))
        found.append((scene, captions(scene)[0], captions(replace(scene, groups=swapped))[0]))
    return found


def single_object_scenes(n: int, seed: int) -> list[tuple[Scene, str]]:
    """`n` scenes of one object with its kind, the kinds in turn; no held-out pair."""
    rng = random.Random(f"single {seed}")
    names = tuple(KINDS)
    return [(_single_of(name, rng), name) for name in (names[i % len(names)] for i in range(n))]


def retrieval_scenes(n: int, seed: int) -> list[Scene]:
    """`n` scenes of the ordinary mix with pairwise different keys; no held-out pair."""
    rng = random.Random(f"retrieval {seed}")
    found: dict[str, Scene] = {}
    while len(found) < n:
        scene = sample_scene(rng, exclude_pairs=HELD_OUT_PAIRS)
        found.setdefault(scene.key, scene)
    return list(found.values())


def _single_of(kind: str, rng: random.Random) -> Scene:
    """One object of this kind in an allowed colour and place."""
    from_all = [colour for colour in COLOURS if (colour, kind) not in HELD_OUT_PAIRS]
    groups = (Group(kind, rng.choice(from_all)),)
    setting = rng.choice(allowed_settings(groups))
    times = INDOOR_TIMES if SETTINGS[setting].indoor else OUTDOOR_TIMES
    return Scene(groups, setting=setting, time_of_day=rng.choice(times), seed=rng.randrange(1 << 31))
