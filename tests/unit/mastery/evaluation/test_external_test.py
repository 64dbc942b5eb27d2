"""Forty answers read as one external test are read as the product reads one."""

from dataclasses import replace

import numpy as np
import pytest

from services.mastery.domain.estimate import estimate, read_terms
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    WHOLE_TEST,
    WINDOW_SIZE,
    ExternalTest,
)
from services.mastery.evaluation.models.estimate import read_before
from services.mastery.evaluation.models.external_test import read_with_test
from tests.support.response_logs import a_random_log
from tests.unit.mastery.evaluation.test_estimate_columns import Product, so_far

SEEDS = range(6)


def a_case(seed):
    """Return a random log whose moments all differ, and difficulties of its responses."""
    log = a_random_log(seed)
    log = replace(log, time_us=np.arange(1, len(log) + 1) * 60_000_000)
    generator = np.random.default_rng(seed)
    return log, generator.integers(-150, 150, len(log.items))[log.item]


class ProductWithTest(Product):
    """The product's facts where some responses are one external test."""

    def __init__(self, log, response_d64, tested):
        super().__init__(log, response_d64)
        self.tested = tested

    def facts_with_test(self, responses, competency, reference_d64):
        """Return the facts of these responses of one learner, oldest first."""
        outside = [one for one in responses if not self.tested[one]]
        inside = [one for one in responses if self.tested[one]]
        learner, facts = self.facts(outside, competency, reference_d64)
        own = [one for one in inside if (one, competency) in self.weights]
        by_first = {}
        for one in inside:
            by_first.setdefault(self._first(one), []).append(one)
        tests = [self._test(members, None, first) for first, members in by_first.items()]
        newest = tuple(sorted(tests, reverse=True)[:WINDOW_SIZE])
        return (
            replace(learner, tests=newest),
            replace(
                facts,
                evidence_count=facts.evidence_count + len(own),
                tests=(self._test(own, competency, competency),) if own else (),
            ),
        )

    def _first(self, response):
        return int(self.log.aligned_competency[self.log.aligned_response == response][0])

    def _test(self, members, competency, name):
        pieces = [self._piece(one, competency) for one in members]
        return ExternalTest(
            newest_time_us=pieces[-1].occur_time_us, key="test", competency=f"{name:05}",
            local_day=pieces[-1].local_day, piece_count=len(pieces),
            share_sum=WHOLE_TEST * len(pieces), r_sum=sum(piece.r for piece in pieces),
            i_sum=sum(piece.i for piece in pieces), deep_count=0, untimed_count=len(pieces),
        )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_test_it_is_the_usual_reading(seed):
    """Where no response is of a test, means and variances are those of every other table."""
    log, response_d64 = a_case(seed)
    found = read_with_test(log, response_d64, np.zeros(len(log), dtype=np.bool_))
    expected = read_before(log, response_d64)
    assert found.m == pytest.approx(expected.m, abs=1e-9)
    assert found.v == pytest.approx(expected.v, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_test_it_is_the_products_reading(seed):
    """A pooled test is one piece of work in both, for the learner and for each competency."""
    log, response_d64 = a_case(seed)
    tested = (log.rank >= 3) & (log.rank < 9)
    after = np.flatnonzero(log.rank >= 9)
    assert len(after) > 0
    product = ProductWithTest(log, response_d64, tested)
    found = read_with_test(log, response_d64, tested)
    for response in after:
        expected = []
        for competency in log.aligned_competency[log.aligned_response == response]:
            facts = product.facts_with_test(
                so_far(log, response), competency, response_d64[response]
            )
            as_of_us = int(log.time_us[response])
            terms = read_terms(*facts, as_of_us=as_of_us, policy=DEFAULT_POLICY)
            one = estimate(terms, DEFAULT_POLICY)
            expected.append((one.m, one.v))
        m, v = np.mean(expected, axis=0)
        assert found.m[response] == pytest.approx(m, abs=1e-9)
        assert found.v[response] == pytest.approx(v, abs=1e-9)
