"""A school's week from the Monday before to the Friday after, by the calls that its people make.

Every process runs as in a district; only the time of the weeks is moved, by a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from tests.support import alder
from tests.support.cluster import Cluster
from tests.support.school_week import MovedTime, a_monday, opened

pytest.register_assert_rewrite("tests.support.week_scenes", "tests.support.school_week_acts")

from tests.support.week_scenes import asking, living, reading, reviewing  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture
def moved(tmp_path: Path) -> MovedTime:
    """Give the file that moves the time: to the Monday before, whose own week has begun."""
    found = MovedTime(tmp_path / "offset")
    found.move(a_monday() - timedelta(weeks=1), "10:30")
    return found


@pytest.fixture
def cluster(tmp_path: Path, moved: MovedTime) -> Iterator[Cluster]:
    """Give every process of Trellis on real servers, with a token for everybody of the school."""
    with Cluster(
        tmp_path / "cluster",
        cache_directory=DEFAULT_CACHE_DIRECTORY,
        grants=alder.grants(),
        settings=moved.settings,
    ) as found:
        yield found


async def test_a_school_lives_its_week(cluster: Cluster, moved: MovedTime, tmp_path: Path) -> None:
    """Set up, asked, planned, reviewed, signed, published, lived; what it showed counts next."""
    async with opened(cluster, moved, tmp_path) as school:
        await asking.it_is_set_up(school)
        await asking.learners_rank(school)
        await asking.adults_answer(school)
        await asking.needs_are_seen(school)
        await asking.two_teachers_ask_for_a_learner(school)
        await reviewing.ranking_closes(school)
        review = await reviewing.the_draft_is_made(school)
        await reviewing.the_draft_is_reviewed(school, review)
        final = await reviewing.the_final_run_keeps_what_was_accepted(school, review)
        await reviewing.it_is_signed_and_published(school, final.week_hash)
        await living.an_adult_is_away(school)
        await living.the_week_begins(school)
        noted = await living.attendance_is_taken(school)
        await reading.outputs_are_fetched(school)
        await living.quick_checks_count_next(school, noted, final.name)
        await living.nobody_signs_the_next_week(school)
        await reading.facts_are_on_the_topic(school)
