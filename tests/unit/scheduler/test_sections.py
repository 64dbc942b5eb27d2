"""Classes: who is in them on which days."""

import pytest

from services.scheduler.domain.sections import RosterSection, SectionMember, Span
from tests.support.people import a_section, from_to

WEEK = from_to("2026-11-23", "2026-11-27")


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        ("2026-08-03", "2026-11-22", False),
        ("2026-08-03", "2026-11-23", True),
        ("2026-11-27", "2026-12-18", True),
        ("2026-11-28", "2026-12-18", False),
        ("2026-11-25", "2026-11-25", True),
    ],
)
def test_both_ends_of_an_enrolment_count(first, last, there):
    """Somebody is in a class in a week where one day of the week is theirs, the last one too."""
    member = SectionMember(person_id="lea", is_adult=False, span=from_to(first, last))
    section = RosterSection(section_id="6a", members=(member,))
    assert section.learner_ids(WEEK) == (frozenset({"lea"}) if there else frozenset())
    assert section.adult_ids(WEEK) == frozenset()


def test_without_dates_somebody_is_there_always():
    """A source that says no dates says that the class is theirs."""
    assert a_section().learner_ids(WEEK) == {"lea"}
    assert a_section().adult_ids(Span()) == {"ada"}


def test_a_class_of_a_term_that_is_over_has_nobody():
    """Last year's class is nobody's, though the source still calls it active."""
    spring, autumn = from_to("2026-01-05", "2026-05-29"), from_to("2026-08-03", "2026-12-18")
    assert a_section(terms=(spring,)).learner_ids(WEEK) == frozenset()
    assert a_section(terms=(spring, autumn)).learner_ids(WEEK) == {"lea"}


def test_an_enrolment_counts_within_the_days_of_its_term_alone():
    """Who left before the term's part of the week began was not in it."""
    term = from_to("2026-11-26", "2026-12-18")
    left = SectionMember(person_id="lea", is_adult=False, span=from_to("2026-11-02", "2026-11-24"))
    section = RosterSection(section_id="6a", terms=(term,), members=(left,))
    assert section.learner_ids(WEEK) == frozenset()


def test_who_teaches_a_class_at_any_time_is_known_without_a_day():
    """The quick question answers for adults alone."""
    assert a_section().has_adult("ada")
    assert not a_section().has_adult("lea")
