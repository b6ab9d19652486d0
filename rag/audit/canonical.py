"""Canonical JSON (RFC 8785): one value, one sequence of bytes, so that a hash means the same everywhere.

Object keys are sorted by their UTF-16 code units, strings escaped no more than JSON
requires, numbers written as ECMAScript writes them, and there is no white space.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from numbers import Integral, Real
from typing import Any

_SURROGATES = re.compile("[\ud800-\udfff]")

_EXPONENT = re.compile(r'(?<=[^\\]":)-?\d+(?:\.\d+)?e[+-]\d+')  # inside strings, no quote is without its backslash
_SHORT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_MAKE_ENCODER = getattr(json.encoder, "c_make_encoder", None)
_IN_C = _MAKE_ENCODER and _MAKE_ENCODER(None, None, encode_basestring, None, ":", ",", True, False, False)
"""What `_SHORT` makes anew for each value, which takes as long as a small value does; CPython has it."""

MAX_EXACT = 2**53
"""Up to here a double tells every integer from its neighbours."""


def canonical(value: Any) -> str:
    """The canonical JSON of None, booleans, strings, numbers (NumPy's too), lists, tuples and mappings of these.

    Raises:
        ValueError: NaN, an infinity, an integer that no double holds, or a lone surrogate.
        TypeError: any other type, or a key that is no string.
    """
    if isinstance(value, str):
        return _string(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float | Real):
        return _number(_exact(int(value)) if isinstance(value, Integral) else float(value))
    if isinstance(value, dict | Mapping):
        return _object(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(canonical, value))}]"
    raise TypeError(f"{type(value).__name__} is no JSON")


def normal(value: Any) -> tuple[Any, Callable[[Any], str]]:
    """`value` with exactly the types that JSON reads back, and what writes it: `canonical`, or its short way.

    The short way, which is many times as fast, is for mappings of what every encoder of JSON writes alike, and for
    parts of them; not for a list with numbers that were members.
    U+FFFD stands for lone surrogates, which are in undecodable file names and have no UTF-8.

    Raises:
        ValueError, TypeError: as `canonical`.
    """
    normalising = _Normalising()
    found = normalising(value)
    return found, canonical if normalising.odd else _short


def _short(value: Any) -> str:
    """In C, but for members with an exponent, which ECMAScript writes in its own way."""
    text = "".join(_IN_C(value, 0)) if _IN_C and type(value) is dict else _SHORT.encode(value)
    return _EXPONENT.sub(lambda found: _number(float(found[0])), text) if "e-" in text or "e+" in text else text


class _Normalising:
    """Attributes:
    odd: something that is written or sorted differently, and not found as easily as `_EXPONENT` is.
    """

    def __init__(self) -> None:
        self.odd = False
        self._keys: dict[str, str] = {}

    def __call__(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
        if kind is dict:
            return self._object(value)
        if kind is list:
            return self._list(value)
        if kind is float and 1e-4 <= abs(value) < 1e16 and not value.is_integer():
            return value
        if value is None or kind is bool or (kind is int and abs(value) <= MAX_EXACT):
            return value
        return self._other(value)

    def _object(self, value: dict[Any, Any]) -> dict[str, Any]:
        """What most members are is looked at here: a call for each would take twice as long."""
        keys, found = self._keys, {}
        for key, item in value.items():
            kind = type(item)
            as_it_is = (kind is str and item.isascii()) or (
                kind is float and 1e-4 <= abs(item) < 1e16 and not item.is_integer()
            )
            found[keys.get(key) or self._key(key)] = item if as_it_is else self(item)
        return found

    def _list(self, value: list[Any]) -> list[Any]:
        found = [self(item) for item in value]
        self.odd = self.odd or any(type(item) is float and not 1e-4 <= abs(item) < 1e16 for item in found)
        return found

    def _other(self, value: Any) -> Any:
        match value:
            case str():
                return self(str(value))
            case list() | tuple():
                return self(list(value))
            case Mapping():
                return self(dict(value))
        number = parsed(canonical(value))
        self.odd = self.odd or (isinstance(number, float) and number.is_integer())
        return number

    def _key(self, key: Any) -> str:
        if not isinstance(key, str):
            raise TypeError(f"the key {key!r} is no string")
        self.odd = self.odd or not key.isascii() or key.endswith("\\")
        return self._keys.setdefault(key, str(self(key)))


def parsed(text: str) -> Any:
    """What JSON says, so that `canonical` writes it the same again: integers no double tells apart come as floats.

    Raises:
        ValueError: `text` is no JSON.
    """
    return _READER.decode(text)


def _whole(digits: str) -> int | float:
    if len(digits) < 16:  # below MAX_EXACT
        return int(digits)
    number = float(digits)
    return int(number) if abs(number) <= MAX_EXACT else number


_READER = json.JSONDecoder(parse_int=_whole)


def _object(members: Mapping[Any, Any]) -> str:
    if wrong := [key for key in members if not isinstance(key, str)]:
        raise TypeError(f"the key {wrong[0]!r} is no string")
    ordered = sorted(members, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return f"{{{','.join(f'{_string(key)}:{canonical(members[key])}' for key in ordered)}}}"


def _string(text: str) -> str:
    if not text.isascii():
        text.encode()  # UnicodeEncodeError, a ValueError, on a lone surrogate
    return encode_basestring(text)


def _exact(number: int) -> float:
    try:
        nearest = float(number)
    except OverflowError as error:
        raise ValueError(f"an integer of {number.bit_length()} bits is too large for JSON") from error
    if int(nearest) != number:
        raise ValueError(f"{number} cannot be told from its neighbours in JSON: keep it as a string")
    return nearest


def _number(number: float) -> str:
    """As ECMAScript's Number::toString: the shortest digits that read back, in plain form between 1e-6 and 1e21."""
    if not math.isfinite(number):
        raise ValueError(f"{number} is no JSON number")
    if number == 0:
        return "0"  # minus zero, too
    if 1e-4 <= abs(number) < 1e16:
        return repr(number).removesuffix(".0")  # here Python and ECMAScript agree
    sign = "-" if number < 0 else ""
    _, places, exponent = Decimal(repr(abs(number))).normalize().as_tuple()
    digits = "".join(map(str, places))
    point = len(digits) + int(exponent)  # the value is 0.DIGITS times ten to this power
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"
