"""The bytes of every form of fact that the scheduler ever published, which decode for ever.

A file under tests/contract/pinned is never changed: a new form of a fact gets a new file.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from trellis.scheduler.v1 import cycle_pb2, week_pb2

from services.scheduler.adapters.wire.cycle_facts import cycle_step_done
from services.scheduler.adapters.wire.facts import week_published
from services.scheduler.domain.cycle.marks import MarkState, StepMark
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.revision import Revision, SignOff
from services.scheduler.domain.runs import Report
from services.scheduler.domain.week import Summary

FACTS = Path(__file__).parents[1] / "pinned" / "trellis.scheduler.v1"
PINNED = FACTS / "week_published.hex"
PINNED_STEP = FACTS / "cycle_step_done.hex"
NOW = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
SUMMARY = Summary(
    learners=853,
    slots=6,
    sessions=324,
    seats=5072,
    exemptions=2,
    needs=0,
    needs_met=0,
    checks_due=0,
    checks_met=0,
    need_weight_met_micro=0,
    assignment_gap_micro=0,
    openings_tried=0,
)


def the_fact():
    """Return a fact that a revision was published."""
    revision = Revision(
        number=2,
        run_id="run-1",
        week_hash="ab" * 32,
        report=Report(summary=SUMMARY, capacity=(), breaches=()),
        sign_off=SignOff(adult_id="a000", time=NOW, week_hash="ab" * 32),
        publish_time=NOW,
    )
    return week_published("henry", "hcms", date(2026, 11, 23), revision)


def test_a_fact_has_the_bytes_it_always_had() -> None:
    """What is published today is, byte for byte, what was published at first."""
    assert the_fact().value.hex() == PINNED.read_text(encoding="ascii").strip()


def test_the_pinned_fact_decodes() -> None:
    """A reader of today understands what still stands in the topic."""
    event = week_pb2.SchedulerEvent.FromString(bytes.fromhex(PINNED.read_text(encoding="ascii")))
    assert event.school == "districts/henry/schools/hcms"
    assert event.occur_time.ToDatetime(tzinfo=UTC) == NOW
    assert event.week_published == week_pb2.WeekPublished(
        week="districts/henry/schools/hcms/weeks/2026-11-23",
        revision=2,
        week_hash="ab" * 32,
        sessions=324,
        seats=5072,
        sign_off_adult="districts/henry/adults/a000",
    )


def test_a_fact_is_found_again_by_its_id() -> None:
    """Sent twice, it has one id, so readers drop the repeat; the key is the school."""
    first, second = the_fact(), the_fact()
    assert first == second
    assert first.key == b"districts/henry/schools/hcms"


def the_step():
    """Return a fact that a step published a week."""
    mark = StepMark(
        school_id="hcms",
        monday=date(2026, 11, 23),
        step=Step.PUBLISH,
        due=NOW,
        state=MarkState.DONE,
        time=NOW,
        outcome="The week is published as revision 1. Adult a000 signed it off.",
        run_id="run-1",
        revision=1,
    )
    return cycle_step_done("henry", mark)


def test_a_step_has_the_bytes_it_always_had() -> None:
    """What is told of a step today is, byte for byte, what was told at first."""
    assert the_step().value.hex() == PINNED_STEP.read_text(encoding="ascii").strip()


def test_the_pinned_step_decodes() -> None:
    """A reader of today understands what still stands in the topic."""
    pinned = bytes.fromhex(PINNED_STEP.read_text(encoding="ascii"))
    event = week_pb2.SchedulerEvent.FromString(pinned)
    step = event.cycle_step_done
    assert (step.week, step.step, step.state, step.revision) == (
        "districts/henry/schools/hcms/weeks/2026-11-23",
        cycle_pb2.CYCLE_STEP_PUBLISH,
        cycle_pb2.CYCLE_STEP_STATE_DONE,
        1,
    )
    assert step.due_time.ToDatetime(tzinfo=UTC) == NOW
    assert the_step().key == b"districts/henry/schools/hcms"
