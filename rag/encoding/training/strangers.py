"""Questions that no drawn scene answers, so that the encoder learns to find nothing for them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

THINGS = (
    "router", "password", "invoice", "mortgage", "passport", "visa", "tax return", "pension", "insurance policy",
    "database", "spreadsheet", "printer", "laptop", "email account", "operating system", "web server",
    "compiler",
    "neural network", "inflation rate", "stock market", "interest rate", "budget", "contract", "lawsuit",
    "constitution",
    "parliament", "election", "trade agreement", "treaty", "court ruling", "vaccine", "headache", "blood pressure",
    "diabetes", "antibiotic", "surgery", "diet", "gene", "protein", "molecule", "black hole", "quantum computer",
    "equation", "integral", "theorem", "algorithm", "poem", "novel", "symphony", "opera", "football league",
    "chess opening", "marathon", "recipe", "oven temperature", "sourdough", "subscription", "refund", "delivery date",
    "job interview", "salary", "resignation letter", "meeting agenda", "deadline", "train timetable", "exchange rate",
    "credit card", "bank account", "firewall", "backup", "licence agreement", "warranty", "grammar rule",
    "verb tense",
    "philosophy", "religion", "war", "revolution", "empire", "dinosaur", "volcano", "earthquake", "climate",
    "economy",
    "carburettor", "gearbox", "plumbing", "electricity bill", "rent", "divorce", "homework", "exam",
    "university degree",
)  # fmt: skip

ABOUT_THINGS = (
    "How do I reset my {}?", "What is a {}?", "Explain the {} to me", "When was the {} invented?",
    "Why is my {} so slow?",
    "Who is responsible for the {}?", "How much does the {} cost?", "Write an essay about the {}", "cancel my {}",
    "the history of the {}", "Where can I download the {}?", "Is the {} still valid?", "{} tutorial for beginners",
    "What are the side effects of the {}?", "Summarise the {} in three sentences", "How does the {} work?",
    "Translate the {} into French", "the future of the {}", "best {} of the year",
    "How many {}s are there in the world?",
)  # fmt: skip

PEOPLE = (
    "prime minister", "president", "king", "chief executive", "mayor", "finance minister", "inventor of the telephone",
    "author of this book", "world champion", "first astronomer", "ambassador", "landlord", "accountant", "lawyer",
)  # fmt: skip
PLACES = (
    "France",
    "Japan",
    "Brazil",
    "Kenya",
    "Canada",
    "India",
    "Norway",
    "Egypt",
    "Texas",
    "Berlin",
    "Rome",
    "Sydney",
)
ABOUT_PEOPLE = (
    "Who is the {} of {}?", "What did the {} of {} say?", "the salary of the {} in {}", "When does the {} visit {}?",
    "How old is the {} of {}?",
)  # fmt: skip
ABOUT_PLACES = (
    "What is the capital of {}?", "How many people live in {}?", "the weather in {} tomorrow", "flights to {}",
    "What time is it in {}?", "the history of {}", "the currency of {}", "How far is it from {} to {}?",
)  # fmt: skip


KEPT = 400
"""Of all, how many are kept from training, to fit the priors on."""


def strangers_to_train_on() -> list[str]:
    """About 2,500 distinct questions and phrases."""
    return _shuffled()[KEPT:]


def strangers_kept() -> list[str]:
    """`KEPT` others of the same kind."""
    return _shuffled()[:KEPT]


def _shuffled() -> list[str]:
    found = sorted(set(_all()))
    random.Random("strangers 7").shuffle(found)
    return found


def _all() -> Iterator[str]:
    for template, thing in itertools.product(ABOUT_THINGS, THINGS):
        yield template.format(thing)
    for template, person, place in itertools.product(ABOUT_PEOPLE, PEOPLE, PLACES):
        yield template.format(person, place)
    for template, place, other in itertools.product(ABOUT_PLACES, PLACES, PLACES):
        if place != other:
            yield template.format(place, other)
