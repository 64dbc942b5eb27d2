"""What pins and agreed sessions name, beside what the snapshot's index has."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.model import KeepApart, Offer, OptOut, Pin, Request, Room
from services.scheduler.domain.requests.settle import pin_id_of
from services.scheduler.domain.rules import tiers_of
from services.scheduler.domain.snapshot_index import SnapshotIndex


@dataclass(frozen=True, kw_only=True)
class Index:
    """The look-ups of one settling."""

    snapshot: SnapshotIndex
    only_adults: dict[tuple[str, str], str]
    """The one adult who may work with a learner on a competency (H9)."""
    opt_outs: dict[str, tuple[OptOut, ...]]
    apart: dict[str, tuple[tuple[str, KeepApart], ...]]
    """By learner, from whom each rule keeps them."""
    requests: dict[str, Request]
    """By the id of the pin that a winner gets."""

    def rooms_in(self, slot_id: str, offer: Offer) -> tuple[Room, ...]:
        """Return the known rooms of an offer that are open in a slot, the preferred first."""
        rooms = (self.snapshot.rooms[i] for i in offer.room_ids if i in self.snapshot.rooms)
        return tuple(room for room in rooms if slot_id not in room.closed_slot_ids)

    def tier_ids(self, offer: Offer) -> tuple[str, ...]:
        """Return the tiers that sessions of an offer may be of; ("",): they have none."""
        tiers = tiers_of(self.snapshot.problem.policy, offer)
        return tuple(tier.tier_id if tier is not None else "" for tier in tiers)

    def kept_from(self, learner_id: str, day: date) -> dict[str, KeepApart]:
        """Return who may not be near a learner on a day, with the rule that says so (H8)."""
        rules = self.apart.get(learner_id, ())
        stand = (p for p in rules if p[1].expire_date is None or day < p[1].expire_date)
        return dict(stand)

    def is_asked(self, pin: Pin) -> bool:
        """Return whether a pin is that of a request which has won its seat."""
        asked = self.requests.get(pin.pin_id)
        return asked is not None and _place(asked) == _place(pin)


def index_of(snapshot: SnapshotIndex) -> Index:
    """Index what the pins of a snapshot need to know."""
    problem = snapshot.problem
    opt_outs: dict[str, list[OptOut]] = defaultdict(list)
    for one in problem.opt_outs:
        opt_outs[one.learner_id].append(one)
    apart: dict[str, list[tuple[str, KeepApart]]] = defaultdict(list)
    for rule in problem.keep_apart:
        apart[rule.learner_id].append((rule.other_id, rule))
        apart[rule.other_id].append((rule.learner_id, rule))
    return Index(
        snapshot=snapshot,
        only_adults={
            (one.learner_id, one.competency_id): one.adult_id
            for one in problem.needs
            if one.adult_id is not None
        },
        opt_outs={learner_id: tuple(mine) for learner_id, mine in opt_outs.items()},
        apart={learner_id: tuple(mine) for learner_id, mine in apart.items()},
        requests={pin_id_of(one): one for one in problem.requests},
    )


def _place(one: Pin | Request) -> tuple[str, str, str | None]:
    return one.learner_id, one.slot_id, one.offer_id
