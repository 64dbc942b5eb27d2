"""The best week that a learner could have at the prices of the seats, exactly or from above.

A dynamic programme over the slots: after each, the best value for every state that the limits of
a week tell apart. How often one need or one choice was met is told apart only where the best week
would go wrong without it, and of TRACKED at most. What is left relaxed, so that the result can
only be too high: needs and choices beyond those, and, where slots overlap, which of them are open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.scheduler.domain.check import value
from services.scheduler.domain.check.basics import HELP, interval
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.limits import LearnerWeek, most_disjoint
from services.scheduler.domain.check.seat_options import ItemKey, Option, SeatOptions, help_key
from services.scheduler.domain.model import SessionKind, Slot

TRACKED = 8
"""So many needs and choices of a learner are counted exactly: each may double the states."""


class State(NamedTuple):
    """What the limits of a week tell apart, counted over the planner's seats."""

    helps: int
    needs: int
    services: int
    enrichments: int
    groundwork: int
    is_rich: bool
    counts: tuple[int, ...]
    """Of the tracked items."""


class Path(NamedTuple):
    """The seats that led to a state, the last first."""

    option: Option
    before: "Path | None"


Table = dict[State, tuple[int, Path | None]]
WITHOUT_END = 10**9
"""A count that no week reaches: it is told apart however far it goes."""


def best_milli(
    index: Index, week: LearnerWeek, options: SeatOptions, may_miss: frozenset[str]
) -> int:
    """Return the value of a learner's best week at the prices of the options.

    The seats by a person's word are in it, at no price. `may_miss` are slots without a place for
    all, in which anybody may be the one who has none. The week that the learner has counts as one
    that they could have, so nothing that cannot reach it is followed; no week has fewer seats of
    required services than it (H5).
    """
    settled = [seat for seat, _ in week.placed if index.is_fixed(seat)]
    fixed = _sum(value.parts_of_learner(index, week.learner_id, settled))
    paid = sum(options.price_milli(week.learner_id, session) for session in week.free)
    whole = _sum(value.parts_of_learner(index, week.learner_id, [seat for seat, _ in week.placed]))
    at_least = whole - fixed - paid
    programme = _Programme(index, week, options.of(week), may_miss, at_least)
    return fixed + max(programme.best(), at_least)


def _sum(parts: Iterable[value.Part]) -> int:
    return sum(milli for _, milli in parts)


class _Allowance:
    """What the limits of one learner's week leave beside the seats by a person's word."""

    def __init__(
        self, index: Index, week: LearnerWeek, options: Mapping[str, list[Option]]
    ) -> None:
        policy = index.problem.policy
        slots = len(week.open_slots())
        helped = [session for session in week.fixed if session.kind in HELP]
        enriched = sum(1 for s in week.fixed if s.kind is SessionKind.ENRICHMENT)
        self.helps = max(policy.need_seats_per_week - len(helped), 0)
        self.groundwork = max(week.groundwork_limit - sum(map(week.is_groundwork, helped)), 0)
        self.enrichments = WITHOUT_END
        if policy.enrichment_seats_per_week > 0:
            self.enrichments = max(policy.enrichment_seats_per_week - enriched, 0)
        self.needs_beside = _need_limits(week)
        self.needs = max(self.needs_beside)
        self.is_rich = bool(week.targets_of) and any(map(week.is_rich, week.fixed))
        # What no limit can reach need not be counted beyond what a first seat changes.
        checks = {o.items for here in options.values() for o in here if o.by_need and not o.helps}
        reached = min(self.helps, slots) + len(checks)
        served = sum(any(option.serves for option in here) for here in options.values())
        limit = min(self.needs_beside[: served + 1])
        self.needs_told = WITHOUT_END if reached > limit else 0
        self.helps_told = WITHOUT_END if self.helps < slots else 1
        self.enrichments_told = WITHOUT_END if self.enrichments < slots else 1

    def holds(self, state: State) -> bool:
        """Return whether nothing is beyond its limit yet."""
        if state.helps > self.helps or state.needs > self.needs:
            return False
        return state.enrichments <= self.enrichments and state.groundwork <= self.groundwork

    def allows(self, state: State) -> bool:
        """Return whether a whole week may end in a state."""
        limit = self.needs_beside[min(state.services, len(self.needs_beside) - 1)]
        return state.needs <= limit


class _Programme:
    def __init__(
        self,
        index: Index,
        week: LearnerWeek,
        options: Mapping[str, list[Option]],
        may_miss: frozenset[str],
        at_least: int,
    ) -> None:
        self._week = week
        self._options = options
        self._may_miss = may_miss
        self._at_least = at_least
        self._allowance = _Allowance(index, week, options)
        self._services = sum(1 for session in week.free if session.kind is SessionKind.SERVICE)
        fixed = [s for s in week.fixed if s.kind in HELP]
        self._helped = {session.competency_id or "" for session in fixed}
        helped = any(value.help_claim(index, week.learner_id, session) for session in fixed)
        self._first_need = 0 if helped else value.first_need_milli(index, week.learner_id)
        enriched = sum(1 for s in week.fixed if s.kind is SessionKind.ENRICHMENT)
        steps = [value.enrichments_milli(index, enriched + n) for n in range(3)]
        self._enriching = (steps[1] - steps[0], steps[2] - steps[1])
        self._parts = [list(_arrangements(part, index)) for part in _parts(week)]
        help_options = (o for here in options.values() for o in here if o.helps)
        self._on_offer = {option.items[0].key[1] for option in help_options}
        self._hopes = {slot_id: self._hope(slot_id) for slot_id in options}

    def best(self) -> int:
        """Return the best value; items are tracked until the best week keeps to them."""
        tracked: list[ItemKey] = []
        while True:
            milli, path = self._best({key: number for number, key in enumerate(tracked)})
            wrong = [key for key in self._gone_wrong(path) if key not in tracked]
            if not wrong or len(tracked) >= TRACKED:
                return milli
            tracked = [*tracked, *wrong][:TRACKED]

    def _best(self, place: Mapping[ItemKey, int]) -> tuple[int, Path | None]:
        start = State(0, 0, 0, 0, 0, self._allowance.is_rich, (0,) * len(place))
        table: Table = {start: (0, None)}
        ahead = sum(map(self._hope_of, self._parts)) + max(self._first_need, 0)
        for arrangements in self._parts:
            ahead -= self._hope_of(arrangements)
            after: Table = {}
            for slot_ids in arrangements:
                reached = table
                for number, slot_id in enumerate(slot_ids, start=1):
                    hope = ahead + sum(self._hopes[one] for one in slot_ids[number:])
                    reached = self._through(reached, slot_id, place, self._at_least - hope)
                for state, found in reached.items():
                    _keep_better(after, state, found)
            table = after
        ends = [found for state, found in table.items() if self._may_end(state, place)]
        return max(ends, key=lambda found: found[0], default=(self._at_least, None))

    def _hope(self, slot_id: str) -> int:
        """Return what a slot adds at most, whatever the limits; a first help seat apart."""
        hopes = [
            option.worth_milli
            + option.at_best_milli
            + (max(self._enriching) if option.enriches else 0)
            for option in self._options[slot_id]
        ]
        return max([*hopes, 0] if slot_id in self._may_miss or not hopes else hopes)

    def _hope_of(self, arrangements: list[tuple[str, ...]]) -> int:
        return max(sum(self._hopes[slot_id] for slot_id in slot_ids) for slot_ids in arrangements)

    def _through(
        self, table: Table, slot_id: str, place: Mapping[ItemKey, int], needed: int
    ) -> Table:
        """Return the states after a slot, of those that can still reach what is needed."""
        after: Table = dict(table) if slot_id in self._may_miss else {}
        for option in self._options[slot_id]:
            numbers = [place.get(item.key, -1) for item in option.items]
            for state, (milli, path) in table.items():
                total = milli + self._gain(state, option, numbers)
                if total < needed or not _is_left(option, state, numbers):
                    continue
                reached = self._after(state, option, numbers)
                if self._allowance.holds(reached):
                    _keep_better(after, reached, (total, Path(option, path)))
        return after

    def _after(self, state: State, option: Option, numbers: Sequence[int]) -> State:
        counts = state.counts
        for number in numbers:
            if number >= 0:
                counts = (*counts[:number], counts[number] + 1, *counts[number + 1 :])
        return State(
            min(state.helps + option.helps, self._allowance.helps_told),
            min(state.needs + option.by_need, self._allowance.needs_told),
            state.services + option.serves,
            min(state.enrichments + option.enriches, self._allowance.enrichments_told),
            state.groundwork + option.is_groundwork,
            state.is_rich or option.is_rich,
            counts,
        )

    def _gain(self, state: State, option: Option, numbers: Sequence[int]) -> int:
        """Return what a seat adds, the part of its items at best where they are not tracked."""
        gain = option.worth_milli
        for item, number in zip(option.items, numbers, strict=True):
            gain += item.step_milli(state.counts[number]) if number >= 0 else item.at_best_milli
        if option.helps and not state.helps:
            gain += self._first_need
        if option.enriches:
            gain += self._enriching[1 if state.enrichments else 0]
        return gain

    def _may_end(self, state: State, place: Mapping[ItemKey, int]) -> bool:
        """Return whether a week may end so, as far as what is tracked of it tells."""
        if not self._allowance.allows(state) or state.services < self._services:
            return False
        if state.is_rich or not state.groundwork:
            return True
        return not any(self._is_alone(before, state, place) for before in self._week.targets_of)

    def _is_alone(self, before: str, state: State, place: Mapping[ItemKey, int]) -> bool:
        """Return whether help on what needs build on has surely none of these needs beside it."""
        keys = [help_key(before), *self._keys_on(before)]
        if not self._week.targets_of[before].isdisjoint(self._helped):
            return False
        if any(key not in place for key in keys):
            return False
        first, *others = (state.counts[place[key]] for key in keys)
        return first > 0 and not any(others)

    def _keys_on(self, before: str) -> list[ItemKey]:
        """Return the needs that build on a competency and have a session this week."""
        return [help_key(target) for target in self._week.targets_of[before] & self._on_offer]

    def _gone_wrong(self, path: Path | None) -> list[ItemKey]:
        """Return what to track: items that a week met too often, or for more than their worth.

        And help on what a need builds on, together with such needs, where it stands alone.
        """
        options = list(_options(path))
        count = Counter(item for option in options for item in option.items)
        wrong = {
            item.key
            for item, number in count.items()
            if item.used + number > item.most
            or any(item.step_milli(before) != item.at_best_milli for before in range(number))
        }
        if not self._allowance.is_rich and not any(option.is_rich for option in options):
            helped = {option.items[0].key[1] for option in options if option.helps}
            for before in helped & self._week.targets_of.keys():
                targets = self._week.targets_of[before]
                if targets.isdisjoint(helped | self._helped):
                    wrong |= {help_key(before), *self._keys_on(before)}
        return sorted(wrong)


def _options(path: Path | None) -> Iterator[Option]:
    while path is not None:
        yield path.option
        path = path.before


def _keep_better(table: Table, state: State, found: tuple[int, Path | None]) -> None:
    known = table.get(state)
    if known is None or known[0] < found[0]:
        table[state] = found


def _is_left(option: Option, state: State, numbers: Sequence[int]) -> bool:
    """Return whether a seat's items may be met once more."""
    return all(
        item.used + (state.counts[number] if number >= 0 else 0) < item.most
        for item, number in zip(option.items, numbers, strict=True)
    )


def _need_limits(week: LearnerWeek) -> list[int]:
    """Return the most seats by need beside each number of services."""
    slots = week.open_slots()
    most = most_disjoint(slots)
    limits = [week.machine_limit(count) for count in range(most, -1, -1)]
    if most == len(slots):
        return limits
    # Which of the slots that overlap count as open hangs on the seats: the greatest limit stands.
    return [max(limits[number:]) for number in range(len(limits))]


def _parts(week: LearnerWeek) -> Iterator[list[Slot]]:
    """Yield the open slots in parts that share no instant with each other."""
    part: list[Slot] = []
    until = None
    for slot in sorted(week.open_slots(), key=interval):
        begin, end = interval(slot)
        if until is not None and begin >= until:
            yield part
            part = []
        part.append(slot)
        until = end if until is None else max(until, end)
    if part:
        yield part


def _arrangements(part: list[Slot], index: Index) -> set[tuple[str, ...]]:
    """Return the ways to have a place in every slot of a part, or in one that meets it."""
    if not part:
        return {()}
    found = set()
    for slot in part:
        meeting = index.meeting[slot.slot_id]
        if slot.slot_id in index.meeting[part[0].slot_id]:
            rest = [other for other in part if other.slot_id not in meeting]
            found |= {(slot.slot_id, *others) for others in _arrangements(rest, index)}
    return {tuple(sorted(one)) for one in found}
