"""The bytes of the fact that an outcome of a request changed, which decode for ever."""

from datetime import UTC, date, datetime
from pathlib import Path

from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.wire.asked_facts import request_settled
from services.scheduler.domain.asking.requests import AdultRequest, Outcome
from services.scheduler.domain.model import RequestLevel
from services.scheduler.domain.week import RequestOutcome, RequestState

PINNED = Path(__file__).parents[1] / "pinned" / "trellis.scheduler.v1" / "request_settled.hex"
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def the_fact(number=2, sentence="Next: higher request, English, until 9:40."):
    """Return the fact that math is next to English."""
    request = AdultRequest(
        school_id="hcms",
        id="math",
        version=1,
        monday=date(2026, 11, 23),
        learner_id="l0042",
        slot_id="mon-1",
        offer_id="o-max",
        competency_id="fractions",
        level=RequestLevel.TEACHER,
        adult_id="max",
        actor="districts/henry/adults/max",
        weight_milli=1200,
        weeks_waiting=1,
        create_time=NOW,
    )
    outcome = RequestOutcome(
        request_id="math",
        state=RequestState.NEXT,
        winner_id="english",
        sentence=sentence,
    )
    told = Outcome(request_id="math", number=number, outcome=outcome, settle_time=NOW)
    return request_settled("henry", request, told)


def test_the_fact_has_the_bytes_it_always_had() -> None:
    """What is told today is, byte for byte, what was told at first."""
    assert the_fact().value.hex() == PINNED.read_text(encoding="ascii").strip()
    assert the_fact().key == b"districts/henry/schools/hcms"


def test_an_outcome_that_is_sent_again_has_the_id_that_it_had() -> None:
    """The id follows from which outcome of which request it is, and from nothing else."""

    def id_of(**changes: object) -> str:
        return week_pb2.SchedulerEvent.FromString(the_fact(**changes).value).event_id

    assert id_of(sentence="in other words") == id_of()
    assert id_of(number=3) != id_of()


def test_the_pinned_fact_decodes_and_holds_no_words_of_people() -> None:
    """Who asks, when, and what became of it; no sentence, level or weight."""
    event = week_pb2.SchedulerEvent.FromString(bytes.fromhex(PINNED.read_text(encoding="ascii")))
    assert event.occur_time.ToDatetime(tzinfo=UTC) == NOW
    assert event.request_settled == week_pb2.RequestSettled(
        request="districts/henry/schools/hcms/weeks/2026-11-23/requests/math",
        learner="districts/henry/learners/l0042",
        slot_id="mon-1",
        state=week_pb2.RequestSettled.STATE_NEXT,
        winner="english",
        number=2,
    )
