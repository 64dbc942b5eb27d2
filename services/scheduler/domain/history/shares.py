"""What each learner had in the weeks before: shares (S4), shallow work, weeks without help.

A seat to which the learner did not come is none here: it was no enrichment and no help, and its
slot does not count in the share either, so that who was ill is not thought to have had too little.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.scheduler.domain.history.digest import LearnerMark, NeedState, SeatMark
from services.scheduler.domain.history.past import PastWeek, in_time
from services.scheduler.domain.history.weeks import FEWEST_WEEKS_READ
from services.scheduler.domain.model import LearnerHistory

SHARE_WEEKS = FEWEST_WEEKS_READ
"""S4 looks at the shares of so many weeks of school."""
HELP_DUE = (NeedState.UNMET, NeedState.MET)


@dataclass(frozen=True, kw_only=True)
class LearnerRecord:
    """What has come together of a learner, up to a week."""

    weeks: tuple[tuple[int, int], ...] = ()
    """Of the last weeks of S4, the oldest first: seats, and those of enrichment or own choice."""
    dok_one_run: int = 0
    weeks_without_need_seat: int = 0


Records = Mapping[str, LearnerRecord]
"""By learner."""
NOTHING = LearnerRecord()


def learner_histories(weeks: Iterable[PastWeek]) -> tuple[LearnerHistory, ...]:
    """Return what the weeks before say of each learner, by id; who has no record is left out."""
    records: Records = {}
    for week in in_time(weeks):
        records = after(records, week)
    histories = (_history(learner_id, record) for learner_id, record in sorted(records.items()))
    return tuple(one for one in histories if one != LearnerHistory(learner_id=one.learner_id))


def after(records: Records, week: PastWeek) -> Records:
    """Return the records once one more week of school has gone by."""
    marks = {one.learner_id: one for one in week.digest.learners} if week.digest else {}
    found = {}
    for learner_id in {**records, **marks}:
        mark = marks.get(learner_id)
        record = records.get(learner_id, NOTHING)
        found[learner_id] = _quiet(record) if mark is None else _taught(record, mark, week)
    return found


def _quiet(record: LearnerRecord) -> LearnerRecord:
    """Return a record after a week that says nothing of the learner."""
    return replace(record, weeks=_shifted(record, 0, 0), weeks_without_need_seat=0)


def _taught(record: LearnerRecord, mark: LearnerMark, week: PastWeek) -> LearnerRecord:
    seats = week.attended(mark)
    own = sum(seat.is_own_choice for seat in seats)
    return LearnerRecord(
        weeks=_shifted(record, len(seats), own),
        dok_one_run=_run_after(record.dok_one_run, seats),
        weeks_without_need_seat=_without_after(record.weeks_without_need_seat, mark, seats),
    )


def _shifted(record: LearnerRecord, slots: int, own: int) -> tuple[tuple[int, int], ...]:
    return (*record.weeks, (slots, own))[-SHARE_WEEKS:]


def _run_after(run: int, seats: Iterable[SeatMark]) -> int:
    """Return the row of sessions at depth 1; one that states no depth changes nothing."""
    for seat in seats:
        if seat.session.dok == 1:
            run += 1
        elif seat.session.dok > 1:
            run = 0
    return run


def _without_after(weeks: int, mark: LearnerMark, seats: Iterable[SeatMark]) -> int:
    """Return the weeks in a row in which help was due to the learner and they had none."""
    due = any(state in HELP_DUE for state in mark.states)
    return weeks + 1 if due and not any(seat.is_help for seat in seats) else 0


def _history(learner_id: str, record: LearnerRecord) -> LearnerHistory:
    return LearnerHistory(
        learner_id=learner_id,
        slot_count=sum(slots for slots, _ in record.weeks),
        own_choice_count=sum(own for _, own in record.weeks),
        dok_one_run=record.dok_one_run,
        weeks_without_need_seat=record.weeks_without_need_seat,
    )
