"""What can be done about a session whose adult is away: substitute, merge, release; each exact.

What is offered here breaks no hard rule when it is done: the same questions are asked of adults,
rooms, sizes, scopes and company as the check of a week asks. A merge is into a running session on
the same thing, a release into commons or enrichment. It must not decide: a person does.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from services.scheduler.domain.check.basics import HELP, OWN_CHOICE
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.check.rooms import inside
from services.scheduler.domain.check.sizes import caps_of, consents
from services.scheduler.domain.model import Adult, Offer, SessionKind
from services.scheduler.domain.week import Session


@dataclass(frozen=True, kw_only=True)
class PlaceOption:
    """A running session that takes learners of another: who may sit there, how many together."""

    session: Session
    learner_ids: tuple[str, ...]
    seats: int


@dataclass(frozen=True, kw_only=True)
class Unstaffed:
    """A session without its adult, and what can be done; `places`: whom all sessions together take.

    `substitutes`: ids of adults, those with the fewest sessions of the day first.
    """

    session: Session
    away: tuple[str, ...]
    learner_ids: tuple[str, ...]
    substitutes: tuple[str, ...]
    merges: tuple[PlaceOption, ...]
    releases: tuple[PlaceOption, ...]
    places: int


class Options:
    """Answers for one published week, with what is known of absences now."""

    def __init__(self, index: Index, away: Collection[tuple[str, str]]) -> None:
        """Take the index of the week, and who is away when, as adult and slot."""
        self._index = index
        self._rights = Rights(index)
        self._away = frozenset(away)

    def unstaffed(self) -> list[Session]:
        """Return the sessions that lack an adult of theirs, in the order of the week."""
        return [one for one in self._index.week.sessions if self.away_of(one)]

    def away_of(self, session: Session) -> tuple[str, ...]:
        """Return who of a session's adults is away."""
        leads = self._index.leads_of(session)
        return tuple(one for one in leads if (one, session.slot_id) in self._away)

    def of(self, session: Session) -> Unstaffed:
        """Return what can be done about a session."""
        learner_ids = self._learners_in(session)
        merges = self.places(session, learner_ids, self._same_as(session))
        releases = self.places(session, learner_ids, self._open_in(session.slot_id))
        return Unstaffed(
            session=session,
            away=self.away_of(session),
            learner_ids=learner_ids,
            substitutes=self._substitutes(session, learner_ids),
            merges=merges,
            releases=releases,
            places=len(self.spread(learner_ids, (*merges, *releases))),
        )

    def places_in(self, slot_id: str, learner_ids: Sequence[str]) -> tuple[PlaceOption, ...]:
        """Return the commons and enrichment of a slot that take some of these learners."""
        return self.places(None, learner_ids, self._open_in(slot_id))

    def places(
        self, of: Session | None, learner_ids: Sequence[str], targets: Iterable[Session]
    ) -> tuple[PlaceOption, ...]:
        """Return those of the sessions that take some of these learners, in their order."""
        found = []
        for target in targets:
            if target is of or self.away_of(target):
                continue
            fit = tuple(one for one in learner_ids if self._may_sit(one, target))
            seats = self._seats(target, fit)
            if seats:
                found.append(PlaceOption(session=target, learner_ids=fit, seats=seats))
        return tuple(found)

    def spread(
        self, learner_ids: Sequence[str], options: Sequence[PlaceOption]
    ) -> dict[str, Session]:
        """Return where each learner goes, so that as many as can be have a place.

        The sessions are filled in their order, as far as that costs nobody a place.
        """
        graph = nx.DiGraph()
        for learner_id in learner_ids:
            graph.add_edge("all", ("learner", learner_id), capacity=1, weight=0)
        for rank, one in enumerate(options):
            node = ("session", one.session.session_id)
            for learner_id in one.learner_ids:
                graph.add_edge(("learner", learner_id), node, capacity=1, weight=rank)
            graph.add_edge(node, self._room_node(one), capacity=one.seats, weight=0)
        for one in options:
            graph.add_edge(self._room_node(one), "seated", capacity=self._left(one), weight=0)
        if not options or not learner_ids:
            return {}
        flow = nx.max_flow_min_cost(graph, "all", "seated")
        sessions = {one.session.session_id: one.session for one in options}
        return {
            learner_id: sessions[node[1]]
            for learner_id in learner_ids
            for node, count in flow[("learner", learner_id)].items()
            if count
        }

    def free(self, session: Session) -> int:
        """Return how many more a session takes by its caps and its room (H3), laws apart."""
        index = self._index
        offer = index.offers.get(session.offer_id)
        if offer is None:
            return 0
        room = index.room_of(session)
        caps = caps_of(index, offer, room, session.tier_id)
        free = caps.least - len(index.seats_in.get(session.session_id, ()))
        if room is not None and room.shared:
            free = min(free, room.capacity - inside(index, session))
        return max(free, 0)

    def _room_node(self, option: PlaceOption) -> tuple[str, str]:
        room = self._index.room_of(option.session)
        if room is not None and room.shared:
            return "room", room.room_id
        return "alone", option.session.session_id

    def _left(self, option: PlaceOption) -> int:
        """Return how many more a shared room takes; of one session alone, as many as it does."""
        room = self._index.room_of(option.session)
        if room is None or not room.shared:
            return option.seats
        return max(room.capacity - inside(self._index, option.session), 0)

    def _learners_in(self, session: Session) -> tuple[str, ...]:
        seats = self._index.seats_in.get(session.session_id, ())
        return tuple(sorted(seat.learner_id for seat in seats))

    def _same_as(self, session: Session) -> list[Session]:
        """Return the sessions of the slot that are on the same thing."""
        return [
            one
            for one in self._index.sessions_in.get(session.slot_id, ())
            if one is not session and self._is_same(session, one)
        ]

    def _is_same(self, session: Session, other: Session) -> bool:
        if session.kind.has_target:
            same_kind = (session.kind in HELP) is (other.kind in HELP)
            alike = same_kind if session.kind in HELP else session.kind is other.kind
            return alike and session.competency_id == other.competency_id
        if session.kind is SessionKind.SERVICE:
            return other.kind is SessionKind.SERVICE and self._service(session) == self._service(
                other
            )
        return False

    def _open_in(self, slot_id: str) -> list[Session]:
        sessions = self._index.sessions_in.get(slot_id, ())
        found = [one for one in sessions if one.kind in OWN_CHOICE]
        return sorted(found, key=lambda one: (one.kind is SessionKind.ENRICHMENT, one.session_id))

    def _may_sit(self, learner_id: str, target: Session) -> bool:
        """Return whether a person may seat a learner there: scope, company and the right adult."""
        if not self._rights.is_in_scope(learner_id, target):
            return False
        if self._rights.meets_apart(learner_id, target):
            return False
        return self._has_right_adult(learner_id, target, target.adult_id)

    def _seats(self, target: Session, learner_ids: Sequence[str]) -> int:
        """Return how many of these learners fit together (H3)."""
        offer = self._index.offers.get(target.offer_id)
        if offer is None or not learner_ids:
            return 0
        most = min(self.free(target), len(learner_ids))
        if offer.legal:
            seats = self._index.seats_in.get(target.session_id, ())
            there = [seat.learner_id for seat in seats]
            legal = self._index.problem.policy.legal_cap
            most = min(most, self._by_law(legal, there, learner_ids, offer))
        return max(most, 0)

    def _by_law(
        self, legal: int, there: Sequence[str], learner_ids: Sequence[str], offer: Offer
    ) -> int:
        """Return how many the law lets in: all where all consent, else up to its cap."""
        if all(consents(self._index, one, offer) for one in (*there, *learner_ids)):
            return len(learner_ids)
        return legal - len(there)

    def _substitutes(self, session: Session, learner_ids: Sequence[str]) -> tuple[str, ...]:
        index = self._index
        meeting = index.meeting.get(session.slot_id, frozenset())
        busy = {
            adult_id
            for slot_id in meeting
            for one in index.sessions_in.get(slot_id, ())
            if one is not session
            for adult_id in index.leads_of(one)
        }
        load = [
            (adult_id, one.date) for one in index.week.sessions for adult_id in index.leads_of(one)
        ]
        found = [
            one.adult_id
            for one in index.problem.adults
            if one.adult_id not in busy and self._may_lead(one, session, learner_ids)
        ]
        return tuple(sorted(found, key=lambda one: (load.count((one, session.date)), one)))

    def _may_lead(self, adult: Adult, session: Session, learner_ids: Sequence[str]) -> bool:
        if (adult.adult_id, session.slot_id) in self._away:
            return False
        if adult.slot_ids and session.slot_id not in adult.slot_ids:
            return False
        if not adult.may_lead(session.kind):
            return False
        competency = self._index.competencies.get(session.competency_id or "")
        if competency is not None and competency.subject not in adult.subjects:
            return False
        return all(self._has_right_adult(one, session, adult.adult_id) for one in learner_ids)

    def _has_right_adult(self, learner_id: str, session: Session, adult_id: str) -> bool:
        """Return whether no law or agreement binds the learner to another adult (H9)."""
        if session.kind in HELP:
            need = self._index.needs.get((learner_id, session.competency_id or ""))
            return need is None or need.adult_id in (None, adult_id)
        if session.kind is SessionKind.SERVICE:
            service = self._service(session)
            mine = self._index.services_of.get(learner_id, ())
            return all(r.adult_id in (None, adult_id) for r in mine if r.service == service)
        return True

    def _service(self, session: Session) -> str:
        offer = self._index.offers.get(session.offer_id)
        return offer.service if offer is not None else ""
