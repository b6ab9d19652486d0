"""Which events a person should look at: rules of a file, read against what an event says of itself."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rag.answering.prompt_files import prompts_folder
from rag.errors import BadSettings

SHIPPED = "audit/risk.yaml"

COUNTS = ("evidence", "dropped", "unsupported", "removed", "withheld", "model_seen", "prompt_seen", "encoder_seen")
FACTS = frozenset((*COUNTS, "kind", "relevance", "best_dropped", "abstained", "stopped"))

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "below": operator.lt,
    "at_least": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    fact: str
    comparison: str
    value: Any

    def holds(self, facts: Mapping[str, Any]) -> bool:
        found = facts.get(self.fact)
        return found is not None and COMPARISONS[self.comparison](found, self.value)


@dataclass(frozen=True, slots=True)
class Rule:
    """Attributes:
    share: of the events for which it holds, in (0, 1].
    """

    name: str
    risk: float
    conditions: tuple[Condition, ...]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Attributes:
    hash: SHA-256 of the file: risks that were told by other rules are told anew.
    """

    rules: tuple[Rule, ...]
    hash: str

    def risk(self, facts: Mapping[str, Any], event_hash: str) -> tuple[float, tuple[str, ...]]:
        """How much a person should look, in [0, 1): 1 - prod(1 - risk) over the rules that hold; and their names.

        Args:
            event_hash: decides about shares: hex digits that nobody can choose, the event's own.
        """
        held = [rule for rule in self.rules if all(one.holds(facts) for one in rule.conditions)]
        held = [rule for rule in held if _drawn(rule, event_hash)]
        safe = 1.0
        for rule in held:
            safe *= 1.0 - rule.risk
        return round(1.0 - safe, 6), tuple(rule.name for rule in held)


def load_rules(path: str = "") -> Rules:
    """The rules of a file, or those that ship. Raises BadSettings, naming the rule at fault."""
    file = Path(path) if path else prompts_folder() / SHIPPED
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadSettings(f"the audit rules {file} cannot be read: {error.strerror}") from error
    return _parsed(content, str(file))


@lru_cache(maxsize=4)
def _parsed(content: bytes, file: str) -> Rules:
    try:
        rules = [_rule(said) for said in yaml.safe_load(content)["rules"]]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = str(error).partition("\n")[0]
        raise BadSettings(f"the audit rules {file} are not written as rules: {reason}") from error
    return Rules(tuple(rules), hashlib.sha256(content).hexdigest())


def _rule(said: Mapping[str, Any]) -> Rule:
    name = str(said["name"])
    conditions = tuple(
        Condition(fact, comparison, value)
        for fact, wanted in (said.get("when") or {}).items()
        for comparison, value in wanted.items()
    )
    for one in conditions:
        if one.fact not in FACTS or one.comparison not in COMPARISONS:
            raise ValueError(f"the rule {name!r} asks for {one.fact}: {one.comparison}, which is not known")
    rule = Rule(name, float(said["risk"]), conditions, float(said.get("share", 1.0)))
    if not (0 < rule.risk < 1 and 0 < rule.share <= 1):
        raise ValueError(f"the rule {name!r}: risk must lie between 0 and 1, share above 0 and not above 1")
    return rule


def _drawn(rule: Rule, event_hash: str) -> bool:
    if rule.share >= 1:
        return True
    lot = hashlib.sha256(f"{rule.name} {event_hash}".encode()).digest()
    return int.from_bytes(lot[:8]) / 2**64 < rule.share
