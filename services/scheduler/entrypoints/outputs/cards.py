"""Makes the sheets of staff: teachers' cards with codes and reasons, and a substitute's day.

A substitute reads the skill and what to do, no level and no reason: for a day, that is enough.
"""

from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property
from typing import Final

from services.scheduler.domain.check.index import Index
from services.scheduler.domain.day.options import Options
from services.scheduler.domain.day.substitutes import led_or_handed_on
from services.scheduler.domain.day.unstaffed import away_in
from services.scheduler.domain.explain.sentences import day as short_day
from services.scheduler.domain.model import Need, SessionKind
from services.scheduler.domain.week import NoticeKind, RequestState, Seat, Session
from services.scheduler.entrypoints.outputs.asked import Lost
from services.scheduler.entrypoints.outputs.printed import Press
from services.scheduler.entrypoints.outputs.sheets import (
    Card,
    CardGroup,
    CardLine,
    CardSession,
    SubstituteDay,
    SubstituteSession,
)
from services.scheduler.entrypoints.pages.editions import NOBODY_LEADS, by_surname, day
from services.scheduler.entrypoints.words import KIND_WORDS, SEAT_WORDS, reason_for_staff

WHAT_TO_DO: Final = {
    SessionKind.SMALL_GROUP: "Teach or practise this skill with the group, in small steps.",
    SessionKind.ONE_TO_ONE: "Work on this skill together, one to one.",
    SessionKind.CHECK: "Let each show alone what they can do; collect the work, unmarked.",
    SessionKind.REASSESSMENT: "Let each show it again alone; collect the work, unmarked.",
    SessionKind.ENRICHMENT: "Go on with the activity that is laid out.",
    SessionKind.SERVICE: "Do not lead this yourself: ask the office who does.",
    SessionKind.COMMONS: "Be there to ask; each works on what they brought.",
}
"""What a substitute does; a kind that comes to be gets its line here."""

STAND_INS_SHOWN: Final = 5
STANDARD_FIRST: Final = "Take attendance first. Who is missing: tell the office."


def cards(press: Press, adult_ids: Collection[str] | None = None) -> tuple[Card, ...]:
    """Return a card for each adult who leads something (None: all), by surname."""
    led: dict[str, list[Session]] = {}
    for session in press.reader.sessions_in_time():
        for adult_id in press.leads[session.session_id]:
            if adult_ids is None or adult_id in adult_ids:
                led.setdefault(adult_id, []).append(session)
    lost = _lost(press)
    ordered = sorted(led, key=lambda one: (by_surname(press.reader.adult(one)), one))
    return tuple(
        Card(
            adult=press.reader.adult(adult_id),
            sessions=tuple(_card_session(press, each) for each in led[adult_id]),
            lost=tuple(lost.get(adult_id, ())),
            notices=tuple(_notices(press, adult_id)),
        )
        for adult_id in ordered
    )


def substitute_days(press: Press, adult_id: str, on: date | None) -> tuple[SubstituteDay, ...]:
    """Return an adult's day for who stands in; None: every day of the week on which they lead.

    What was given to a substitute already is on it, and what nobody leads yet, with who could.
    """
    days: dict[date, list[Session]] = {}
    offers = {one.offer_id: one for one in press.problem.offers}
    for session in press.reader.sessions_in_time():
        if adult_id in led_or_handed_on(session, offers) and on in (None, session.date):
            days.setdefault(session.date, []).append(session)
    can_stand_in = _StandIns(press)
    return tuple(
        SubstituteDay(
            adult=press.reader.adult(adult_id),
            day=day(each),
            sessions=tuple(_substitute_session(press, one, adult_id, can_stand_in) for one in held),
        )
        for each, held in days.items()
    )


class _StandIns:
    """Says who could lead what nobody leads, and who could take its learners; a moment of work."""

    def __init__(self, press: Press) -> None:
        self._press = press

    @cached_property
    def _options(self) -> Options:
        press = self._press
        problem = press.problem
        away = away_in(problem.slots, (*problem.absences, *press.meanwhile.absences))
        return Options(Index(problem, press.week), away)

    def of(self, session: Session) -> tuple[str, ...]:
        """Return what can be done about a session, in sentences, for the office to choose from."""
        found = self._options.of(session)
        reader, count = self._press.reader, len(found.learner_ids)
        free = [reader.adult(one) for one in found.substitutes[:STAND_INS_SHOWN]]
        takers = [
            f"{', '.join(filter(None, reader.where(one.session)))}: {one.seats} of {count}"
            for one in (*found.merges, *found.releases)[:STAND_INS_SHOWN]
        ]
        return (
            f"Free to lead it: {', '.join(free)}." if free else "Nobody is free to lead it.",
            *([f"Could take its learners: {'; '.join(takers)}."] if takers else []),
        )


def _card_session(press: Press, session: Session) -> CardSession:
    slot = press.reader.slots[session.slot_id]
    seats = press.reader.seats_in(session)
    target = press.competency(session.competency_id)
    return CardSession(
        slot=slot.label,
        when=slot.when,
        title=session.title,
        target=target.label if target else "",
        code=target.code if target else "",
        kind=KIND_WORDS[session.kind],
        room=press.reader.room(session),
        cap=session.cap,
        count=len(seats),
        lines=tuple(_card_line(press, seat) for seat in seats) if target else (),
        note=NOBODY_LEADS if press.reader.is_unstaffed(session) else "",
        learners=() if target else tuple(press.reader.learner(one.learner_id) for one in seats),
        groups=() if target else _card_groups(press, seats),
    )


def _card_line(press: Press, seat: Seat) -> CardLine:
    need = press.needs.get((seat.learner_id, seat.competency_id or ""))
    return CardLine(
        name=press.reader.learner(seat.learner_id),
        is_new=_is_new(press, seat),
        rule=SEAT_WORDS[seat.rule],
        why=press.naming.named(reason_for_staff(seat)),
        evidence=_evidence(need) if need else "",
    )


def _card_groups(press: Press, seats: Iterable[Seat]) -> tuple[CardGroup, ...]:
    """Return each reason once with who shares it: where there is no target, most have the same."""
    of_reason: dict[str, list[str]] = {}
    for seat in seats:
        why = press.naming.named(reason_for_staff(seat))
        of_reason.setdefault(why, []).append(press.reader.learner(seat.learner_id))
    found = [CardGroup(why=why, learners=tuple(who)) for why, who in of_reason.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.learners), each.why)))


def _is_new(press: Press, seat: Seat) -> bool:
    """Whether the learner was in no group on this last week, as far as the week knows."""
    return (seat.learner_id, seat.competency_id) not in press.worked


def _evidence(need: Need) -> str:
    """Return the day of the newest evidence, and how many pieces there are: "Nov 18 (5)"."""
    return (
        f"{short_day(need.newest_day)} ({need.evidence_count})" if need.evidence_count else "none"
    )


def _lost(press: Press) -> dict[str, list[str]]:
    """Return, for each adult, what became of those requests of theirs that another took."""
    asked = {one.request_id: one for one in press.problem.requests}
    lost = Lost(press.problem)
    found: dict[str, list[tuple[str, str]]] = {}
    for outcome in press.week.requests:
        request = asked.get(outcome.request_id)
        if request is None or outcome.state is not RequestState.NEXT or not request.adult_id:
            continue
        slot = press.reader.slots.get(request.slot_id)
        who = press.reader.learner_named(request.learner_id)
        why = press.naming.named(lost.why(outcome))
        said = f"{who}, {slot.when if slot else request.slot_id}: {why}"
        found.setdefault(request.adult_id, []).append((request.slot_id, said))
    order = {slot_id: place for place, slot_id in enumerate(press.reader.slots)}
    return {
        adult_id: [said for _, said in sorted(told, key=lambda one: (order.get(one[0], -1), one))]
        for adult_id, told in found.items()
    }


def _notices(press: Press, adult_id: str) -> Iterable[str]:
    """Yield what the adult is told of whole classes; of pairs only who set the rule hears."""
    for notice in press.week.notices:
        if notice.kind is NoticeKind.RETEACH and notice.adult_id == adult_id:
            yield press.naming.named(notice.message)


def _substitute_session(
    press: Press, session: Session, adult_id: str, stand_ins: _StandIns
) -> SubstituteSession:
    gone, skill = press.reader.is_unstaffed(session), press.skill(session.competency_id)
    led_by = session.adult_id if session.adult_id != adult_id and not gone else ""
    slot = press.reader.slots[session.slot_id]
    return SubstituteSession(
        slot=slot.label,
        when=f"{slot.start}–{slot.end}",
        title=session.title,
        skill="" if skill.casefold() == session.title.casefold() else skill,
        room=press.reader.room(session),
        what_to_do=WHAT_TO_DO[session.kind],
        led_by=press.reader.adult(led_by) if led_by else "",
        open=stand_ins.of(session) if gone else (),
        learners=tuple(
            press.reader.learner(seat.learner_id) for seat in press.reader.seats_in(session)
        ),
    )
