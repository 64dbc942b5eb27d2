"""The seats that a learner could have beside what persons have settled, each at its price."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from services.scheduler.domain.check import value
from services.scheduler.domain.check.basics import BY_NEED, HELP, OWN_CHOICE
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.limits import HELP_WORD, LearnerWeek
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.check.services import sessions_needed
from services.scheduler.domain.model import Choice, SessionKind
from services.scheduler.domain.week import Session

ItemKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """What counts within a week: a need, a choice, a service; and how often it may be met."""

    key: ItemKey
    used: int
    """How often seats by a person's word meet it already."""
    most: int
    first_milli: int = 0
    """What the first seat of the week adds."""
    again_milli: int = 0
    """What each further one adds."""

    @property
    def at_best_milli(self) -> int:
        """What one seat adds at most, whatever was before it."""
        return self.again_milli if self.used else max(self.first_milli, self.again_milli)

    def step_milli(self, count: int) -> int:
        """Return what one more seat adds after so many of the planner's."""
        return self.again_milli if self.used + count else self.first_milli


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A seat that a learner could have in a slot, and all that the limits of a week see of it."""

    worth_milli: int
    """Its value for itself, less its price."""
    items: tuple[Item, ...]
    helps: bool
    by_need: bool
    serves: bool
    enriches: bool
    is_groundwork: bool
    """Whether it is on what other needs build on."""
    is_rich: bool
    """Whether groundwork may stand beside it whatever it is."""

    @property
    def at_best_milli(self) -> int:
        """What it adds at most for its items."""
        return sum(item.at_best_milli for item in self.items)


class SeatOptions:
    """The options of every learner of one week; `prices` by session, `pair_prices` by both."""

    def __init__(
        self,
        index: Index,
        prices: Mapping[str, int],
        pair_prices: Mapping[tuple[str, str], int],
    ) -> None:
        self._index = index
        self._prices = prices
        self._pair_prices = pair_prices
        self._rights = Rights(index)
        self._sort_sessions()

    def _sort_sessions(self) -> None:
        """Sort the sessions so that nobody's options ask for a look at each of them.

        Those that are alike but for price and lead lie together, the cheapest first.
        """
        alike: dict[str, dict[object, list[Session]]] = defaultdict(lambda: defaultdict(list))
        self._known: dict[tuple[str, str], list[Session]] = defaultdict(list)
        self._on: dict[tuple[str, str], list[Session]] = defaultdict(list)
        self._others: dict[str, list[Session]] = defaultdict(list)
        for session in self._index.week.sessions:
            offer = self._index.offers.get(session.offer_id)
            if offer is None:
                continue
            if session.kind in OWN_CHOICE:
                alike[session.slot_id][session.kind, offer.scope, offer.rich].append(session)
                self._known[session.slot_id, session.adult_id].append(session)
                self._known[session.slot_id, session.offer_id].append(session)
            elif session.kind in BY_NEED:
                self._on[session.slot_id, session.competency_id or ""].append(session)
            else:
                self._others[session.slot_id].append(session)
        cheapest = lambda session: self._prices.get(session.session_id, 0)  # noqa: E731
        self._alike = {
            slot_id: [sorted(sessions, key=cheapest) for sessions in groups.values()]
            for slot_id, groups in alike.items()
        }

    def of(self, week: LearnerWeek) -> dict[str, list[Option]]:
        """Return a learner's options by slot; of those that are alike, only the best."""
        items = _Items(self._index, week)
        found = {}
        for slot in week.open_slots():
            best: dict[tuple[object, ...], Option] = {}
            for session in self._sessions(week.learner_id, slot.slot_id):
                option = self._option(week, session, items)
                likeness = _likeness(option)
                known = best.get(likeness)
                if known is None or option.worth_milli > known.worth_milli:
                    best[likeness] = option
            found[slot.slot_id] = list(best.values())
        return found

    def _sessions(self, learner_id: str, slot_id: str) -> Iterator[Session]:
        """Yield the sessions of a slot in which a learner may sit, the better of like ones."""
        names = self._names_known_to(learner_id)
        for name in names:
            yield from self._allowed(learner_id, self._known.get((slot_id, name), ()))
        for need in self._index.needs_of.get(learner_id, ()):
            on = self._on.get((slot_id, need.competency_id), ())
            yield from self._allowed(learner_id, on)
        yield from self._allowed(learner_id, self._others.get(slot_id, ()))
        for sessions in self._alike.get(slot_id, ()):
            for session in self._allowed(learner_id, sessions):
                yield session
                plain = (learner_id, session.session_id) not in self._pair_prices
                if plain and names.isdisjoint((session.adult_id, session.offer_id)):
                    break

    def _names_known_to(self, learner_id: str) -> set[str]:
        """Return the adults and offers whose sessions are worth more to a learner than others."""
        chosen = (c.offer_id for c in self._index.choices_of.get(learner_id, ()))
        learner = self._index.learners[learner_id]
        return {*learner.adult_ids, *(offer_id for offer_id in chosen if offer_id is not None)}

    def _allowed(self, learner_id: str, sessions: Iterable[Session]) -> Iterator[Session]:
        return (session for session in sessions if self._rights.may_sit(learner_id, session))

    def price_milli(self, learner_id: str, session: Session) -> int:
        """Return what a learner pays for a seat: its price, and those of the pairs it breaks."""
        pairs = self._pair_prices.get((learner_id, session.session_id), 0)
        return self._prices.get(session.session_id, 0) + pairs

    def _option(self, week: LearnerWeek, session: Session, items: "_Items") -> Option:
        learner_id = week.learner_id
        worth = sum(milli for _, milli in value.parts_of_seat(self._index, learner_id, session))
        return Option(
            worth_milli=worth - self.price_milli(learner_id, session),
            items=items.of(session),
            helps=session.kind in HELP,
            by_need=session.kind in BY_NEED,
            serves=session.kind is SessionKind.SERVICE,
            enriches=session.kind is SessionKind.ENRICHMENT,
            is_groundwork=week.is_groundwork(session),
            is_rich=bool(week.targets_of) and week.is_rich(session),
        )


def _likeness(option: Option) -> tuple[object, ...]:
    key = tuple(item.key for item in option.items)
    kinds = (option.helps, option.by_need, option.serves, option.enriches)
    return (key, kinds, option.is_groundwork, option.is_rich)


class _Items:
    """The items of one learner's week, each made once."""

    def __init__(self, index: Index, week: LearnerWeek) -> None:
        self._index = index
        self._week = week
        self._known: dict[ItemKey, Item] = {}

    def of(self, session: Session) -> tuple[Item, ...]:
        """Return what a seat in a session counts for, and may have an end."""
        if session.kind in OWN_CHOICE:
            chosen = self._index.offers_chosen(self._week.learner_id, session)
            return tuple(self._choice(choice) for choice in chosen)
        key = _key(self._index, session)
        if key not in self._known:
            self._known[key] = self._made(key, session)
        return (self._known[key],)

    @cached_property
    def _used(self) -> Counter[ItemKey]:
        fixed = (s for s in self._week.fixed if s.kind not in OWN_CHOICE)
        return Counter(_key(self._index, session) for session in fixed)

    @cached_property
    def _met(self) -> Counter[Choice]:
        own = (s for s in self._week.fixed if s.kind in OWN_CHOICE)
        return Counter(c for s in own for c in self._index.offers_chosen(self._week.learner_id, s))

    def _choice(self, choice: Choice) -> Item:
        used = self._met[choice]
        most = used + len(self._week.slots)
        milli = value.rank_milli(self._index, choice)
        return Item(("choice", repr(choice)), used, most=most, first_milli=milli)

    def _made(self, key: ItemKey, session: Session) -> Item:
        used, learner_id = self._used[key], self._week.learner_id
        if session.kind is SessionKind.SERVICE:
            return Item(key, used, most=self._service_sessions(key[1]))
        claim = value.help_claim(self._index, learner_id, session)
        if session.kind in HELP and claim is not None:
            less = value.repeat_milli(self._index, claim)
            return Item(key, used, most=claim.need.sessions, again_milli=-less)
        return Item(key, used, most=1)

    def _service_sessions(self, service: str) -> int:
        mine = self._index.services_of.get(self._week.learner_id, ())
        minutes = sum(one.minutes for one in mine if one.service == service)
        return sessions_needed(self._index, self._week.learner_id, minutes)


def help_key(competency_id: str) -> ItemKey:
    """Return the key of help on a competency."""
    return HELP_WORD, competency_id


def _key(index: Index, session: Session) -> ItemKey:
    if session.kind in HELP:
        return help_key(session.competency_id or "")
    if session.kind is SessionKind.SERVICE:
        offer = index.offers.get(session.offer_id)
        return session.kind.value, offer.service if offer is not None else ""
    return session.kind.value, session.competency_id or ""
