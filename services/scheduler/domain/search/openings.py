"""Chooses what is opened: greedy by what the heaviest group would weigh, then trials.

A candidate is (slot, offer, target). The greedy round goes from slot to slot and opens in each the
candidate whose group weighs most, as long as everybody else still has a place. A trial closes a
few sessions, opens others in their place and is kept unless it weighs less. All ties, noise and
choices come from the seed; the budget counts openings, not seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.board import Opening, opening_of, preparation
from services.scheduler.domain.search.demand import Indexes
from services.scheduler.domain.search.plan import Plan, help_openings, minimum_for
from services.scheduler.domain.ties import tie

NOISE_LOW_MILLI = 600
NOISE_SPAN_MILLI = 800
CLOSED_PER_TRIAL = 3
# So many trials in a row that opened nothing end the search: there is nothing to open.
BARREN_TRIALS = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """An offer that could have a target in a slot: its targets (indexes), cap and minimum.

    `by_preparation` finds the target that a preparation of the adult's is for.
    """

    offer: Offer
    targets: Indexes
    by_preparation: dict[str, int]
    group: int
    cap: int
    minimum: int
    order: int


class Pick(NamedTuple):
    """The best candidate found: compared by gain, then places, then the seed's order."""

    gain: int
    places: int
    order: int
    target: int
    candidate: Candidate


class OpeningSearch:
    """Chooses openings on a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._trials = 0
        self._groups: dict[tuple[tuple[int, ...], int, int], int] = {}
        self._candidates = {slot_id: self._list(slot_id) for slot_id in plan.snapshot.slots}

    def greedy(self, slot_ids: Sequence[str], noise: Indexes | None = None) -> None:
        """Open the heaviest candidate of each slot in turn until none adds anything."""
        waiting = list(slot_ids)
        while waiting:
            waiting = [slot_id for slot_id in waiting if self._open_best(slot_id, noise)]

    def improve(self, slot_ids: Sequence[str], budget: int, cancelled: Callable[[], None]) -> None:
        """Run trials until `budget` openings have been tried in all; each kept if not lighter."""
        barren = 0
        while self.plan.tried < budget and barren < BARREN_TRIALS:
            cancelled()
            before, tried = self.plan.weight_milli, self.plan.tried
            mark = self.plan.mark()
            self._trial(slot_ids, self._trials)
            if self.plan.weight_milli < before:
                self.plan.undo_to(mark)
            else:
                self.plan.forget_journal()
            barren = barren + 1 if self.plan.tried == tried else 0
            self._trials += 1

    def enrich(self, slot_ids: Sequence[str]) -> None:
        """Turn commons into enrichment where everybody keeps a place (S4)."""
        for slot_id in slot_ids:
            for candidate in self._enrichments(slot_id):
                here = self.plan.board.led_by(slot_id, candidate.adult_id)
                if here is None or here.offer.kind is not SessionKind.COMMONS or here.pinned:
                    continue
                change = self.plan.snapshot.cap_of(candidate) - here.free_seats
                spare = self.plan.spare_places(slot_id)
                if spare + change >= min(spare, 0) and self._may_hold(slot_id, candidate):
                    self.plan.set_default(opening_of(self.plan.snapshot, slot_id, candidate))

    def _enrichments(self, slot_id: str) -> list[Offer]:
        offers = self.plan.snapshot.offers_in(slot_id)
        mine = [o for o in offers if o.kind is SessionKind.ENRICHMENT]
        return sorted(mine, key=lambda o: tie(self.plan.seed, "enrich", slot_id, o.offer_id))

    def _may_hold(self, slot_id: str, offer: Offer) -> bool:
        board = self.plan.board
        return board.room_is_free(slot_id, offer) and board.may_prepare(slot_id, offer, None)

    def _list(self, slot_id: str) -> list[Candidate]:
        plan = self.plan
        found = []
        for offer in plan.snapshot.offers_in(slot_id):
            targets = self._targets(offer)
            if not targets:
                continue
            cap, minimum = plan.snapshot.cap_of(offer), minimum_for(plan.snapshot, offer)
            group = self._groups.setdefault((targets, cap, minimum), len(self._groups))
            found.append(
                Candidate(
                    offer=offer,
                    targets=np.array(targets, dtype=np.int64),
                    by_preparation={
                        preparation(offer, plan.demand.targets[t][0]) or "": t for t in targets
                    },
                    group=group,
                    cap=cap,
                    minimum=minimum,
                    order=tie(plan.seed, "open", slot_id, offer.offer_id),
                )
            )
        return found

    def _targets(self, offer: Offer) -> tuple[int, ...]:
        stands = Entitlement.met_by(offer.kind)
        index = self.plan.demand.target_index
        wanted = ((c, stands) for c in self.plan.snapshot.targets[offer.offer_id])
        return tuple(index[target] for target in wanted if target in index)

    def _open_best(self, slot_id: str, noise: Indexes | None) -> bool:
        pick = self._best(slot_id, noise)
        if pick is None:
            return False
        offer = pick.candidate.offer
        competency_id = self.plan.demand.targets[pick.target][0]
        self.plan.open(opening_of(self.plan.snapshot, slot_id, offer, competency_id))
        return True

    def _best(self, slot_id: str, noise: Indexes | None) -> Pick | None:
        """Return the candidate of a slot whose group would weigh most; None where none adds."""
        plan = self.plan
        view = _View(plan, slot_id, noise)
        spare = plan.spare_places(slot_id)
        best: Pick | None = None
        for candidate in self._candidates[slot_id]:
            here = plan.board.led_by(slot_id, candidate.offer.adult_id)
            if here is not None and (here.pinned or not here.offer.kind.is_own_choice):
                continue
            target = self._best_target(slot_id, candidate, view)
            if target < 0:
                continue
            change = view.count(candidate, target) - (here.free_seats if here else 0)
            pick = Pick(view.gain(candidate, target), change, candidate.order, target, candidate)
            if best is not None and pick[:3] <= best[:3]:
                continue
            if spare + change >= min(spare, 0) and self._is_possible(slot_id, candidate.offer):
                best = pick
        return best

    def _is_possible(self, slot_id: str, offer: Offer) -> bool:
        board = self.plan.board
        return board.adult_is_free(slot_id, offer.adult_id) and board.room_is_free(slot_id, offer)

    def _best_target(self, slot_id: str, candidate: Candidate, view: "_View") -> int:
        """Return the target that weighs most among those the adult may still prepare; or -1."""
        known = self.plan.board.preparations_elsewhere(slot_id, candidate.offer.adult_id)
        if len(known) < self.plan.snapshot.problem.policy.preparations_per_day:
            return view.best_of_group(candidate)
        best, best_gain = -1, 0
        for name in sorted(known):
            target = candidate.by_preparation.get(name, -1)
            if target >= 0 and view.gain(candidate, target) > best_gain:
                best, best_gain = target, view.gain(candidate, target)
        return best

    def _trial(self, slot_ids: Sequence[str], trial: int) -> None:
        plan = self.plan
        closing = self._closing(slot_ids, trial)
        for opening in closing:
            plan.close(opening)
        touched = sorted({o.slot_id for o in closing}, key=list(slot_ids).index)
        if not touched:
            touched = [slot_ids[tie(plan.seed, "slot", str(trial)) % len(slot_ids)]]
        for slot_id in slot_ids:
            for opening in help_openings(plan, slot_id):
                plan.fill_up(opening)
        self.greedy(touched, _noise(plan.seed, trial, len(plan.demand.targets)))

    def _closing(self, slot_ids: Sequence[str], trial: int) -> list[Opening]:
        """Choose what a trial closes: a few of one slot, or all that one adult leads."""
        plan = self.plan
        number = tie(plan.seed, "trial", str(trial))
        slot_id = slot_ids[number % len(slot_ids)]
        mine = help_openings(plan, slot_id)
        if not mine:
            return []
        number //= len(slot_ids)
        first = mine[number % len(mine)]
        number //= len(mine)
        if number % 3 == 0:
            everywhere = [o for s in slot_ids for o in help_openings(plan, s)]
            return [o for o in everywhere if o.offer.adult_id == first.offer.adult_id]
        mine.sort(key=lambda o: tie(plan.seed, "close", str(trial), o.offer.offer_id))
        return mine[: 1 + number % CLOSED_PER_TRIAL]


class _View:
    """What the groups of a slot would weigh now, one pass for each cap."""

    def __init__(self, plan: Plan, slot_id: str, noise: Indexes | None) -> None:
        self._plan = plan
        self._open = plan.demand.open_in(slot_id)
        self._noise = noise
        self._by_cap: dict[int, tuple[list[int], list[int], Indexes, Indexes]] = {}
        self._best: dict[int, int] = {}

    def gain(self, candidate: Candidate, target: int) -> int:
        """Return what the heaviest group on a target weighs; 0 where it is under the minimum."""
        gains, counts, _, _ = self._at(candidate.cap)
        return gains[target] if counts[target] >= candidate.minimum else 0

    def count(self, candidate: Candidate, target: int) -> int:
        """Return how many learners that group has."""
        return self._at(candidate.cap)[1][target]

    def best_of_group(self, candidate: Candidate) -> int:
        """Return the heaviest target of candidates that are alike; -1 where none weighs."""
        known = self._best.get(candidate.group)
        if known is None:
            _, _, gains, counts = self._at(candidate.cap)
            mine = np.where(
                counts[candidate.targets] >= candidate.minimum, gains[candidate.targets], 0
            )
            at = int(mine.argmax())
            known = int(candidate.targets[at]) if mine[at] > 0 else -1
            self._best[candidate.group] = known
        return known

    def _at(self, cap: int) -> tuple[list[int], list[int], Indexes, Indexes]:
        found = self._by_cap.get(cap)
        if found is None:
            gains, counts = self._plan.demand.gains(self._open, cap)
            if self._noise is not None:
                gains = gains * self._noise // 1000
            found = (gains.tolist(), counts.tolist(), gains, counts)
            self._by_cap[cap] = found
        return found


def _noise(seed: int, trial: int, size: int) -> Indexes:
    """Return factors in thousandths, one a target (SplitMix64, Steele and others 2014)."""
    start = np.uint64(tie(seed, "noise", str(trial)))
    steps = np.arange(1, size + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed: NDArray[np.uint64] = start + steps
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return NOISE_LOW_MILLI + (mixed % np.uint64(NOISE_SPAN_MILLI + 1)).astype(np.int64)
