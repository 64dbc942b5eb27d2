"""Arrays that are sent as literals come to PostgreSQL as they are."""

from __future__ import annotations

import random
from uuid import UUID

import asyncpg
import pytest

from services.common.postgres.arrays import ArrayStatement

SEED = 31
SIGNS = [" ", '"', "\\", '\\"', "{", "}", ",", "'", "\n", "\t", "\x1f"]
TEXTS = ["", *SIGNS, "NULL", "null", "{NULL}", "a b", "ü", "𝔘", "é\\", "$1", "%s"]
LIMITS = [-(2**63), -(2**31), -1, 0, 1, 2**31 - 1, 2**63 - 1]


@pytest.fixture
async def connection(postgres_database):
    """Connect to an empty database."""
    database = postgres_database("mastery", "SELECT 1")
    connected = await asyncpg.connect(database.dsn("worker"))
    yield connected
    await connected.close()


async def came(connection, type_name, values):
    """Return what PostgreSQL has of an array."""
    statement = ArrayStatement(f"SELECT x FROM unnest($1::{type_name}[]) AS t (x)")
    return [row["x"] for row in await statement.fetch(connection, values)]


@pytest.mark.parametrize(
    "texts",
    [TEXTS, [*TEXTS, None], ["plain", "names"], [None], [""], ["NULL"], []],
    ids=["awkward", "awkward with NULL", "plain", "NULL", "empty text", "the word", "none"],
)
async def test_texts_come_as_they_are(connection, texts):
    """Quotes, backslashes, braces, commas, blanks and the word NULL stay what they were."""
    assert await came(connection, "text", texts) == texts


async def test_any_mixture_of_awkward_texts_comes_as_it_is(connection):
    """A hundred arrays of texts put together from awkward pieces, some with NULLs."""
    draw = random.Random(SEED)
    for _ in range(100):
        texts = ["".join(draw.choices(TEXTS, k=draw.randrange(4))) for _ in range(20)]
        if draw.random() < 0.5:
            texts[draw.randrange(20)] = None
        assert await came(connection, "text", texts) == texts


@pytest.mark.parametrize(
    ("type_name", "numbers"),
    [
        ("bigint", LIMITS),
        ("bigint", [None, *LIMITS, None]),
        ("integer", [-(2**31), None, 2**31 - 1]),
        ("smallint", [-(2**15), 2**15 - 1]),
        ("bigint", []),
    ],
)
async def test_whole_numbers_come_as_they_are(connection, type_name, numbers):
    """To the limits of their types, NULL among them."""
    assert await came(connection, type_name, numbers) == numbers


async def test_a_number_beyond_its_type_is_refused(connection):
    """As in any other form: nothing is cut off."""
    with pytest.raises(asyncpg.NumericValueOutOfRangeError):
        await came(connection, "smallint", [2**15])


async def test_a_text_with_a_nul_is_refused(connection):
    """PostgreSQL holds no NUL, in a literal neither."""
    with pytest.raises(asyncpg.CharacterNotInRepertoireError):
        await came(connection, "text", ["a\0b"])


async def test_other_parameters_are_sent_as_before(connection):
    """Arrays of ids and of bytes, and parameters that are no arrays, stand beside the others."""
    statement = ArrayStatement(
        "SELECT k.*, $3::integer AS one FROM unnest($1::text[], $2::uuid[], $4::bytea[])"
        " AS k (name, id, bytes)"
    )
    rows = await statement.fetch(connection, ["a"], [UUID(int=7)], 5, [b"\x00\\\xff"])
    assert [tuple(row) for row in rows] == [("a", UUID(int=7), b"\x00\\\xff", 5)]
