"""Canonical JSON against the vectors of RFC 8785 (section 3.2.2 ff. and appendix B) and the rule of reading back."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.audit.canonical import canonical, normal, parsed

# RFC 8785, appendix B: IEEE 754 bits and their ECMAScript form
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_written_as_ecmascript_writes_them(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == text


def test_the_rfc_example() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf16_code_units() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 0)))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


def test_strings_are_escaped_no_more_than_json_requires() -> None:
    assert canonical("\0\b\t\n\f\r\x1f\x7f/\u2028é") == '"\\u0000\\b\\t\\n\\f\\r\\u001f\x7f/\u2028é"'


def test_whole_numbers_and_numpy_scalars_are_numbers() -> None:
    assert canonical([1, -7, 2**53, 1.0, np.float32(0.5), np.int64(3), 10**20]) == (
        "[1,-7,9007199254740992,1,0.5,3,100000000000000000000]"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, 10**400, "\ud800", {"\udcff": 1}])
def test_what_json_cannot_say_exactly_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical(value)


@pytest.mark.parametrize("value", [b"bytes", {1: 2}, {1, 2}, object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_reads_back_and_is_written_the_same_again(value: Any) -> None:
    text = canonical(value)
    assert parsed(text) == value
    assert canonical(parsed(text)) == text


def test_a_large_double_that_json_writes_as_an_integer_reads_back_as_itself() -> None:
    assert canonical(4.252568510721458e16) == "42525685107214580"
    assert parsed("42525685107214580") == 4.252568510721458e16


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=500)
@given(anything)
def test_the_short_way_writes_the_same(value: Any) -> None:
    normalised, written = normal(value)
    assert written(normalised) == canonical(value)
    assert normalised == parsed(canonical(value))


@pytest.mark.parametrize("bits", NUMBERS)
def test_the_short_way_writes_every_number_as_the_standard_does(bits: str) -> None:
    number = struct.unpack(">d", bytes.fromhex(bits))[0]
    normalised, written = normal([{"n": number, "says": f'"{number}", 1e-7, [1e-7]'}])
    assert written(normalised) == canonical([{"n": number, "says": f'"{number}", 1e-7, [1e-7]'}])


def test_the_short_way_takes_what_numpy_and_files_give() -> None:
    normalised, written = normal({"a": (np.float32(0.5), np.int64(7)), "name": "\udcff.jpg", "é": 1})
    assert normalised == {"a": [0.5, 7], "name": "\ufffd.jpg", "é": 1}
    assert written(normalised) == '{"a":[0.5,7],"name":"\ufffd.jpg","é":1}'
