"""How many may sit in a session that persons ask for (H3), in a room and of a tier.

A person may exceed the caps of policy, tier and offer with a reason, never the room's or the law's.
"""

from services.scheduler.domain import rules
from services.scheduler.domain.model import Offer, Room
from services.scheduler.domain.numbers import Policy, Tier
from services.scheduler.domain.pins.forced import Forced
from services.scheduler.domain.snapshot_index import SnapshotIndex


def holds_all(snapshot: SnapshotIndex, forced: Forced, room: Room | None, tier_id: str) -> bool:
    """Return whether all who are pinned may sit in the session in this room, of this tier."""
    size = len(forced.learners)
    if room is not None and size > room.capacity_for(forced.offer.layout):
        return False
    if size > law_cap(snapshot, forced):
        return False
    policy = snapshot.problem.policy
    cap = person_cap(policy, forced.offer, room, tier_of(policy, tier_id))
    if cap is None or size <= cap:
        return True
    return len(forced.own) == size and len(forced.reasoned) >= size - cap


def person_cap(policy: Policy, offer: Offer, room: Room | None, tier: Tier | None) -> int | None:
    """Return the cap that a reason may exceed; None where the room alone says anything."""
    said = (rules.policy_cap(policy, offer.kind, tier), offer.cap or None)
    caps = [cap for cap in said if cap is not None]
    if not caps:
        return policy.enrichment_cap if room is None else None
    return min(caps)


def law_cap(snapshot: SnapshotIndex, forced: Forced) -> int:
    """Return the law's cap for those who are pinned; their number where it sets none."""
    all_consent = is_consented(snapshot, forced)
    free = not forced.offer.legal or all_consent
    return len(forced.learners) if free else snapshot.problem.policy.legal_cap


def is_consented(snapshot: SnapshotIndex, forced: Forced) -> bool:
    """Return whether consent to the law is on file for everybody pinned."""
    return rules.all_consent(forced.offer, (snapshot.learners[i] for i in forced.learners))


def tier_of(policy: Policy, tier_id: str) -> Tier | None:
    """Return a tier by its id; None for the empty one."""
    return next((tier for tier in policy.tiers if tier.tier_id == tier_id), None)
