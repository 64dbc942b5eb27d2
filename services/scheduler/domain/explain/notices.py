"""What a found week tells the team beside its seats.

Sections to be taught again (S1) and learners whom no cycle brought a gain (S6) follow from needs
and history alone. The week itself shows who works at depth 1 session after session, and whom a
service brings together with somebody they are kept apart from (H8 against H5).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from services.scheduler.domain.model import KeepApart, LearnerHistory
from services.scheduler.domain.question.answer import Answer, Meeting, Place
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.week import Notice, NoticeKind

Attended = dict[str, list[tuple[str, Place]]]
"""Where each learner sits, slots in order of time, without exemptions."""


def notices_of(question: Question, answer: Answer) -> tuple[Notice, ...]:
    """Return the notices of a week, by kind, section, learner and competency."""
    snapshot = question.frame.snapshot
    attended = _attended(snapshot, answer)
    found = [*snapshot.notices, *_shallow(snapshot, attended), *_over_apart(question, attended)]
    return tuple(
        sorted(
            found,
            key=lambda n: (n.kind.value, n.section_id, n.learner_id, n.competency_id, n.message),
        )
    )


def _attended(snapshot: SnapshotIndex, answer: Answer) -> Attended:
    order = {slot_id: number for number, slot_id in enumerate(snapshot.slots)}
    found: Attended = defaultdict(list)
    for (learner_id, slot_id), place in answer.places.items():
        if place.meeting is not None:
            found[learner_id].append((slot_id, place))
    for seats in found.values():
        seats.sort(key=lambda seat: order[seat[0]])
    return found


def _shallow(snapshot: SnapshotIndex, attended: Attended) -> Iterator[Notice]:
    """Yield who comes to too many sessions at depth 1 in a row, last week's end counted in."""
    most = snapshot.problem.policy.dok_one_run
    histories = {one.learner_id: one for one in snapshot.problem.histories}
    for learner_id in sorted(attended):
        meetings = (place.meeting for _, place in attended[learner_id])
        run = _longest_run(histories.get(learner_id), meetings)
        if run >= most:
            yield Notice(
                kind=NoticeKind.DOK_ONE_RUN,
                message=f"Learner {learner_id} comes to {run} sessions at depth of knowledge 1 in"
                f" a row, {most} or more: plan deeper work for them next.",
                learner_id=learner_id,
            )


def _longest_run(history: LearnerHistory | None, meetings: Iterable[Meeting | None]) -> int:
    """Return the longest run that reaches into the week, in order of time.

    A session whose depth nobody stated says nothing: it neither lengthens a run nor ends it.
    """
    run = 0 if history is None else history.dok_one_run
    longest = 0
    for meeting in meetings:
        depth = 0 if meeting is None else meeting.offer.dok
        if depth > 1:
            run = 0
        elif depth == 1:
            run += 1
            longest = max(longest, run)
    return longest


def _over_apart(question: Question, attended: Attended) -> Iterator[Notice]:
    """Yield the rules of pairs whom pins, one of them a service's, bring together.

    The message names neither rule nor pair: who is kept from whom is for who may read the rule, and
    they know it by learner and slot.
    """
    for rule in question.frame.snapshot.problem.keep_apart:
        together = _brought_together(question, rule, attended)
        if together:
            slots = ", ".join(f"slot {slot_id}" for slot_id in together)
            yield Notice(
                kind=NoticeKind.SERVICE_OVER_APART,
                message=f"Somebody is placed by rule, and in {slots} a service comes first: have"
                " somebody look after them there, or move one of the pins.",
                learner_id=rule.learner_id,
            )


def _brought_together(question: Question, rule: KeepApart, attended: Attended) -> list[str]:
    """Return the slots in which the first of a pair is with the other, by pins for a service."""
    slots = question.frame.snapshot.slots
    found = []
    for slot_id, mine in attended.get(rule.learner_id, ()):
        if rule.expire_date is not None and slots[slot_id].date >= rule.expire_date:
            continue
        near = (slot_id, *question.frame.times.clashes[slot_id])
        theirs = [place for other, place in attended.get(rule.other_id, ()) if other in near]
        if any(_share_a_room(mine, place) and _is_for_service(mine, place) for place in theirs):
            found.append(slot_id)
    return found


def _share_a_room(one: Place, other: Place) -> bool:
    if one.meeting is None or other.meeting is None:
        return False
    room_id = one.meeting.room_id
    return one.meeting is other.meeting or (
        room_id is not None and room_id == other.meeting.room_id
    )


def _is_for_service(one: Place, other: Place) -> bool:
    pins = (one.pin, other.pin)
    return None not in pins and any(pin is not None and pin.service for pin in pins)
