"""No title labels a learner."""

import pytest

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.titles import (
    BANNED_WORDS,
    NEUTRAL_TITLES,
    in_a_sentence,
    refusal,
    safe_title,
)


@pytest.mark.parametrize(
    "title",
    [
        "Tier 2 math",
        "TIER",
        "Level up",
        "Grade 6 reading",
        "6th readers",
        "G6 lab",
        "L2",
        "K-2 lab",
        "IEP minutes",
        "Special  Education",
        "RTI group",
        "Ranking games",
        "6.RP.A.1",
        "Ratios (6.RP.A.1)",
        "RL.6.2 stories",
    ],
)
def test_a_title_that_labels_is_refused_with_the_word(title):
    """Words for level, tier, grade, service or rank, and codes of standards, are named."""
    assert refusal(title)


@pytest.mark.parametrize(
    "title",
    [
        "Adding fractions",
        "Frontier stories",
        "Gradients",
        "Elf tales",
        "Riptide science",
        "Multiply by 0.5",
        "Add within 20",
        "U.S. history",
        "H.G. Wells",
    ],
)
def test_banned_words_are_matched_as_whole_words_only(title):
    """A banned word inside another word is no label."""
    assert refusal(title) is None


def test_a_school_adds_words_of_its_own():
    """The policy's words stand beside the built-in list, in any case, as whole words."""
    assert refusal("Bluebirds meet", ("bluebirds",))
    assert refusal("Bluebirdsong", ("bluebirds",)) is None
    assert refusal("Tier 1", ("bluebirds",))


def test_a_code_of_the_framework_is_refused_whatever_its_form():
    """A code that looks like nothing in particular is known from the framework."""
    assert refusal("Unit MX7 stories", codes=("MX7",))
    assert refusal("Unit MX77 stories", codes=("MX7",)) is None


def test_a_label_that_may_not_hang_gives_way_to_neutral_words():
    """The first wish that is fit is taken, else the kind's own title."""
    wishes = ["Tier 2", "", "Adding fractions"]
    assert safe_title(SessionKind.SMALL_GROUP, wishes, ()) == "Adding fractions"
    assert safe_title(SessionKind.SMALL_GROUP, ["Tier 2"], ()) == "Workshop"


def test_a_service_has_no_title_of_its_own():
    """What the school calls it would tell the hall who gets a service."""
    assert safe_title(SessionKind.SERVICE, ["Learning support"], ()) == "Meeting"


def test_no_neutral_title_is_itself_a_label():
    """Every kind has one, and each is fit for a hall."""
    assert set(NEUTRAL_TITLES) == set(SessionKind)
    assert [t for t in NEUTRAL_TITLES.values() if refusal(t)] == []


def test_every_banned_word_is_refused_on_its_own():
    """No entry of the list is dead."""
    assert [word for word in BANNED_WORDS if refusal(word) is None] == []


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Adding fractions", "adding fractions"),
        ("DNA and genes", "DNA and genes"),
        ("I and we in stories", "I and we in stories"),
        ("Addition and Subtraction Fractions", "Addition and Subtraction Fractions"),
        ("Percent Of", "Percent Of"),
        ("Using the Pythagorean theorem", "using the Pythagorean theorem"),
        ("", ""),
    ],
)
def test_a_label_in_a_sentence_starts_small_unless_it_is_a_name_or_a_title(label, expected):
    """Only the first letter changes."""
    assert in_a_sentence(label) == expected
