"""Reviews as messages."""

from trellis.scheduler.v1 import review_pb2

from services.scheduler.adapters.wire.names import ADULT, COMPETENCY, LEARNER
from services.scheduler.domain.history.figures import Figures
from services.scheduler.domain.history.review import CycleReview, GroupFigures, Stuck


def review_to(review: CycleReview) -> review_pb2.CycleReview:
    """Return a review as a message; nobody is named in it."""
    return review_pb2.CycleReview(
        mondays=[one.isoformat() for one in review.mondays],
        school=_figures_to(review.school) if review.school is not None else None,
        grades=[_group_to(one) for one in review.grades],
        tags=[_group_to(one) for one in review.tags],
    )


def stuck_to(district: str, stuck: Stuck) -> review_pb2.StuckLearner:
    """Return who is stuck as a message."""
    return review_pb2.StuckLearner(
        learner=LEARNER.format(district, stuck.learner_id),
        competency=COMPETENCY.format(district, stuck.competency_id),
        cycles=stuck.cycles,
        entry_date=stuck.entry_date.isoformat(),
        adult=ADULT.format(district, stuck.adult_id),
    )


def _group_to(group: GroupFigures) -> review_pb2.GroupFigures:
    figures = _figures_to(group.figures) if group.figures is not None else None
    return review_pb2.GroupFigures(group=group.name, figures=figures)


def _figures_to(figures: Figures) -> review_pb2.ReviewFigures:
    return review_pb2.ReviewFigures(
        learners=figures.learners,
        needs_due=figures.needs_due,
        needs_met=figures.needs_met,
        weight_met_share_milli=figures.weight_met_share_milli,
        gini_milli=figures.gini_milli,
        longest_wait_weeks=figures.longest_wait_weeks,
        wait_95_weeks=figures.wait_95_weeks,
        long_wait_share_milli=figures.long_wait_share_milli,
        rankings=figures.rankings,
        met_by_rank=figures.met_by_rank,
        enrichment_share_milli=figures.enrichment_share_milli,
        below_enrichment_share=figures.below_enrichment_share,
        exits=figures.exits,
        stuck=figures.stuck,
    )
