"""What a school has set for its people, as a plan run reads it."""

from datetime import date

from services.scheduler.domain.learner_settings import (
    Consent,
    FamilyOptOut,
)
from services.scheduler.domain.model import Absence, OptOut, Section, SessionKind
from services.scheduler.domain.people import PostedAdult
from services.scheduler.domain.planned_people import PeopleSettings, visitors, with_people
from services.scheduler.domain.snapshot import normalised
from services.scheduler.handlers.problem import make_problem
from tests.support.people import a_learner_setting, a_section, a_staff_member, from_to
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import set_up
from tests.support.schedules import DISTRICT, NOW, SCHOOL, a_run
from tests.support.schools import MONDAY, a_learner, a_problem, a_slot, an_adult, an_offer

SLOTS = (a_slot(), a_slot("mon-2", "10:00", "10:40"))


def planned(staff=(), learners=(), sections=(), **changes):
    """Return a problem with two slots, two adults and two learners, with the settings in it."""
    fields = {
        "slots": SLOTS,
        "adults": (an_adult(), an_adult("bo", ("english",))),
        "learners": (a_learner(), a_learner("max")),
    }
    people = PeopleSettings(
        staff={one.id: one for one in staff},
        learners={one.id: one for one in learners},
        sections=tuple(sections),
    )
    return with_people(a_problem(**(fields | changes)), people)


def test_an_adult_gets_kinds_load_and_the_slots_that_are_not_planning_time():
    """What is not planning time is what the problem lists; without an entry nothing is limited."""
    ada, bo = planned([a_staff_member()]).adults
    assert ada.kinds == (SessionKind.COMMONS, SessionKind.ENRICHMENT)
    assert (ada.slot_ids, ada.load, ada.preparations) == (("mon-2",), 5, 2)
    assert bo == an_adult("bo", ("english",))


def test_planning_time_in_another_week_or_in_none_limits_nothing():
    """A slot that the policy no longer has is nobody's planning time."""
    ada, _ = planned([a_staff_member(planning_slot_ids=("gone",))]).adults
    assert ada.slot_ids == ()


def test_who_plans_in_every_slot_leads_in_none():
    """No slot at all would read as every slot, so the adult is away on the week's days."""
    problem = planned([a_staff_member(planning_slot_ids=("mon-1", "mon-2"))])
    assert problem.absences == (Absence(adult_id="ada", date=MONDAY),)


def test_a_learner_gets_tags_consents_and_what_the_plan_says():
    """A consent counts from its day on: one of next week is none yet."""
    consents = (
        Consent(law="HB1416", date=MONDAY),
        Consent(law="later", date=date(2026, 11, 24)),
    )
    lea, other = planned(learners=[a_learner_setting(consents=consents)]).learners
    assert (lea.tags, lea.consents, lea.far_behind) == (("bus-12", "studio-b"), ("HB1416",), False)
    assert other == a_learner("max")


def test_opt_outs_are_of_learners_and_offers_that_there_are():
    """A family's word about an offer of before bars nothing, and no run fails of it."""
    settings = [
        a_learner_setting(opt_outs=(FamilyOptOut(offer_id="gone"), FamilyOptOut(subject="health"))),
        a_learner_setting("nobody"),
    ]
    assert planned(learners=settings).opt_outs == (OptOut(learner_id="lea", subject="health"),)


def test_classes_give_known_adults_and_sections():
    """A learner knows who teaches them; a section has its learners and one teacher."""
    problem = planned(sections=[a_section(adults=("bo", "ada"), learners=("lea", "gone"))])
    lea, other = problem.learners
    assert (lea.adult_ids, other.adult_ids) == (("ada", "bo"), ())
    # Ada is qualified for math, and so she is told of the section, not who helps in it.
    assert problem.sections == (
        Section(section_id="6a", subject="math", adult_id="ada", learner_ids=("lea",)),
    )


def test_a_class_that_has_ended_or_has_no_learner_is_none():
    """What met in spring says nothing of a week in November."""
    spring = from_to("2026-01-05", "2026-05-29")
    problem = planned(sections=[a_section(terms=(spring,)), a_section("6b", learners=())])
    assert problem.sections == ()
    assert {one.adult_ids for one in problem.learners} == {()}


def test_a_class_whose_teacher_has_left_has_no_teacher():
    """Who is no longer an active adult is neither known nor told."""
    problem = planned(sections=[a_section(adults=("gone",))])
    assert problem.sections[0].adult_id == ""
    assert problem.learners[0].adult_ids == ()


def test_everything_is_a_lawful_problem():
    """A problem with all settings in it is normal, and comes in one order."""
    problem = planned([a_staff_member()], [a_learner_setting()], [a_section()])
    assert normalised(problem) == normalised(normalised(problem))


def test_visitors_are_those_who_lead_by_an_entry():
    """Neither an entry alone nor an offer alone brings somebody of another school in."""
    offers = [an_offer(), an_offer("o2", "guest"), an_offer("o3", "stranger")]
    staff = {one: a_staff_member(one) for one in ("guest", "office", "ada")}
    assert visitors(offers, [an_adult()], staff) == ("guest",)
    together = [an_offer(co_adult_ids=("guest",))]
    assert visitors(together, [an_adult()], staff) == ("guest",)


async def test_a_run_reads_the_settings_and_the_classes_of_the_school():
    """The snapshot of a run holds what was set, and a visitor with their subjects."""
    api = Api(a_problem(offers=(an_offer(), an_offer("o2", "guest"))))
    await set_up(api.as_("office"), api.problem)
    guest = an_adult("guest", ("speech",))
    api.book.visitors["guest"] = PostedAdult(adult=guest, school_id="south", active=True)
    api.book.sections = (a_section(),)
    async with api.store.change(DISTRICT, SCHOOL) as view:
        staff = [
            a_staff_member(planning_slot_ids=(), version=1),
            a_staff_member("guest", planning_slot_ids=(), version=1),
        ]
        await view.staff_members.keep(staff, NOW)
        await view.learner_settings.keep([a_learner_setting(version=1)], NOW)
    problem = (await make_problem(DISTRICT, a_run(), api.planner.sources)).problem
    assert [one.adult_id for one in problem.adults] == ["ada", "guest"]
    assert problem.adults[1].subjects == ("speech",)
    assert problem.adults[0].load == 5
    assert problem.learners[0].adult_ids == ("ada",)
    assert problem.learners[0].tags == ("bus-12", "studio-b")
    assert [one.section_id for one in problem.sections] == ["6a"]
    assert len(problem.opt_outs) == 3
    assert "f1" not in str(problem)


async def test_a_visitor_who_has_left_the_district_is_nobody():
    """An entry outlives a post: who is not active leads nothing."""
    api = Api(a_problem(offers=(an_offer(), an_offer("o2", "guest"))))
    await set_up(api.as_("office"), api.problem)
    posted = PostedAdult(adult=an_adult("guest"), school_id="south", active=False)
    api.book.visitors["guest"] = posted
    async with api.store.change(DISTRICT, SCHOOL) as view:
        await view.staff_members.keep([a_staff_member("guest", version=1)], NOW)
    problem = (await make_problem(DISTRICT, a_run(), api.planner.sources)).problem
    assert [one.adult_id for one in problem.adults] == ["ada"]
