"""What makes a school, a learner and an adult valid, and which id a learner has."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.entities import EntityFault, InvalidEntityError
from services.evidence.domain.roster import (
    Adult,
    FirstAlias,
    Learner,
    LearnerState,
    School,
    check_adults,
    check_known_schools,
    check_learners,
    check_schools,
    identify,
)

TIME_ZONES = frozenset({"America/New_York", "UTC"})
SOURCES = frozenset({"sis"})


def a_school(**changes: Any) -> School:
    """Return a valid school."""
    return replace(
        School(id="hcms", display_name="Middle School", time_zone="America/New_York"), **changes
    )


def a_learner(**changes: Any) -> Learner:
    """Return a valid learner."""
    learner = Learner(
        id="",
        first_alias=FirstAlias(source="sis", source_id="4711"),
        given_name="Zaphod",
        family_name="Beeblebrox",
        school_id="hcms",
        grade="6",
        state=LearnerState.ENROLLED,
        enrol_date=date(2026, 8, 3),
    )
    return replace(learner, **changes)


def an_adult(**changes: Any) -> Adult:
    """Return a valid adult."""
    adult = Adult(
        id="mrs.d",
        display_name="Mrs. Dent",
        school_id="hcms",
        subjects=("science", "math"),
        active=True,
    )
    return replace(adult, **changes)


def test_valid_entities_pass_with_their_texts_trimmed_and_their_sets_sorted() -> None:
    """A check gives back the content as it will stand."""
    assert check_schools([a_school(display_name=" Middle School ")], TIME_ZONES) == (a_school(),)
    assert check_learners([a_learner(given_name="Zaphod ")], SOURCES) == (a_learner(),)
    assert check_adults([an_adult()]) == (an_adult(subjects=("math", "science")),)


@pytest.mark.parametrize(
    ("changes", "field", "fault"),
    [
        ({"id": ""}, "name", EntityFault.FIELD_MISSING),
        ({"id": "a b"}, "name", EntityFault.FIELD_MALFORMED),
        ({"display_name": ""}, "display_name", EntityFault.FIELD_MISSING),
        ({"time_zone": ""}, "time_zone", EntityFault.UNKNOWN_TIME_ZONE),
        ({"time_zone": "Mars/Olympus"}, "time_zone", EntityFault.UNKNOWN_TIME_ZONE),
    ],
)
def test_an_invalid_school_is_refused(
    changes: dict[str, Any], field: str, fault: EntityFault
) -> None:
    """A refusal names the index and the field of the school at fault."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_schools([a_school(id="other"), a_school(**changes)], TIME_ZONES)
    assert refusal.value.place.path == f"schools[1].{field}"
    assert refusal.value.fault is fault


@pytest.mark.parametrize(
    ("changes", "field", "fault"),
    [
        ({"id": "a/b"}, "name", EntityFault.FIELD_MALFORMED),
        (
            {"first_alias": FirstAlias(source="", source_id="1")},
            "source",
            EntityFault.FIELD_MISSING,
        ),
        (
            {"first_alias": FirstAlias(source="lms", source_id="1")},
            "source",
            EntityFault.SOURCE_NOT_ALLOWED,
        ),
        (
            {"first_alias": FirstAlias(source="sis", source_id=" ")},
            "source_id",
            EntityFault.FIELD_MISSING,
        ),
        (
            {"first_alias": FirstAlias(source="sis", source_id="1\x1f2")},
            "source_id",
            EntityFault.FIELD_MALFORMED,
        ),
        ({"given_name": "x" * 101}, "given_name", EntityFault.FIELD_TOO_LONG),
        ({"family_name": "x\ty"}, "family_name", EntityFault.FIELD_MALFORMED),
        ({"school_id": ""}, "school", EntityFault.FIELD_MISSING),
        ({"grade": "x" * 17}, "grade", EntityFault.FIELD_TOO_LONG),
        ({"withdraw_date": date(2026, 9, 1)}, "withdraw_date", EntityFault.FIELD_MALFORMED),
        (
            {"state": LearnerState.WITHDRAWN, "withdraw_date": date(2026, 8, 2)},
            "withdraw_date",
            EntityFault.DATES_REVERSED,
        ),
    ],
)
def test_an_invalid_learner_is_refused(
    changes: dict[str, Any], field: str, fault: EntityFault
) -> None:
    """A refusal names the index and the field of the learner at fault, and never the person."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_learners(
            [a_learner(first_alias=FirstAlias(source="sis", source_id="0")), a_learner(**changes)],
            SOURCES,
        )
    assert refusal.value.place.path == f"learners[1].{field}"
    assert refusal.value.fault is fault
    assert "Zaphod" not in str(refusal.value)
    assert "4711" not in str(refusal.value)


def test_a_learner_may_be_without_a_name_a_grade_or_dates() -> None:
    """A district may keep names out of Trellis altogether."""
    bare = a_learner(given_name="", family_name="", grade="", enrol_date=None)
    assert check_learners([bare], SOURCES) == (bare,)


def test_a_withdrawn_learner_keeps_the_dates() -> None:
    """Enrolled and withdrawn on one day is a stay of a day."""
    gone = a_learner(state=LearnerState.WITHDRAWN, withdraw_date=date(2026, 8, 3))
    assert check_learners([gone], SOURCES) == (gone,)


def test_one_alias_twice_in_a_batch_is_refused() -> None:
    """Trimmed, the two source ids are the same learner."""
    padded = a_learner(first_alias=FirstAlias(source="sis", source_id=" 4711"))
    with pytest.raises(InvalidEntityError) as refusal:
        check_learners([a_learner(), padded], SOURCES)
    assert refusal.value.fault is EntityFault.DUPLICATE
    assert refusal.value.place.path == "learners[1].source_id"


@pytest.mark.parametrize(
    ("changes", "field", "fault"),
    [
        ({"id": ""}, "name", EntityFault.FIELD_MISSING),
        ({"display_name": "\n "}, "display_name", EntityFault.FIELD_MISSING),
        ({"school_id": ""}, "school", EntityFault.FIELD_MISSING),
        ({"subjects": ("math", "math")}, "subjects", EntityFault.DUPLICATE),
        (
            {"subjects": tuple(f"subject {n}" for n in range(33))},
            "subjects",
            EntityFault.TOO_MANY_VALUES,
        ),
    ],
)
def test_an_invalid_adult_is_refused(
    changes: dict[str, Any], field: str, fault: EntityFault
) -> None:
    """A refusal names the index and the field of the adult at fault, and never the person."""
    with pytest.raises(InvalidEntityError) as refusal:
        check_adults([an_adult(id="other"), an_adult(**changes)])
    assert refusal.value.place.path == f"adults[1].{field}"
    assert refusal.value.fault is fault
    assert "Dent" not in str(refusal.value)


def test_a_school_that_the_district_does_not_have_is_refused() -> None:
    """The first entity that refers to it is named."""
    check_known_schools("adults", ["a", "b"], {"a", "b", "c"})
    with pytest.raises(InvalidEntityError) as refusal:
        check_known_schools("adults", ["a", "b", "d"], {"a", "b", "c"})
    assert refusal.value.place.path == "adults[2].school"
    assert refusal.value.fault is EntityFault.UNKNOWN_SCHOOL


def test_a_new_learner_is_given_the_derived_id() -> None:
    """At first sight of an alias the id comes from the district's key."""
    learner = a_learner()
    assert identify([learner], {}, {learner.first_alias: "d1"}) == (replace(learner, id="d1"),)


def test_a_known_learner_keeps_the_stored_id_whatever_is_derived_now() -> None:
    """A new key must not make a second learner of anyone."""
    learner = a_learner()
    found = identify([learner], {learner.first_alias: "stored"}, {learner.first_alias: "derived"})
    assert found == (replace(learner, id="stored"),)


@given(st.booleans(), st.sampled_from(["", "stored", "derived", "other"]))
def test_a_sent_name_is_empty_or_the_learners_own(known: bool, sent: str) -> None:
    """A name that belongs to another alias is refused, and so never moves a person's record."""
    learner = a_learner(id=sent)
    standing = {learner.first_alias: "stored"} if known else {}
    right = "stored" if known else "derived"
    if sent in ("", right):
        assert identify([learner], standing, {learner.first_alias: "derived"})[0].id == right
        return
    with pytest.raises(InvalidEntityError) as refusal:
        identify([learner], standing, {learner.first_alias: "derived"})
    assert refusal.value.fault is EntityFault.NAME_MISMATCH
