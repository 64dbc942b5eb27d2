"""Requests that can never be kept (H4, H9) are refused, with what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.model import (
    OptOut,
    Scope,
    SessionKind,
)
from services.scheduler.domain.week import RequestState
from tests.support.asking import (
    ADMINISTRATOR,
    ADULTS,
    a_group,
    a_request,
    english_slot,
    sentence,
    settled,
    states,
)
from tests.support.schools import (
    MONDAY,
    a_learner,
    a_need,
    a_room,
    an_absence,
    an_adult,
)

SEATED, NEXT = RequestState.SEATED, RequestState.NEXT


SCOPE = Scope(grades=("7",))


@pytest.mark.parametrize(
    ("request_changes", "changes", "said"),
    [
        (
            {"learner_id": "nobody"},
            {},
            "learner nobody is not in the school, so name one who is",
        ),
        (
            {"slot_id": "sun-1"},
            {},
            "slot sun-1 is not in the week, so name one of its slots",
        ),
        (
            {"offer_id": "o-gone"},
            {},
            "offer o-gone is not known, or its adult or room is not, so name another offer or"
            " complete it",
        ),
        (
            {},
            {"adults": ()},
            "offer o-eve is not known, or its adult or room is not, so name another offer or"
            " complete it",
        ),
        (
            {},
            {"rooms": ()},
            "offer o-eve is not known, or its adult or room is not, so name another offer or"
            " complete it",
        ),
        (
            {},
            {"offers": (a_group("eve", slot_ids=("tue-1",)),)},
            "offer o-eve does not stand in slot mon-1, so name a slot in which it does",
        ),
        (
            {},
            {"learners": (a_learner("lea", withdraw_date=MONDAY),)},
            "learner lea is not enrolled on the day of slot mon-1, so cancel it or mend the"
            " enrolment",
        ),
        (
            {},
            {"slots": (english_slot(scope=SCOPE),)},
            "slot mon-1 is not for learner lea, so name a slot that is",
        ),
        (
            {},
            {"offers": (a_group("eve", scope=Scope(tags=("bus-2",))),)},
            "offer o-eve is not for learner lea, so name an offer that is",
        ),
        (
            {},
            {"opt_outs": (OptOut(learner_id="lea", offer_id="o-eve"),)},
            "the family of learner lea has opted out of it, so name another offer or ask the"
            " family",
        ),
        (
            {},
            {"opt_outs": (OptOut(learner_id="lea", kind=SessionKind.SMALL_GROUP),)},
            "the family of learner lea has opted out of it, so name another offer or ask the"
            " family",
        ),
        (
            {"competency_id": "essays"},
            {"opt_outs": (OptOut(learner_id="lea", subject="English"),)},
            "the family of learner lea has opted out of it, so name another offer or ask the"
            " family",
        ),
        (
            {},
            {"absences": (an_absence("eve"),)},
            "adult eve, who leads offer o-eve, is not there in slot mon-1, so name another offer or"
            " slot",
        ),
        (
            {},
            {"offers": (a_group("eve", co_adult_ids=("art",)),), "absences": (an_absence("art"),)},
            "adult art, who leads offer o-eve, is not there in slot mon-1, so name another offer or"
            " slot",
        ),
        (
            {"competency_id": "unheard-of"},
            {},
            "competency unheard-of is not known, so name another or none",
        ),
        (
            {"competency_id": "fractions"},
            {},
            "offer o-eve of adult eve cannot work on competency fractions, so name another offer"
            " or competency",
        ),
        (
            {"competency_id": "essays"},
            {"needs": (a_need("lea", "essays", adult_id="art"),)},
            "adult art alone may work on competency essays with learner lea, so name an offer of"
            " theirs",
        ),
    ],
)
def test_what_can_never_be_kept_is_refused_with_what_to_do(request_changes, changes, said):
    """It wins nothing and bars nobody."""
    asked = a_request("r0", level=ADMINISTRATOR, **request_changes)
    found = settled(asked, **changes)
    assert found.pins == ()
    (outcome,) = found.outcomes
    assert (outcome.state, outcome.winner_id) == (RequestState.REFUSED, "")
    assert outcome.sentence == f"Refused: {said}."


def test_nobody_else_is_refused_for_the_faults_of_another():
    """Opt-outs, absences and adults of others, of other days and of other competencies."""
    changes = {
        "opt_outs": (
            OptOut(learner_id="leo", offer_id="o-eve"),
            OptOut(learner_id="lea", offer_id="o-max"),
            OptOut(learner_id="lea", kind=SessionKind.ONE_TO_ONE),
            OptOut(learner_id="lea", subject="math"),
        ),
        "absences": (
            an_absence("max"),
            an_absence("eve", date=MONDAY + timedelta(days=1)),
            an_absence("eve", slot_ids=("mon-2",)),
        ),
        "needs": (
            a_need("leo", "essays", adult_id="art"),
            a_need("lea", "fractions", adult_id="art"),
            a_need("lea", "essays", adult_id="eve"),
        ),
        "slots": (english_slot(scope=Scope(grades=("6",))),),
    }
    assert states(a_request(competency_id="essays"), **changes) == {"r1": "seated"}


def test_planning_time_other_kinds_and_closed_rooms_are_refused():
    """An adult who is not there in the slot, may not lead the kind, or has no open room."""
    eve = an_adult("eve", ("English",))
    others = (an_adult("max", ("math",)), an_adult("art", ("art",)))
    planning = (replace(eve, slot_ids=("tue-1",)), *others)
    assert "is not there in slot mon-1" in sentence(a_request(), adults=planning)
    checks = (replace(eve, kinds=(SessionKind.CHECK,)), *others)
    assert "adult eve may not lead what offer o-eve is" in sentence(a_request(), adults=checks)
    rooms = tuple(replace(a_room(f"room-{n}"), closed_slot_ids=("mon-1",)) for n in ADULTS)
    assert "no room of offer o-eve is open in slot mon-1" in sentence(a_request(), rooms=rooms)
    assert states(a_request(), rooms=rooms, offers=(a_group("eve", room_id=None),)) == {
        "r1": "seated"
    }


def test_anybody_may_check_what_one_adult_alone_may_teach():
    """H9 speaks of the course, not of showing what one can do."""
    checks = a_group("eve", kind=SessionKind.CHECK)
    needs = (a_need("lea", "essays", adult_id="art"),)
    asked = a_request(competency_id="essays")
    assert states(asked, offers=(checks,), needs=needs) == {"r1": "seated"}
