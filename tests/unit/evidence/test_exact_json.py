"""JSON keeps every digit, and what could be read in two ways is not read."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal
from types import MappingProxyType
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.adapters.exact_json import (
    MAXIMUM_DEPTH,
    MAXIMUM_DIGITS,
    MAXIMUM_EXPONENT,
    MAXIMUM_NUMBER_CHARACTERS,
    JsonDocumentDecoder,
    content_of,
    decode_json,
    digest_of_object,
    encode_json,
    json_text,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json, ObjectKey, SourceObject

NUMBERS = (
    st.integers(-(10**40), 10**40)
    | st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False, places=12)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda one: Decimal(repr(one)))
)
# Lone surrogates among them: JSON can say them, though no store keeps them.
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


def refusal(text: bytes, **options: int) -> str:
    """Return what is said of a text that is refused."""
    with pytest.raises(RefusedError) as refused:
        decode_json(text, **options)
    assert refused.value.refusal.hint
    return refused.value.refusal.message


@given(value=VALUES)
def test_what_is_written_is_read_again_digit_by_digit(value: object) -> None:
    """Numbers of any size that a double has, and texts with halves of characters too."""
    assert decode_json(encode_json(cast(Json, value))) == value


@given(content=st.dictionaries(TEXTS, VALUES, max_size=3))
def test_what_a_store_keeps_is_read_again_and_the_order_of_names_does_not_matter(
    content: dict[str, Json],
) -> None:
    """The same content is the same text, and so the same digest."""
    turned = dict(reversed(content.items()))
    assert json_text(turned) == json_text(content)
    assert content_of(json_text(content)) == content
    assert digest(turned) == digest(content)


def digest(content: dict[str, Json]) -> bytes:
    """Return the digest of an object with this content."""
    key = ObjectKey(collection=Collection.RESULTS, id="r-1")
    return digest_of_object(SourceObject(key=key, content=content))


def test_equal_numbers_have_one_digest_however_they_are_written() -> None:
    """A half is a half, with one zero or three, and beside what no float can show."""
    fine = Decimal("0.1234567890123456789012")
    for one in ("0.5", "0.50", "0.500", "5e-1"):
        assert digest({"score": Decimal(one)}) == digest({"score": Decimal("0.5")})
        assert digest({"a": Decimal(one), "b": fine}) == digest({"a": Decimal("0.5"), "b": fine})
    assert digest({"score": Decimal("7.0")}) == digest({"score": 7})


@given(text=st.binary(max_size=60) | st.text('[]{},:"\\0189.eE-+nultrfas ', max_size=40))
def test_any_bytes_are_read_or_refused(text: bytes | str) -> None:
    """With the one error and nothing else; the decoder of documents says why."""
    data = text if isinstance(text, bytes) else text.encode()
    content, fault = JsonDocumentDecoder().decode(data)
    assert (content is None) == bool(fault)


@pytest.mark.parametrize(
    "value", ["0.1", "1E+2", "0.1234567890123456789", "-7.50", "2E-7", "1E-20", "0E-9"]
)
def test_a_number_is_written_without_an_exponent_and_without_losing_a_digit(value: str) -> None:
    """Also beside numbers that a float can show."""
    number = Decimal(value)
    text = encode_json({"a": number, "b": [Decimal("0.5"), "é", True, None]}).decode()
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal)["a"] == number
    assert "e" not in text.lower().replace("true", "")
    assert "é" in text


def test_other_mappings_than_dicts_are_written_too() -> None:
    """What the domain has made read-only, beside a number that no float shows."""
    content = MappingProxyType({"a": MappingProxyType({"b": Decimal("0.1234567890123456789")})})
    assert encode_json(content) == b'{"a":{"b":0.1234567890123456789}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"a": 1, "a": 1}', "The name 'a' stands twice"),
        (b"NaN", "NaN is no number"),
        (b"Infinity", "Infinity is no number"),
        (b"-Infinity", "-Infinity is no number"),
        (b"9" * (MAXIMUM_NUMBER_CHARACTERS + 1), "more than 40 digits"),
        (b"0." + b"3" * (MAXIMUM_DIGITS + 1), "more than 40 digits"),
        (b"0." + b"0" * MAXIMUM_NUMBER_CHARACTERS, "more than 40 digits"),
        (f"1e{MAXIMUM_EXPONENT + 1}".encode(), "to the power"),
        (f"1e-{MAXIMUM_EXPONENT + 1}".encode(), "to the power"),
        (b"1e999999999999999999999", "to the power"),
        (b"", "line 1, column 1"),
        (b'{"a": 1,}', "This is no JSON"),
        ("{}".encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF32_BE + "{}".encode("utf-32-be"), "UTF-32"),
        ('"ü"'.encode("latin-1"), "Byte 2 is no UTF-8"),
    ],
)
def test_what_could_be_read_in_two_ways_or_costs_too_much_is_refused(
    text: bytes, said: str
) -> None:
    """Wherever it stands, and the message says what it is."""
    assert said in refusal(text)
    if said.endswith(("number", "twice", "power", "digits")):
        refusal(b'{"b": [' + text + b"]}")


def test_numbers_at_the_bounds_are_read() -> None:
    """And the largest and the smallest double are well within them."""
    assert decode_json(b"9" * MAXIMUM_NUMBER_CHARACTERS) == int("9" * MAXIMUM_NUMBER_CHARACTERS)
    digits = "7" * MAXIMUM_DIGITS
    fine = [f"0.{digits}", f"{digits}e-300", f"{digits}e20"]
    for text in ("1.7976931348623157e308", "5e-324", "1.50e90", "-1e63", *fine):
        assert decode_json(encode_json(decode_json(text.encode()))) == Decimal(text)


@pytest.mark.parametrize("depth", [16, MAXIMUM_DEPTH])
def test_depth_is_bounded_as_the_caller_says(depth: int) -> None:
    """So many levels are read, more are not, however many there are."""
    assert decode_json(b"[" * depth + b"]" * depth, depth=depth)
    for levels in (depth + 1, 400_000):
        assert f"more than {depth} deep" in refusal(b"[" * levels + b"]" * levels, depth=depth)


def test_a_byte_order_mark_is_taken() -> None:
    """As many systems of Windows write one."""
    assert decode_json(codecs.BOM_UTF8 + b'{"a": 1}') == {"a": 1}
