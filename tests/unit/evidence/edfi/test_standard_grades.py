"""What a grade shows."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.evidence.domain.edfi.standard_grades import needs_of_grade, observations_of_grade
from services.evidence.domain.model import Purpose, RefusalReason
from services.evidence.domain.observations import Contents
from services.evidence.domain.refusals import RefusedError
from tests.support.edfi import DOCUMENTS, SETTINGS, Store, a_grade, on_standard, uri


def shown(grade):
    """Return what a grade shows, with its grading period known."""
    store = Store([("gradingPeriods", DOCUMENTS["gradingPeriods"])])
    content = store.read("grades", grade).content
    found = {key: store.objects[key].content for key in needs_of_grade(content).objects}
    return observations_of_grade(content, SETTINGS, Contents(objects=found), {})


def test_a_number_is_points_of_the_full_score():
    """At the noon of the last day of the grading period, where nothing else says when."""
    (one,) = shown(a_grade(on_standard("A", numericGradeEarned="3.5"))).observations
    assert one.part == "standard/A"
    assert one.points == (3_500, 4_000)
    assert one.purpose is Purpose.SUMMATIVE
    noon = datetime(2026, 10, 16, 12, tzinfo=ZoneInfo("America/Chicago"))
    assert one.occur_time_micros == noon.timestamp() * 1_000_000


def test_the_day_of_the_grade_comes_first():
    """A grade can change within its period."""
    grade = a_grade(on_standard("A", numericGradeEarned=3), currentGradeAsOfDate="2026-09-30")
    (one,) = shown(grade).observations
    noon = datetime(2026, 9, 30, 12, tzinfo=ZoneInfo("America/Chicago"))
    assert one.occur_time_micros == noon.timestamp() * 1_000_000


@pytest.mark.parametrize(
    ("grade", "points", "level_milli"),
    [
        ({"letterGradeEarned": "3"}, (3_000, 4_000), None),
        ({"numericGradeEarned": 0}, (0, 4_000), None),
        (
            {
                "letterGradeEarned": "P",
                "performanceBaseConversionDescriptor": uri("PerformanceBaseConversion", "Basic"),
            },
            None,
            2_000,
        ),
    ],
)
def test_what_has_a_known_scale_counts(grade, points, level_milli):
    """A number as a letter is a number; a letter counts by Ed-Fi's conversion."""
    (one,) = shown(a_grade(on_standard("A", **grade))).observations
    assert (one.points, one.level_milli) == (points, level_milli)


def test_a_letter_alone_shows_nothing():
    """Nobody knows its scale; that is no fault."""
    result = shown(a_grade(on_standard("A", letterGradeEarned="B+")))
    assert result.observations == result.refused == ()


def test_a_grade_beyond_the_full_score_is_refused_and_the_others_count():
    """95 is on another scale than 4."""
    grade = a_grade(on_standard("A", numericGradeEarned=95), on_standard("B", numericGradeEarned=4))
    result = shown(grade)
    assert [one.part for one in result.observations] == ["standard/B"]
    (refused,) = result.refused
    assert refused.part == "standard/A"
    assert refused.refusal.reason is RefusalReason.SCORE_OUT_OF_RANGE


def test_a_grade_without_standards_shows_nothing():
    """The section as a whole is no competency, and no time is needed to say so."""
    assert shown(a_grade(numericGradeEarned=88)).observations == ()


def test_a_grade_without_a_time_is_refused_whole():
    """Neither a day nor a known grading period."""
    grade = a_grade(on_standard("A", numericGradeEarned=3))
    with pytest.raises(RefusedError) as caught:
        observations_of_grade(grade, SETTINGS, Contents(), {})
    assert caught.value.refusal.reason is RefusalReason.TIME_OUT_OF_RANGE
