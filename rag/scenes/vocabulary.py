"""The words of the drawn world: what can appear, in which colour, where and when.

Everything here is data. Sizes are in units of the larger side of an object's
own box, so `width` and `height` of a kind have a maximum of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["vehicle", "animal", "household", "building", "plant", "clothing", "food", "toy"]
Stand = Literal["ground", "water", "air"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object and the words for it.

    `held_out_synonyms` never occur in a caption, so they test words that no
    training caption used. `top` is where things can stand on it and
    `underside` what is free space below it, both as fractions of its height
    from above; None where nothing can stand there.
    """

    name: str
    plural: str
    family: Family
    width: float
    height: float
    synonyms: tuple[str, ...] = ()
    held_out_synonyms: tuple[str, ...] = ()
    stand: Stand = "ground"
    portable: bool = False
    top: float | None = None
    underside: float | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A place; `phrase` follows a noun ("on a beach"), `noun` stands alone ("a beach")."""

    name: str
    phrase: str
    noun: str
    indoor: bool = False
    water: bool = False


def _by_name(*kinds: Kind) -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds}


def _vehicles() -> dict[str, Kind]:
    return _by_name(
        Kind("car", "cars", "vehicle", 1.0, 0.5, (), ("automobile",), top=0.02),
        Kind("bus", "buses", "vehicle", 1.0, 0.56, ("coach",), ("minibus",)),
        Kind("truck", "trucks", "vehicle", 1.0, 0.56, ("lorry",)),
        Kind("bicycle", "bicycles", "vehicle", 1.0, 0.64, ("bike",)),
        Kind("boat", "boats", "vehicle", 0.9, 1.0, ("sailing boat", "sailboat"), ("yacht",), stand="water"),
        Kind("train", "trains", "vehicle", 1.0, 0.6, ("steam train",), ("locomotive",)),
        Kind("aeroplane", "aeroplanes", "vehicle", 1.0, 0.5, ("plane", "airplane"), ("aircraft", "jet"), stand="air"),
        Kind("rocket", "rockets", "vehicle", 0.5, 1.0, ("space rocket",), ("spaceship",)),
        Kind("tractor", "tractors", "vehicle", 1.0, 0.74),
    )


def _animals() -> dict[str, Kind]:
    return _by_name(
        Kind("dog", "dogs", "animal", 1.0, 0.84, (), ("puppy",), portable=True),
        Kind("cat", "cats", "animal", 0.72, 1.0, (), ("kitten",), portable=True),
        Kind("bird", "birds", "animal", 1.0, 0.78, (), ("sparrow",), portable=True),
        Kind("fish", "fish", "animal", 1.0, 0.62, (), ("trout",), stand="water"),
        Kind("horse", "horses", "animal", 1.0, 0.96, (), ("pony",)),
        Kind("butterfly", "butterflies", "animal", 1.0, 0.84, (), ("moth",), stand="air"),
        Kind("rabbit", "rabbits", "animal", 0.66, 1.0, ("bunny",), ("hare",), portable=True),
        Kind("elephant", "elephants", "animal", 1.0, 0.78),
        Kind("turtle", "turtles", "animal", 1.0, 0.54, (), ("tortoise",), portable=True),
        Kind("snail", "snails", "animal", 1.0, 0.66, portable=True),
    )


def _household() -> dict[str, Kind]:
    return _by_name(
        Kind("chair", "chairs", "household", 0.58, 1.0, (), ("seat",), top=0.54),
        Kind("table", "tables", "household", 1.0, 0.66, (), ("desk",), top=0.02, underside=0.16),
        Kind("sofa", "sofas", "household", 1.0, 0.58, ("couch",), ("settee",), top=0.5),
        Kind("lamp", "lamps", "household", 0.62, 1.0, ("table lamp",), ("lantern",), portable=True),
        Kind("clock", "clocks", "household", 0.82, 1.0, ("alarm clock",), ("timepiece",), portable=True),
        Kind("cup", "cups", "household", 1.0, 0.84, ("mug",), ("teacup",), portable=True),
        Kind("bottle", "bottles", "household", 0.38, 1.0, (), ("flask",), portable=True),
        Kind("book", "books", "household", 0.82, 1.0, (), ("novel",), portable=True),
        Kind("umbrella", "umbrellas", "household", 1.0, 1.0, (), ("parasol",), underside=0.42),
        Kind("guitar", "guitars", "household", 0.46, 1.0, (), ("ukulele",)),
        Kind("suitcase", "suitcases", "household", 0.9, 0.92, (), ("briefcase",), top=0.15),
    )


def _buildings_and_plants() -> dict[str, Kind]:
    return _by_name(
        Kind("house", "houses", "building", 1.0, 0.92, (), ("cottage",)),
        Kind("lighthouse", "lighthouses", "building", 0.5, 1.0),
        Kind("windmill", "windmills", "building", 0.86, 1.0, (), ("mill",)),
        Kind("castle", "castles", "building", 1.0, 0.92, (), ("fortress",)),
        Kind("tent", "tents", "building", 1.0, 0.68),
        Kind("tree", "trees", "plant", 0.84, 1.0, (), ("oak",), underside=0.56),
        Kind("flower", "flowers", "plant", 0.66, 1.0, ("blossom",), ("daisy",), portable=True),
        Kind("cactus", "cacti", "plant", 0.72, 1.0),
        Kind("mushroom", "mushrooms", "plant", 0.96, 1.0, ("toadstool",), ("fungus",), portable=True),
    )


def _clothes_and_food() -> dict[str, Kind]:
    return _by_name(
        Kind("dress", "dresses", "clothing", 0.74, 1.0, ("frock",), ("gown",)),
        Kind("hat", "hats", "clothing", 1.0, 0.6, ("top hat",), ("fedora",), portable=True),
        Kind("shoe", "shoes", "clothing", 1.0, 0.56, (), ("sneaker",), portable=True),
        Kind("shirt", "shirts", "clothing", 1.0, 0.92, ("T-shirt",), ("blouse",)),
        Kind("apple", "apples", "food", 0.9, 1.0, portable=True),
        Kind("cake", "cakes", "food", 1.0, 0.94, ("birthday cake",), portable=True),
        Kind("ice cream", "ice creams", "food", 0.52, 1.0, ("ice-cream cone",), ("gelato",), portable=True),
        Kind("banana", "bananas", "food", 1.0, 0.74, portable=True),
    )


def _toys() -> dict[str, Kind]:
    return _by_name(
        Kind("ball", "balls", "toy", 1.0, 1.0, portable=True),
        Kind("kite", "kites", "toy", 0.74, 1.0, stand="air"),
        Kind("balloon", "balloons", "toy", 0.62, 1.0, stand="air"),
        Kind("drum", "drums", "toy", 1.0, 0.86, (), ("bongo",), portable=True, top=0.3),
        Kind("teddy bear", "teddy bears", "toy", 0.86, 1.0, ("teddy",), portable=True),
        Kind("robot", "robots", "toy", 0.74, 1.0, ("toy robot",), ("android",), portable=True),
        Kind("gift", "gifts", "toy", 0.9, 0.96, ("present", "gift box"), ("parcel",), portable=True, top=0.2),
    )


KINDS: dict[str, Kind] = (
    _vehicles() | _animals() | _household() | _buildings_and_plants() | _clothes_and_food() | _toys()
)

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 46, 50),
    "orange": (246, 136, 30),
    "yellow": (252, 210, 42),
    "green": (48, 164, 82),
    "blue": (40, 104, 214),
    "purple": (134, 64, 180),
    "pink": (248, 132, 184),
    "brown": (132, 80, 44),
    "black": (44, 45, 54),
    "white": (248, 248, 250),
}

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("beach", "on a beach", "a beach", water=True),
        Setting("forest", "in a forest", "a forest"),
        Setting("city street", "on a city street", "a city street"),
        Setting("desert", "in a desert", "a desert"),
        Setting("snowy mountain", "on a snowy mountain", "a snowy mountain"),
        Setting("meadow", "in a meadow", "a meadow"),
        Setting("harbour", "in a harbour", "a harbour", water=True),
        Setting("park", "in a park", "a park"),
        Setting("farm", "on a farm", "a farm"),
        Setting("lake", "by a lake", "a lake", water=True),
        Setting("kitchen", "in a kitchen", "a kitchen", indoor=True),
        Setting("living room", "in a living room", "a living room", indoor=True),
        Setting("bedroom", "in a bedroom", "a bedroom", indoor=True),
        Setting("office", "in an office", "an office", indoor=True),
    )
}

TIMES: dict[str, str] = {
    "morning": "in the morning",
    "noon": "at noon",
    "sunset": "at sunset",
    "night": "at night",
    "day": "during the day",
}
OUTDOOR_TIMES = ("morning", "noon", "sunset", "night")
INDOOR_TIMES = ("day", "night")

OCCUPATIONS: dict[str, str] = {
    "doctor": "a white coat and a stethoscope",
    "nurse": "teal scrubs and a cap with a red cross",
    "chef": "a white jacket and a tall hat",
    "firefighter": "a helmet and a jacket with bright stripes",
    "police officer": "a navy uniform and a peaked cap",
    "farmer": "dungarees and a straw hat, with a pitchfork",
    "teacher": "a cardigan and glasses, with a pointer and a book",
    "builder": "a hard hat and an orange vest, with a hammer",
    "painter": "a beret and a smock, with a palette",
    "astronaut": "a white space suit",
    "waiter": "a black waistcoat and a bow tie, with a tray",
    "scientist": "a lab coat and goggles, with a bubbling beaker",
    "gardener": "a green apron and a sun hat, with a watering can",
    "pilot": "a black jacket with gold stripes and a white cap",
}

GARMENTS = ("dress", "shirt", "coat", "jumper")
SKIN_TONES = ("light", "medium", "tan", "dark")
HAIR = ("short dark", "short fair", "long dark", "long fair", "curly dark", "grey")
PRESENTATIONS = ("feminine", "masculine")

RELATIONS = ("on", "under", "left of", "next to")
CHART_FORMS = ("bar", "line", "pie")
TRENDS = ("rising", "falling", "peaking", "dipping")
CHART_TOPICS = ("SALES", "COSTS", "VISITS", "RAIN", "USERS", "SHARES")
SIGN_WORDS = ("OPEN", "SALE", "STOP", "CAFE", "EXIT", "HOTEL", "TAXI", "BOOKS", "PIZZA", "MUSEUM", "BAKERY", "FERRY")
NUMBERS = ("no", "one", "two", "three", "four", "five")


def _held_out_pairs() -> frozenset[tuple[str, str]]:
    colours = tuple(COLOURS)
    return frozenset((colours[(3 * i + i // 10) % 10], name) for i, name in enumerate(KINDS) if i % 5 != 4)


HELD_OUT_PAIRS: frozenset[tuple[str, str]] = _held_out_pairs()
"""(colour, kind) pairs, about 8 % of all, at most one per kind: kept from training to test composition."""
