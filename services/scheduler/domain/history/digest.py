"""The digest of a published week: what later weeks ask of it, and nothing else of it.

A stored week of a school of 1,200 and its snapshot are megabytes, and a plan looks back twelve
weeks, so each revision has a digest beside it, in columns of numbers. Make-ups are read from it
too. It follows from the stored week alone (`digest_of`), so it can be thrown away and made anew at
any time. No sentence and no name of a person is in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cached_property

from services.scheduler.domain.claims import Key, claims_of
from services.scheduler.domain.day.services import WeekServices, services_in
from services.scheduler.domain.model import Learner, Need, Problem, SessionKind
from services.scheduler.domain.revision import Content
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.week import Seat, Session, Week

FORMAT = 2
"""Of digests; it grows with each change of what is in one, and those of before are made anew."""
NO_LEVEL = 0
"""In the column of levels: the evidence gave none. Levels begin at 1000."""


class NeedState(IntEnum):
    """What a week made of a need."""

    NO_CLAIM = 0
    """It gave nobody a seat: no gap, or left in peace (S6)."""
    CHECK = 1
    """Too little evidence: a check was due."""
    UNMET = 2
    """Help was due, and the week has none."""
    MET = 3
    """Help was due, and the week has it."""


@dataclass(frozen=True, kw_only=True)
class SessionMark:
    """A session, as later weeks ask of it."""

    slot_id: str
    date: date
    kind: SessionKind
    adult_id: str
    competency_id: str = ""
    """The target; empty: none."""
    dok: int = 0
    """The depth of knowledge that its offer stated; 0: none."""


@dataclass(frozen=True, kw_only=True)
class NeedMark:
    """A need in a week's snapshot, and what the week made of it."""

    competency_id: str
    level_milli: int | None
    evidence_count: int
    weight_milli: int
    """What help with it was worth; 0 where none was due."""
    state: NeedState


@dataclass(frozen=True, kw_only=True)
class SeatMark:
    """A seat in a session."""

    session: SessionMark
    choice_rank: int
    """The rank of the learner's choice that it met; 0: none."""

    @cached_property
    def is_own_choice(self) -> bool:
        """Whether it was enrichment or own choice (S4)."""
        return self.session.kind.is_own_choice or self.choice_rank > 0

    @cached_property
    def is_help(self) -> bool:
        """Whether it was help on a competency."""
        return self.session.kind.is_help and self.session.competency_id != ""


@dataclass(frozen=True, kw_only=True)
class LearnerMark:
    """A learner in a week: two tables in columns, of their seats in order of time and their needs.

    Sessions and competencies are places in the lists of the digest.
    """

    learner_id: str
    grade: str = ""
    tags: tuple[str, ...] = ()
    asked: bool = True
    """Whether the learner's needs were asked for: what is not among them was no need then."""
    choices: int = 0
    """How many choices the learner had ranked."""
    sessions: tuple[int, ...] = ()
    ranks: tuple[int, ...] = ()
    competencies: tuple[int, ...] = ()
    levels: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    states: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WeekDigest:
    """A published week, as later weeks ask of it. Every list is in one order."""

    monday: date
    sessions: tuple[SessionMark, ...] = ()
    """In order of time."""
    competencies: tuple[str, ...] = ()
    """All that there were to learn, by id."""
    learners: tuple[LearnerMark, ...] = ()
    """By id."""
    services: WeekServices = field(default_factory=WeekServices)
    """What was required and planned of services (H5)."""

    def seats_of(self, learner: LearnerMark) -> Iterator[SeatMark]:
        """Yield a learner's seats in order of time."""
        for number, rank in zip(learner.sessions, learner.ranks, strict=True):
            # Most seats of a session are alike, and a plan goes over all of them several times.
            if rank:
                yield SeatMark(session=self.sessions[number], choice_rank=rank)
            else:
                yield self._unchosen[number]

    @cached_property
    def _unchosen(self) -> tuple[SeatMark, ...]:
        """Return a seat of each session that meets nobody's choice."""
        return tuple(SeatMark(session=one, choice_rank=0) for one in self.sessions)

    def needs_of(self, learner: LearnerMark) -> Iterator[NeedMark]:
        """Yield a learner's needs by competency."""
        for place in range(len(learner.competencies)):
            yield self._need(learner, place)

    def need_of(self, learner: LearnerMark, competency_id: str) -> NeedMark | None:
        """Return one of a learner's needs, or None."""
        for place, number in enumerate(learner.competencies):
            if self.competencies[number] == competency_id:
                return self._need(learner, place)
        return None

    def _need(self, learner: LearnerMark, place: int) -> NeedMark:
        level = learner.levels[place]
        return NeedMark(
            competency_id=self.competencies[learner.competencies[place]],
            level_milli=None if level == NO_LEVEL else level,
            evidence_count=learner.counts[place],
            weight_milli=learner.weights[place],
            state=NeedState(learner.states[place]),
        )


def digest_of(content: Content) -> WeekDigest:
    """Return the digest of a week with the snapshot that it was made from."""
    problem, week = content.problem, content.week
    maker = _Maker(problem, week)
    return WeekDigest(
        monday=week.monday,
        sessions=tuple(maker.session_mark(one) for one in maker.sessions),
        competencies=tuple(maker.competencies),
        learners=tuple(maker.learner_mark(learner_id) for learner_id in maker.learner_ids),
        services=services_in(content),
    )


@dataclass(kw_only=True)
class _Rows:
    seats: list[tuple[int, int]] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    choices: int = 0


class _Maker:
    """Makes the marks of a week; what it looks up is indexed once."""

    def __init__(self, problem: Problem, week: Week) -> None:
        self.sessions = sorted(week.sessions, key=_time_of)
        self._doks = {one.offer_id: one.dok for one in problem.offers}
        self._learners = {one.learner_id: one for one in problem.learners}
        self._unmet = {(one.learner_id, one.competency_id) for one in week.unmet}
        self._claims = {one.key: one for one in claims_of(problem, week.seed).claims}
        self._rows = self._gathered(problem, week.seats)
        self.learner_ids = sorted({*self._learners, *self._rows})
        self.competencies = sorted(
            {one.competency_id for one in problem.competencies}
            | {one.competency_id for one in problem.needs}
        )
        self._places = {one: place for place, one in enumerate(self.competencies)}

    def session_mark(self, session: Session) -> SessionMark:
        """Return what later weeks ask of a session."""
        return SessionMark(
            slot_id=session.slot_id,
            date=session.date,
            kind=session.kind,
            adult_id=session.adult_id,
            competency_id=session.competency_id or "",
            dok=self._doks.get(session.offer_id, 0),
        )

    def learner_mark(self, learner_id: str) -> LearnerMark:
        """Return what later weeks ask of a learner."""
        rows = self._rows.get(learner_id, _Rows())
        learner = self._learners.get(learner_id, Learner(learner_id=learner_id))
        seats = sorted(rows.seats)
        needs = sorted(rows.needs, key=lambda one: one.competency_id)
        stands = [self._stands((learner_id, one.competency_id)) for one in needs]
        return LearnerMark(
            learner_id=learner_id,
            grade=learner.grade,
            tags=tuple(sorted(learner.tags)),
            asked=learner_id in self._learners,
            choices=rows.choices,
            sessions=tuple(number for number, _ in seats),
            ranks=tuple(rank for _, rank in seats),
            competencies=tuple(self._places[one.competency_id] for one in needs),
            levels=tuple(one.level_milli or NO_LEVEL for one in needs),
            counts=tuple(one.evidence_count for one in needs),
            weights=tuple(weight for _, weight in stands),
            states=tuple(state.value for state, _ in stands),
        )

    def _stands(self, key: Key) -> tuple[NeedState, int]:
        claim = self._claims.get(key)
        if claim is None:
            return NeedState.NO_CLAIM, 0
        if claim.entitlement is not Entitlement.HELP:
            return NeedState.CHECK, 0
        state = NeedState.UNMET if key in self._unmet else NeedState.MET
        return state, claim.weight_milli

    def _gathered(self, problem: Problem, seats: tuple[Seat, ...]) -> Mapping[str, _Rows]:
        rows: dict[str, _Rows] = defaultdict(_Rows)
        numbers = {one.session_id: number for number, one in enumerate(self.sessions)}
        for seat in seats:
            if seat.session_id is not None:
                rows[seat.learner_id].seats.append((numbers[seat.session_id], seat.choice_rank))
        for need in problem.needs:
            rows[need.learner_id].needs.append(need)
        for choice in problem.choices:
            rows[choice.learner_id].choices += 1
        return rows


def _time_of(session: Session) -> tuple[object, ...]:
    return (session.date, session.start, session.end, session.slot_id, session.session_id)
