"""Who can still be seated for what: claims, free slots and weekly limits as flat arrays.

A claim's index is its place in `SnapshotIndex.claims` resorted by target (competency and
entitlement), so that the best learners for every target come out of one pass. Nothing here
chooses.
"""

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.claims import Claim
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.pins import Settled
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot_index import SnapshotIndex

Indexes = NDArray[np.int64]


class Demand:
    """The claims of a week and what is left of them.

    `targets` are (competency id, entitlement) pairs; `weights` are thousandths of a point, one a
    claim, heaviest first inside each target; `enriched` counts enrichment seats, one a learner.
    """

    def __init__(self, snapshot: SnapshotIndex, settled: Settled) -> None:
        self.snapshot = snapshot
        self.learner_ids = tuple(sorted(snapshot.learners))
        self.learner_index = {name: i for i, name in enumerate(self.learner_ids)}
        self.slot_index = {slot_id: i for i, slot_id in enumerate(snapshot.slots)}
        self._sort_claims(snapshot)
        self._open_slots(snapshot, settled)
        self._limits(snapshot, settled)

    def _sort_claims(self, snapshot: SnapshotIndex) -> None:
        by_target: dict[tuple[str, Entitlement], list[Claim]] = {}
        for claim in snapshot.claims:
            by_target.setdefault((claim.competency_id, claim.entitlement), []).append(claim)
        names = sorted(by_target, key=lambda target: (target[0], target[1].value))
        self.targets = tuple(names)
        self.target_index = {target: i for i, target in enumerate(names)}
        self.claims = tuple(claim for target in names for claim in by_target[target])
        sizes = [len(by_target[target]) for target in names]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.weights = np.array([c.weight_milli for c in self.claims], dtype=np.int64)
        self.is_help = np.array(
            [c.entitlement is Entitlement.HELP for c in self.claims], dtype=bool
        )
        self.learner_of = np.array(
            [self.learner_index[c.learner_id] for c in self.claims], dtype=np.int64
        )
        self.met = np.zeros(len(self.claims), dtype=bool)

    def _open_slots(self, snapshot: SnapshotIndex, settled: Settled) -> None:
        shape = (len(snapshot.slots), len(self.learner_ids))
        self._expected = np.zeros(shape, dtype=bool)
        self._seated = np.zeros(shape, dtype=np.int64)
        for slot_id, ids in snapshot.active.items():
            self._expected[self.slot_index[slot_id], [self.learner_index[i] for i in ids]] = True
        for learner_id, slot_id in settled.exemptions:
            self._expected[self.slot_index[slot_id], self.learner_index[learner_id]] = False
        for learner_id, slot_id in settled.seats:
            self.occupy(slot_id, np.array([self.learner_index[learner_id]]))

    def _limits(self, snapshot: SnapshotIndex, settled: Settled) -> None:
        """Set how many help seats, and help and check seats together, each may still get.

        Who has two open slots or more keeps one of them for choice (S3), unless a pin is one.
        """
        open_count = self._open_count(snapshot)
        chosen = np.zeros(len(self.learner_ids), dtype=bool)
        pinned_help = np.zeros(len(self.learner_ids), dtype=np.int64)
        for (learner_id, slot_id), pin in settled.seats.items():
            forced = settled.forced[slot_id, pin.offer_id or ""]
            learner = self.learner_index[learner_id]
            chosen[learner] |= forced.offer.kind.is_own_choice
            pinned_help[learner] += forced.offer.kind.is_help
            self._meet_by_pin(learner_id, forced.competency_id, forced.offer.kind)
        keeps_one = (open_count >= 2) & ~chosen
        self.any_left = np.maximum(open_count - keeps_one, 0)
        weekly = snapshot.problem.policy.need_seats_per_week
        self.help_left = np.maximum(weekly - pinned_help, 0)
        self.enriched = np.zeros(len(self.learner_ids), dtype=np.int64)

    def _open_count(self, snapshot: SnapshotIndex) -> Indexes:
        """Count each learner's open slots; slots that meet each other count once."""
        count = np.zeros(len(self.learner_ids), dtype=np.int64)
        counted = np.zeros_like(self._expected)
        for slot_id, index in self.slot_index.items():
            clash = [self.slot_index[other] for other in snapshot.clashes[slot_id]]
            counted[index] = self.free_in(slot_id) & ~counted[clash].any(axis=0)
            count += counted[index]
        return count

    def _meet_by_pin(self, learner_id: str, competency_id: str | None, kind: SessionKind) -> None:
        stands = Entitlement.met_by(kind)
        target = self.target_index.get((competency_id or "", stands))
        if target is None or not kind.has_target:
            return
        learner = self.learner_index[learner_id]
        mine = self.claims_on(target)
        self.met[mine[self.learner_of[mine] == learner]] = True

    def claims_on(self, target: int) -> Indexes:
        """Return the claims on a target, heaviest first."""
        return np.arange(self.starts[target], self.starts[target + 1])

    def open_in(self, slot_id: str) -> NDArray[np.bool_]:
        """Return which claims could be met in a slot now, one entry a claim."""
        free = self.free_in(slot_id) & (self.any_left > 0)
        for_help = free & (self.help_left > 0)
        mine = np.where(self.is_help, for_help[self.learner_of], free[self.learner_of])
        result: NDArray[np.bool_] = mine & ~self.met
        return result

    def gains(self, open_claims: NDArray[np.bool_], cap: int) -> tuple[Indexes, Indexes]:
        """Return what the `cap` heaviest open claims of each target weigh, and their number."""
        running = np.concatenate([[0], np.cumsum(open_claims)])
        before = np.repeat(running[self.starts[:-1]], np.diff(self.starts))
        taken = open_claims & (running[1:] - before <= cap)
        weight = np.concatenate([[0], np.cumsum(np.where(taken, self.weights, 0))])
        count = np.concatenate([[0], np.cumsum(taken)])
        return np.diff(weight[self.starts]), np.diff(count[self.starts])

    def best(self, slot_id: str, target: int, cap: int) -> Indexes:
        """Return up to `cap` of the heaviest claims on a target that are open in a slot."""
        mine = self.claims_on(target)
        learners = self.learner_of[mine]
        fits = self.free_in(slot_id)[learners] & (self.any_left[learners] > 0) & ~self.met[mine]
        if self.targets[target][1] is Entitlement.HELP:
            fits &= self.help_left[learners] > 0
        return mine[fits][:cap]

    def seat(self, slot_id: str, claims: Indexes) -> None:
        """Meet claims in a slot."""
        self.met[claims] = True
        learners = self.learner_of[claims]
        self.occupy(slot_id, learners)
        self.any_left[learners] -= 1
        self.help_left[learners] -= self.is_help[claims]

    def unseat(self, slot_id: str, claims: Indexes) -> None:
        """Take back `seat`: the slot, and those that meet it, are free again."""
        self.met[claims] = False
        learners = self.learner_of[claims]
        self._count_seated(slot_id, learners, -1)
        self.any_left[learners] += 1
        self.help_left[learners] += self.is_help[claims]

    def occupy(self, slot_id: str, learners: Indexes) -> None:
        """Say that learners are somewhere in a slot, and so in no slot that meets it (H1)."""
        self._count_seated(slot_id, learners, 1)

    def leave(self, slot_id: str, learners: Indexes) -> None:
        """Take back `occupy`."""
        self._count_seated(slot_id, learners, -1)

    def free_in(self, slot_id: str) -> NDArray[np.bool_]:
        """Return who still needs a place in a slot, one entry a learner."""
        index = self.slot_index[slot_id]
        result: NDArray[np.bool_] = self._expected[index] & (self._seated[index] == 0)
        return result

    def _count_seated(self, slot_id: str, learners: Indexes, change: int) -> None:
        for other in (slot_id, *self.snapshot.clashes[slot_id]):
            self._seated[self.slot_index[other], learners] += change
