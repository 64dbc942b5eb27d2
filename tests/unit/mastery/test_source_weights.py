"""What a document of weights may say, and that what it leaves out is as it was."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mastery.adapters.documents import from_yaml
from services.mastery.domain.contribution import source_weight_milli
from services.mastery.domain.errors import WeightsDocumentError
from services.mastery.domain.model import Kind, Purpose
from services.mastery.domain.source_weights import (
    DEFAULT_WEIGHTS,
    KIND_NAMES,
    PURPOSE_NAMES,
    read_weights,
    weights_of,
    write_weights,
)

PAGE = Path(__file__).parents[3] / "docs/mastery.md"
SHARES = st.integers(0, 1_000).map(lambda milli: milli / 1_000)


def test_an_empty_document_says_the_weights_that_were_there_before():
    """For every kind with every purpose."""
    weights = read_weights({})
    assert weights == DEFAULT_WEIGHTS
    for kind in Kind:
        for purpose in Purpose:
            assert weights.weight_milli(kind, purpose) == source_weight_milli(kind, purpose)


def test_a_kind_weighs_what_is_said_but_no_more_than_the_purpose_allows():
    """Where the kind is unknown, a summative has a weight of its own."""
    weights = read_weights(
        {
            "kinds": {"homework": 0.3, "unknown": 0.2},
            "unknown_summative": 0.9,
            "at_most": {"practice": 0.25, "external_summative": 0.8},
        }
    )
    assert weights.weight_milli(Kind.HOMEWORK, Purpose.FORMATIVE) == 300
    assert weights.weight_milli(Kind.HOMEWORK, Purpose.PRACTICE) == 250
    assert weights.weight_milli(Kind.UNSPECIFIED, Purpose.FORMATIVE) == 200
    assert weights.weight_milli(Kind.UNSPECIFIED, Purpose.SUMMATIVE) == 900
    assert weights.weight_milli(Kind.UNSPECIFIED, Purpose.EXTERNAL_SUMMATIVE) == 800
    assert weights.weight_milli(Kind.QUIZ, Purpose.FORMATIVE) == 1_000


def test_numbers_that_are_not_known_count_as_unknown():
    """A newer sender may have kinds that this release does not."""
    found = weights_of(DEFAULT_WEIGHTS, np.array([99, -1, 1]), np.array([1, 2, 77]))
    assert found.tolist() == [700, 1_000, 1_000]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "the document is no mapping"),
        ({"weights": {}}, "has weights, which is not known"),
        ({"kinds": {"essay": 1}}, "kinds has essay"),
        ({"kinds": 1}, "kinds is no mapping"),
        ({"kinds": {"quiz": 1.5}}, "kinds.quiz is no number from 0 to 1"),
        ({"kinds": {"quiz": True}}, "kinds.quiz is no number"),
        ({"kinds": {"quiz": 10**400}}, "kinds.quiz is no number from 0 to 1"),
        ({"at_most": {"practice": float("nan")}}, "at_most.practice is no number"),
        ({"at_most": {"practice": 0.0005}}, "finer than a thousandth"),
        ({"unknown_summative": "1"}, "unknown_summative is no number"),
    ],
)
def test_what_cannot_be_read_is_said(document, problem):
    """With the field, and all of it at once."""
    with pytest.raises(WeightsDocumentError, match=problem):
        read_weights(document)


def test_all_problems_are_told_at_once():
    """A person mends the file once."""
    with pytest.raises(WeightsDocumentError) as caught:
        read_weights({"kinds": {"quiz": 2, "test": -1}, "unknown_summative": None})
    assert len(caught.value.problems) == 3


@given(
    st.dictionaries(st.sampled_from(KIND_NAMES), SHARES),
    st.dictionaries(st.sampled_from(PURPOSE_NAMES), SHARES),
    SHARES,
)
def test_what_is_written_is_read_as_the_same(kinds, at_most, unknown):
    """A stored document has every field, and says what was put."""
    weights = read_weights({"kinds": kinds, "at_most": at_most, "unknown_summative": unknown})
    assert read_weights(write_weights(weights)) == weights


def test_the_example_of_the_page_can_be_put():
    """What somebody copies from it is taken, comments and all."""
    section = PAGE.read_text("utf-8").partition("\n## How hard items are\n")[2]
    example = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    weights = read_weights(from_yaml(example[1]))
    assert weights.weight_milli(Kind.HOMEWORK, Purpose.FORMATIVE) == 400
    assert weights.weight_milli(Kind.QUIZ, Purpose.PRACTICE) == 500
