"""Whether a week can fit, said before it is planned."""

from dataclasses import replace

from click.testing import CliRunner

from services.scheduler.adapters.problem_file import write_problem
from services.scheduler.domain.fit import fit_of
from services.scheduler.domain.model import RequiredService, SessionKind
from services.scheduler.domain.numbers import Policy, Tier, with_tiers
from services.scheduler.entrypoints.fit import fit_command
from tests.support.schools import (
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned

COMMONS = SessionKind.COMMONS


def worked_example():
    """Return 853 learners and 55 adults; of the learners 128 need a group of 5, 43 one of 3."""
    learners = tuple(a_learner(f"l{n:03}") for n in range(853))
    tiers = (
        Tier(tier_id="3", cap=3, minimum=1, below_level_milli=2000),
        Tier(tier_id="2", cap=5, minimum=1, from_level_milli=2000, below_level_milli=3000),
    )
    needs = [a_need(f"l{n:03}", level_milli=1500) for n in range(43)]
    needs += [a_need(f"l{n:03}", level_milli=2400) for n in range(43, 171)]
    return a_problem(
        slots=(a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40")),
        adults=tuple(an_adult(f"a{n:02}") for n in range(55)),
        rooms=tuple(a_room(f"r{n:02}") for n in range(55)),
        offers=tuple(
            an_offer(f"o{n:02}", f"a{n:02}", COMMONS, room_id=f"r{n:02}") for n in range(55)
        ),
        learners=learners,
        needs=tuple(needs),
        policy=Policy(tiers=tiers),
    )


def test_what_help_takes_is_worked_out_for_the_whole_school():
    """In one slot 41 adults for 171 learners, 49 learners for each other adult; over two 21."""
    found = fit_of(worked_example())
    assert dict(found.learners_by_tier) == {"2": 128, "3": 43}
    one, two = found.help
    assert (one.adults, one.learners, round(one.others_milli / 1000)) == (41, 171, 49)
    assert two.adults == 21
    assert 22_000 < two.others_milli < 23_000
    assert found.fits


def test_where_places_are_too_few_the_slot_says_how_many():
    """One adult of two is away, and the other's room holds two: one of three is too many."""
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("r1", 2), a_room("r2")),
        offers=(an_offer("o1", "ada"), an_offer("o2", "bob", room_id="r2")),
        learners=tuple(map(a_learner, ("kim", "lea", "max"))),
        absences=(an_absence("bob"),),
    )
    (slot,) = fit_of(problem).slots
    assert (slot.learners, slot.places, slot.away, slot.missing) == (3, 2, 1, 1)
    assert not fit_of(problem).fits
    assert [one.short_of for one in planned(problem).capacity] == [1]
    assert fit_of(replace(problem, absences=())).fits


def test_a_pinned_seat_is_a_place_and_an_exemption_asks_for_none():
    """Kim is pinned, lea exempt: of three two need a place, and the room holds two."""
    problem = a_problem(
        rooms=(a_room("r1", 2),),
        learners=tuple(map(a_learner, ("kim", "lea", "max"))),
        pins=(a_pin("p1", "kim", offer_id="o1"), a_pin("p2", "lea", exemption="absent")),
    )
    (slot,) = fit_of(problem).slots
    assert (slot.learners, slot.places) == (2, 2)


def test_services_and_pins_that_nothing_can_keep_are_told():
    """Nobody gives speech, and a pin names a slot that the week has not."""
    problem = a_problem(
        services=(RequiredService(learner_id="lea", service="speech", minutes=40),),
        pins=(a_pin("p1", "lea", "tue-9", offer_id="o1"),),
    )
    found = fit_of(problem)
    assert (found.demanded_minutes, found.deliverable_minutes) == (40, 0)
    assert any("p1" in one.message for one in found.breaches)
    assert any("speech" in one.message for one in found.breaches)


def test_the_command_says_it_in_tables_and_by_its_exit_code(tmp_path):
    """Slots, help, the verdict."""
    file = tmp_path / "problem.json"
    problem = a_problem(needs=(a_need("lea"),), policy=with_tiers(Policy()))
    file.write_text(write_problem(problem), "utf-8")
    result = CliRunner().invoke(fit_command, [str(file)], terminal_width=200)
    assert result.exit_code == 0, result.output
    assert "1 of tier" in result.output
    assert "Nothing says that the week does not fit." in result.output
    file.write_text(write_problem(replace(problem, rooms=(), offers=())), "utf-8")
    result = CliRunner().invoke(fit_command, [str(file)])
    assert result.exit_code == 3
    assert "1 too few" in result.output
