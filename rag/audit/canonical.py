"""Canonical JSON (RFC 8785): one value, one sequence of bytes, so that a hash means the same everywhere.

Object keys are sorted by their UTF-16 code units, strings escaped no more than JSON
requires, numbers written as ECMAScript writes them, and there is no white space.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from numbers import Integral, Real
from typing import Any

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


def parsed(text: str) -> Any:
    """What JSON says, so that `canonical` writes it the same again: integers no double tells apart come as floats.

    Raises:
        ValueError: `text` is no JSON.
    """
    return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> int | float:
    number = float(digits)
    return int(number) if abs(number) <= MAX_EXACT else number


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
