"""What a learner may choose from: what is open, in scope and not opted out of, and no labels."""

from dataclasses import replace

import pytest

from services.scheduler.domain.asking.short_list import MAX_WAYS, lists_of, short_list
from services.scheduler.domain.model import Decision, Mode, OptOut, Scope, SessionKind
from services.scheduler.domain.titles import refusal
from tests.support.asking import a_group, asking, english_slot
from tests.support.asking_api import an_enrichment
from tests.support.schools import (
    AS_OF_DAY,
    a_competency,
    a_learner,
    a_need,
    a_room,
    an_absence,
    an_adult,
)


def a_list(learner_id="lea", **changes):
    """Return the short list of a learner in a school with a club."""
    offers = changes.pop("offers", (a_group("max"), a_group("eve"), an_enrichment("robots")))
    return short_list(lists_of(asking(offers=offers, **changes)), learner_id)


def ways(found, target="fractions"):
    """Return the ways of a target, as kind and offer."""
    (one,) = [one for one in found.targets if one.competency_id == target]
    return [(way.kind, way.offer_id) for way in one.ways]


def test_an_open_need_has_its_ways_and_a_re_assessment():
    """A taught group of who may work on it, and showing it again; enrichment stands beside."""
    found = a_list(needs=(a_need(),))
    assert ways(found) == [(SessionKind.REASSESSMENT, ""), (SessionKind.SMALL_GROUP, "o-max")]
    assert [way.offer_id for way in found.enrichment] == ["robots"]
    assert not found.is_target_set


def test_enrichment_is_for_all_and_never_earned():
    """A learner with many needs and one with none have the same enrichment."""
    needs = (a_need(), a_need(competency_id="essays", level_milli=1000))
    lea, leo = (a_list(name, needs=needs) for name in ("lea", "leo"))
    assert lea.enrichment == leo.enrichment != ()
    assert leo.targets == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": Decision.PROFICIENT, "level_milli": 3200, "at_least_eight_tenths_micro": 9},
        {"level_milli": 3000},
    ],
)
def test_what_is_mastered_is_not_on_the_list(changes):
    """Neither help nor a re-assessment is offered for it, and it may not be chosen."""
    found = a_list(needs=(a_need(**changes),))
    assert found.targets == ()
    assert ("", "fractions") not in found.lawful


def test_too_little_evidence_gives_a_check_and_no_help():
    """The floor of help is the floor of the list (H10)."""
    checks = a_group("max", kind=SessionKind.CHECK)
    found = a_list(
        needs=(a_need(evidence_count=1, day_count=1),),
        offers=(replace(checks, offer_id="check"), a_group("max")),
    )
    assert (SessionKind.CHECK, "check") in ways(found)
    assert (SessionKind.SMALL_GROUP, "o-max") not in ways(found)


def test_what_is_not_for_the_learner_is_not_on_the_list():
    """Scope of offer and slot, enrolment and the family's word (H4)."""
    clubs = (
        an_enrichment("robots", scope=Scope(grades=("5",))),
        an_enrichment("chess"),
        an_enrichment("choir", slot_ids=("mon-2",)),
    )
    slots = (english_slot(), english_slot("mon-2", "10:00", "10:40", scope=Scope(grades=("5",))))
    found = a_list(
        offers=(*clubs, a_group("max")),
        slots=slots,
        needs=(a_need(),),
        opt_outs=(OptOut(learner_id="lea", offer_id="chess"),),
    )
    assert found.enrichment == ()
    assert all(set(way.slot_ids) == {"mon-1"} for one in found.targets for way in one.ways)
    out = a_list(
        offers=(a_group("max"),),
        needs=(a_need(),),
        opt_outs=(OptOut(learner_id="lea", subject="math"),),
    )
    assert out.targets == ()


def test_what_cannot_be_held_is_not_on_the_list():
    """An adult who is away, and one who may not lead the kind."""
    away = a_list(needs=(a_need(),), absences=(an_absence("max"),))
    assert ways(away) == [(SessionKind.REASSESSMENT, "")]
    barred = an_adult("max", ("math",))
    adults = (replace(barred, kinds=(SessionKind.COMMONS,)), an_adult("eve"), an_adult("art"))
    assert (SessionKind.SMALL_GROUP, "o-max") not in ways(a_list(needs=(a_need(),), adults=adults))


def test_of_many_ways_five_are_shown_of_different_kinds_first_and_all_may_be_chosen():
    """Taught, with peers and at a screen come before a second group of one kind."""
    groups = [replace(a_group("max"), offer_id=f"taught-{n}", room_id=f"r{n}") for n in range(5)]
    others = [
        replace(a_group("max"), offer_id=mode.value, mode=mode, room_id="r0")
        for mode in (Mode.PEER, Mode.SCREEN)
    ]
    rooms = tuple(a_room(f"r{n}") for n in range(5))
    found = a_list(needs=(a_need(),), offers=(*groups, *others), rooms=rooms)
    (target,) = found.targets
    assert len(target.ways) == MAX_WAYS
    assert {(way.kind, way.mode) for way in target.ways[:4]} == {
        (SessionKind.REASSESSMENT, Mode.TAUGHT),
        (SessionKind.SMALL_GROUP, Mode.TAUGHT),
        (SessionKind.SMALL_GROUP, Mode.PEER),
        (SessionKind.SMALL_GROUP, Mode.SCREEN),
    }
    assert {("taught-4", "fractions"), ("taught-0", "fractions")} <= set(found.lawful)


def test_for_who_is_far_behind_the_targets_are_set_and_session_and_way_are_chosen():
    """The heaviest needs up to the policy's number; the rest may not be chosen, enrichment may."""
    ideas = [f"c{n}" for n in range(5)]
    competencies = tuple(
        a_competency(one, f"Idea {one}", essential=True, due_date=AS_OF_DAY) for one in ideas
    )
    needs = tuple(
        a_need(competency_id=one, level_milli=1000 + 100 * n) for n, one in enumerate(ideas)
    )
    found = a_list(needs=needs, competencies=competencies)
    assert found.is_target_set
    assert [one.competency_id for one in found.targets] == ["c0", "c1", "c2"]
    assert ("o-max", "c4") not in found.lawful
    assert ("robots", "") in found.lawful
    assert len(found.targets[0].ways) == 2


def test_nothing_on_a_list_labels_anybody():
    """Labels without codes, neutral titles, in the order of names (H11)."""
    competencies = (
        a_competency("fractions", "Zebra stripes", code="5.NF.A.1"),
        a_competency("essays", "Tier 2 writing", subject="English"),
        a_competency("other", "Adding", subject="math"),
    )
    needs = tuple(a_need(competency_id=one.competency_id) for one in competencies)
    offers = (
        a_group("max", title="Level 2 math"),
        a_group("eve"),
        an_enrichment("robots", title="5.NF.A.1 club"),
        an_enrichment("chess"),
    )
    found = a_list(needs=needs, competencies=competencies, offers=offers)
    titles = [way.title for one in found.targets for way in one.ways]
    texts = [*titles, *(one.label for one in found.targets), *(w.title for w in found.enrichment)]
    codes = ["5.NF.A.1"]
    assert texts
    assert [text for text in texts if refusal(text, (), codes)] == []
    labels = [one.label for one in found.targets]
    assert labels == sorted(labels)


def test_who_is_not_in_the_school_has_no_list():
    """Nobody is made up."""
    assert a_list("ghost", learners=(a_learner("lea"),)) is None
