"""Which assets and visuals an event names, as a whole and in each object and list of it: found in one pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

ASSET_DIGITS = 64
_LENGTHS = (36, ASSET_DIGITS)
_ASSET = re.compile("[0-9a-f]{64}")
_VISUAL = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEYS = {
    **dict.fromkeys(("content", "asset", "asset_id", "image"), _ASSET),
    **dict.fromkeys(("visual", "visual_id"), _VISUAL),
}
_LISTS = frozenset({"assets", "contents", "visuals", "images", "without_findings"})
_NONE: frozenset[str] = frozenset()


class Named:
    """The ids in `body`: SHA-256 of assets, UUIDs of visuals; of an object that says both, the asset's.

    Every event passes through here: exact types and lengths are looked at before patterns.

    Args:
        body: JSON that is not changed meanwhile, and has no object or list in two places.

    Attributes:
        ids: all of them.
    """

    def __init__(self, body: Any) -> None:
        self._within: dict[int, frozenset[str]] = {}
        self._body = body  # kept: objects and lists are told apart by where they are in memory
        self.ids = self._look(body, "")

    def within(self, value: Any) -> frozenset[str]:
        """The ids in an object or list of the body; anything else has none."""
        return self._within.get(id(value), _NONE) if type(value) is dict or type(value) is list else _NONE

    def item(self, value: Any, key: str) -> frozenset[str]:
        """The ids in one item of the list that stands under `key`."""
        return frozenset((named,)) if (named := _listed(value, key)) else self.within(value)

    def directly(self, value: Mapping[str, Any]) -> Collection[str]:
        """What an object of the body itself is about: the ids under the keys for such."""
        assets: list[str] = []
        visuals: list[str] = []
        found: set[str] = set()
        for name in _KEYS.keys() & value.keys():
            one = value[name]
            if _is(one, _KEYS[name]):
                (assets if len(one) == ASSET_DIGITS else visuals).append(one)
            else:
                found |= self.within(one)
        return found.union(assets or visuals)

    def _look(self, value: Any, key: str) -> frozenset[str]:
        found = self._in_object(value) if type(value) is dict else self._in_list(value, key)
        if found:
            self._within[id(value)] = found
        return found

    def _in_object(self, value: dict[str, Any]) -> frozenset[str]:
        found: frozenset[str] = _NONE
        assets: tuple[str, ...] = ()
        visuals: tuple[str, ...] = ()
        for name, one in value.items():
            kind = type(one)
            if kind is str:
                if name in _KEYS and _is(one, _KEYS[name]):
                    if len(one) == ASSET_DIGITS:
                        assets = (*assets, one)
                    else:
                        visuals = (*visuals, one)
            elif kind is dict or kind is list:
                found |= self._look(one, name)
        return found.union(assets or visuals) if assets or visuals else found

    def _in_list(self, value: list[Any], key: str) -> frozenset[str]:
        found = {named for one in value if (named := _listed(one, key))} if key in _LISTS else set()
        for one in value:
            if type(one) is dict or type(one) is list:
                found |= self._look(one, "")
        return frozenset(found)


def _listed(value: Any, key: str) -> str:
    """The id that stands in such a list, or the asset of `library/SHA-256`; else empty."""
    if key not in _LISTS or type(value) is not str:
        return ""
    named: str = value.rpartition("/")[2]
    return named if _is(named, _ASSET) or (named == value and _is(named, _VISUAL)) else ""


def _is(value: Any, pattern: re.Pattern[str]) -> bool:
    return type(value) is str and len(value) in _LENGTHS and pattern.fullmatch(value) is not None
