"""The estimate over whole columns is the product's estimate."""

from dataclasses import replace

import numpy as np
import pytest

from services.mastery.domain.contribution import align, contribute
from services.mastery.domain.estimate import estimate, read_terms
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    WINDOW_SIZE,
    CompetencyFacts,
    LearnerFacts,
    Occasion,
    Piece,
    Share,
)
from services.mastery.domain.published_status import look_at, reading_of
from services.mastery.evaluation.log import OccasionBy
from services.mastery.evaluation.models.calibration import Calibration, success
from services.mastery.evaluation.models.estimate import KIND, PURPOSE, read_after, read_before
from services.mastery.evaluation.models.rules import product_rules
from services.mastery.evaluation.statuses import Chances, decisions, published
from tests.support.response_logs import a_random_log

CALIBRATION = Calibration(intercept=0.2, slope=1.1)
POLICY = replace(DEFAULT_POLICY, intercept=CALIBRATION.intercept, slope=CALIBRATION.slope)
GENEROUS = Calibration(intercept=1.5, slope=1.1)
GENEROUS_POLICY = replace(DEFAULT_POLICY, intercept=GENEROUS.intercept, slope=GENEROUS.slope)
"""By which many become proficient, so that there is something to keep."""
SEEDS = range(6)


def a_case(seed, occasion_by=OccasionBy.DAY):
    """Return a random log with difficulties of items and of competencies."""
    log = a_random_log(seed, occasion_by=occasion_by)
    generator = np.random.default_rng(seed)
    item_d64 = generator.integers(-150, 150, len(log.items))
    return log, item_d64[log.item], generator.integers(-100, 100, len(log.competencies))


class Product:
    """The product's facts of a log, built piece by piece from its domain alone."""

    def __init__(self, log, response_d64):
        self.log = log
        self.r, self.i = self._contributions(response_d64)
        self.weights = {}
        for place in range(len(log.pieces)):
            key = (log.pieces.response[place], log.pieces.competency[place])
            self.weights[key] = log.pieces.weight_milli[place : place + 1]

    def _contributions(self, response_d64):
        one = np.ones(len(self.log), dtype=np.int64)
        return contribute(
            score=self.log.correct * 30_000, scale=one, kind=one * KIND, purpose=one * PURPOSE,
            dok=0 * one, items_on_competency=one, d64=response_d64,
        )  # fmt: skip

    def facts(self, responses, competency, reference_d64):
        """Return the facts of these responses of one learner, oldest first."""
        of_competency = [one for one in responses if (one, competency) in self.weights]
        whole = [self._piece(one, None) for one in responses]
        shares = [self._piece(one, competency) for one in of_competency]
        return (
            LearnerFacts(
                r_sum=sum(piece.r for piece in whole),
                i_sum=sum(piece.i for piece in whole),
                evidence_count=len(whole),
                window=tuple(whole[::-1][:WINDOW_SIZE]),
            ),
            CompetencyFacts(
                r_sum=sum(piece.r for piece in shares),
                i_sum=sum(piece.i for piece in shares),
                evidence_count=len(shares),
                untimed_count=len(shares),
                window=tuple(shares[::-1][:WINDOW_SIZE]),
                occasions=tuple(self._occasions(of_competency)),
                reference_d64=int(reference_d64),
            ),
        )

    def _piece(self, response, competency):
        r, i = self.r[response : response + 1], self.i[response : response + 1]
        if competency is not None:
            weight = self.weights[response, competency]
            r, i = align(r, weight), align(i, weight)
        log = self.log
        return Piece(
            occur_time_us=int(log.time_us[response]),
            evidence_id=int(response).to_bytes(16, "big"),
            r=int(r[0]), i=int(i[0]), score=int(log.correct[response]) * 30_000,
            item_key=int(log.item[response]), dok=0, purpose=int(PURPOSE), kind=int(KIND),
            timed=None, local_day=int(log.day[response]),
        )  # fmt: skip

    def _occasions(self, responses):
        pooled = {}
        for response in responses:
            by_day = self.log.occasion_by == OccasionBy.DAY
            key = f"{int(self.log.day[response]) if by_day else response:020}"
            pooled.setdefault(key, []).append(response)
        for key, members in pooled.items():
            yield Occasion(
                key=key,
                local_day=int(self.log.day[members[-1]]),
                newest_time_us=int(self.log.time_us[members[-1]]),
                score_sum=sum(int(self.log.correct[one]) * 30_000 for one in members),
                score_count=len(members),
            )


def so_far(log, response):
    """Return this learner's responses before this one."""
    return [one for one in range(response) if log.learner[one] == log.learner[response]]


@pytest.mark.parametrize("seed", SEEDS)
def test_predictions_are_the_products_at_the_items_difficulty(seed):
    """Mean and variance before each response are the means over its competencies, to 1e-9."""
    log, response_d64, _ = a_case(seed)
    product, found = Product(log, response_d64), read_before(log, response_d64)
    for response in range(len(log)):
        expected = []
        for competency in log.aligned_competency[log.aligned_response == response]:
            facts = product.facts(so_far(log, response), competency, response_d64[response])
            as_of_us = int(log.time_us[response])
            terms = read_terms(*facts, as_of_us=as_of_us, policy=DEFAULT_POLICY)
            one = estimate(terms, DEFAULT_POLICY)
            expected.append((one.m, one.v))
        m, v = np.mean(expected, axis=0)
        assert found.m[response] == pytest.approx(m, abs=1e-9)
        assert found.v[response] == pytest.approx(v, abs=1e-9)
        if len(expected) == 1 and not so_far(log, response):
            chance = success(found.m[response : response + 1], found.v[response : response + 1])
            assert chance[0] == pytest.approx(one.success, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("occasion_by", OccasionBy)
def test_what_is_said_after_each_piece_is_what_the_product_says(seed, occasion_by):
    """Calibrated estimates to 1e-9, levels and decisions exactly as `read_mastery` has them."""
    log, response_d64, reference_d64 = a_case(seed, occasion_by)
    product, after = Product(log, response_d64), read_after(log, response_d64, reference_d64)
    chances = Chances(m=CALIBRATION.mean(after.m), v=after.v)
    p_eight = chances.of_share(Share.EIGHT_TENTHS)
    levels = product_rules(log)
    decided = decisions(log, chances, levels["decaying_average"], POLICY)
    for place, (response, competency) in enumerate(
        zip(log.pieces.response, log.pieces.competency, strict=True)
    ):
        facts = product.facts(
            [*so_far(log, response), response], competency, reference_d64[competency]
        )
        mastery = read_mastery(*facts, as_of_us=int(log.time_us[response]), policy=POLICY)
        assert chances.m[place] == pytest.approx(mastery.estimate.m, abs=1e-9)
        assert chances.v[place] == pytest.approx(mastery.estimate.v, abs=1e-9)
        assert p_eight[place] == pytest.approx(mastery.estimate.p_eight, abs=1e-9)
        assert levels["decaying_average"][place] == mastery.current_level_milli
        assert decided[place] == mastery.decision
        if mastery.credit_level_milli is not None:
            assert levels["highest"][place] == mastery.credit_level_milli


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_published_after_each_piece_is_what_the_product_publishes(seed):
    """With times that differ, statuses exactly as `look_at` has them, from piece to piece."""
    log, response_d64, reference_d64 = a_case(seed)
    log = replace(log, time_us=log.time_us + np.arange(len(log)))
    product, after = Product(log, response_d64), read_after(log, response_d64, reference_d64)
    chances = Chances(m=GENEROUS.mean(after.m), v=after.v)
    level_milli = product_rules(log)["decaying_average"].astype(np.int64)
    decided = decisions(log, chances, level_milli, GENEROUS_POLICY)
    shown = published(log, chances, level_milli, decided, GENEROUS_POLICY)
    before, reading = {}, reading_of(GENEROUS_POLICY)
    for place, (response, competency) in enumerate(
        zip(log.pieces.response, log.pieces.competency, strict=True)
    ):
        facts = product.facts(
            [*so_far(log, response), response], competency, reference_d64[competency]
        )
        mastery = read_mastery(*facts, as_of_us=int(log.time_us[response]), policy=GENEROUS_POLICY)
        pair = (log.learner[response], competency)
        before[pair], _ = look_at(
            before.get(pair), mastery, facts[1], GENEROUS_POLICY, reading=reading
        )
        assert shown[place] == before[pair].status
    assert (shown > decided).any(), "nothing was kept, so nothing was shown"
