"""Where most of a section lacks a competency, it is taught again to all (S1)."""

from dataclasses import replace

import pytest

from services.scheduler.domain.claims import claims_of
from services.scheduler.domain.model import Section
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.week import NoticeKind
from tests.support.claims import LOW_AND_THIN
from tests.support.schools import (
    MONDAY,
    a_learner,
    a_need,
    a_problem,
)

NAMES = ("ann", "ben", "cem", "dan", "eva")


def settled_for(lacking, *, subject="math", names=NAMES, more=(), **changes):
    """Return a school of one section, of whom some need fractions."""
    section = Section(section_id="s7", subject=subject, adult_id="tea", learner_ids=names)
    fields = {
        "learners": tuple(a_learner(name) for name in names),
        "sections": (section, *more),
        "needs": tuple(a_need(name) for name in lacking),
    }
    return claims_of(a_problem(**(fields | changes)), 0)


def test_from_the_share_on_the_teacher_is_told_and_the_needs_weigh_half():
    """3 of 5 are 60 %."""
    settled = settled_for(NAMES[:3])
    assert {claim.weight_milli for claim in settled.claims} == {600}
    (notice,) = settled.notices
    assert notice.kind is NoticeKind.RETEACH
    assert (notice.section_id, notice.competency_id) == ("s7", "fractions")
    assert (notice.adult_id, notice.learner_id) == ("tea", "")
    assert notice.message == (
        "3 of the 5 learners of section s7 need help or a check on competency fractions: teach"
        " it again to the whole section."
    )


def test_below_the_share_nothing_is_said():
    """2 of 5 are 40 %."""
    settled = settled_for(NAMES[:2])
    assert {claim.weight_milli for claim in settled.claims} == {1200}
    assert settled.notices == ()


def test_checks_count_and_weigh_less_like_help():
    """Two need help and one a check: 3 of 5."""
    needs = (a_need("ann"), a_need("ben"), a_need("cem", **LOW_AND_THIN))
    settled = settled_for((), needs=needs)
    assert sorted(claim.weight_milli for claim in settled.claims) == [500, 600, 600]


@pytest.mark.parametrize(("subject", "told"), [("math", 1), ("", 1), ("english", 0)])
def test_the_section_is_of_the_competencys_subject_or_of_none(subject, told):
    """A class of English is not told of fractions."""
    assert len(settled_for(NAMES, subject=subject).notices) == told


def test_of_fewer_than_five_learners_nothing_is_said():
    """Four learners are four persons with a need."""
    assert settled_for(NAMES[:4], names=NAMES[:4]).notices == ()


def test_only_learners_who_are_enrolled_make_up_a_section():
    """3 of 6 are too few; without the one who has left and the one unknown 3 of 5 are not."""
    names = (*NAMES, "fay", "unknown")
    here = tuple(a_learner(name) for name in (*NAMES, "fay"))
    assert settled_for(NAMES[:3], names=names, learners=here).notices == ()
    gone = (*here[:-1], a_learner("fay", withdraw_date=MONDAY))
    assert len(settled_for(NAMES[:3], names=names, learners=gone).notices) == 1


def test_in_two_sections_a_need_weighs_less_once():
    """Both teachers are told."""
    more = (Section(section_id="s8", learner_ids=NAMES),)
    settled = settled_for(NAMES, more=more)
    assert [notice.section_id for notice in settled.notices] == ["s7", "s8"]
    assert {claim.weight_milli for claim in settled.claims} == {600}


def test_only_the_needs_of_the_sections_own_learners_weigh_less():
    """Guy is in no section."""
    learners = tuple(a_learner(name) for name in (*NAMES, "guy"))
    settled = settled_for((*NAMES, "guy"), learners=learners)
    weights = {claim.learner_id: claim.weight_milli for claim in settled.claims}
    assert weights == dict.fromkeys(NAMES, 600) | {"guy": 1200}


def test_share_and_weight_are_the_schools_and_no_weight_is_nothing():
    """A fifth of a section is enough, a third of 1.2 is 0.4; nothing of it is 0.001."""
    policy = Policy(reteach_share_milli=200, reteach_weight_milli=333)
    (claim,) = settled_for(("ann",), policy=policy).claims
    assert claim.weight_milli == 400
    (least,) = settled_for(("ann",), policy=replace(policy, reteach_weight_milli=0)).claims
    assert least.weight_milli == 1


def test_a_weight_that_the_caller_set_weighs_less_too_half_rounded_up():
    """Half of 0.777 is 0.389."""
    needs = tuple(a_need(name, weight_milli=777) for name in NAMES)
    assert {claim.weight_milli for claim in settled_for((), needs=needs).claims} == {389}


def test_the_weight_that_sorts_claims_is_the_one_after_it():
    """Guy's 0.9 comes before the 1.2 that weigh 0.6."""
    learners = tuple(a_learner(name) for name in (*NAMES, "guy"))
    needs = (*(a_need(name) for name in NAMES), a_need("guy", level_milli=2100))
    settled = settled_for((), learners=learners, needs=needs)
    assert settled.claims[0].learner_id == "guy"
