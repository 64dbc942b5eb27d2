"""A published week of a school in which each private thing has a word of its own."""

import pytest

from tests.support.canaries import CanaryApi
from tests.support.outputs import app_of, browsing


@pytest.fixture
async def api():
    """Give the API of the school, with its week published."""
    found = CanaryApi()
    assert await found.plan(found.problem) == 1
    return found


@pytest.fixture
async def browse(api):
    """Give a function that asks for a path as a token's holder."""
    async with browsing(app_of(api)) as get:
        yield get
