"""JSON keeps every digit, and what could be read in two ways is not read."""

import contextlib
import json
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.http.json_body import (
    MAXIMUM_DEPTH,
    BodyError,
    decode_json,
    encode_json,
)

NUMBERS = st.integers(-(10**40), 10**40) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=10,
)


def depth_of(value: object) -> int:
    """Return how many lists and objects stand within one another."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(value=VALUES)
def test_what_is_written_is_read_again_digit_by_digit(value: object) -> None:
    """Numbers with a fraction as Decimal, whole ones as they are."""
    assume(depth_of(value) <= MAXIMUM_DEPTH)
    assert decode_json(encode_json(cast(Json, value))) == value


@given(body=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """With the one error and nothing else."""
    with contextlib.suppress(BodyError):
        decode_json(body)


@pytest.mark.parametrize(
    "value", [Decimal("0.1"), Decimal("1E+2"), Decimal("0.1234567890123456789"), Decimal("-7.50")]
)
def test_a_number_is_written_without_an_exponent_and_without_losing_a_digit(value: Decimal) -> None:
    """Also beside numbers that a float can show."""
    text = encode_json({"a": value, "b": [Decimal("0.5"), "é", True, None]}).decode()
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal)["a"] == value
    assert "E" not in text
    assert "é" in text


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 1}', b"[NaN]", b"[Infinity]", b"[-Infinity]"])
def test_names_that_stand_twice_and_numbers_that_are_none_are_refused(body: bytes) -> None:
    """Wherever they stand."""
    with pytest.raises(BodyError):
        decode_json(body)
    with pytest.raises(BodyError):
        decode_json(b'{"b": [' + body + b"]}")


def test_depth_is_bounded() -> None:
    """Sixteen levels are read, more are not, however many there are."""
    assert decode_json(b"[" * 16 + b"]" * 16)
    for depth in (17, 100_000):
        with pytest.raises(BodyError):
            decode_json(b"[" * depth + b"]" * depth)
