"""What is settled before the search: sessions that persons ask for, and who sits in them."""

from dataclasses import dataclass, field

from services.scheduler.domain.model import Offer, Pin
from services.scheduler.domain.week import Breach

Key = tuple[str, str]
"""The slot and the offer of a session, or a learner and a slot."""


@dataclass(frozen=True, kw_only=True)
class Forced:
    """A session that pins or a lock ask for."""

    offer: Offer
    slot_id: str
    competency_id: str | None = None
    """The target that a person fixed, or that its learners need most; None: the search chooses."""
    target_ids: tuple[str | None, ...] = (None,)
    """The targets that everybody pinned in it may work on; (None,): it has none."""
    tier_id: str = ""
    """The tier that a person fixed; empty: the search chooses where there are tiers."""
    room_ids: tuple[str, ...] = ()
    """The rooms among which the search may choose; empty: it needs none."""
    locked: bool = False
    """Whether it is held however few come."""
    learners: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    """Those of them who sit there by a pin, not by a request alone."""
    reasoned: frozenset[str] = frozenset()
    """Those of them for whom a pin gives a reason, so that a cap may be exceeded (H3)."""

    @property
    def key(self) -> Key:
        """Return what tells it apart."""
        return self.slot_id, self.offer.offer_id

    @property
    def leads(self) -> frozenset[str]:
        """Return who leads it, who leads with them included."""
        return frozenset((self.offer.adult_id, *self.offer.co_adult_ids))


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The pins that are kept, by learner and slot, the sessions they force, and the breaches."""

    seats: dict[Key, Pin] = field(default_factory=dict)
    exemptions: dict[Key, Pin] = field(default_factory=dict)
    forced: dict[Key, Forced] = field(default_factory=dict)
    """By slot and offer."""
    breaches: list[Breach] = field(default_factory=list)
    unkept: dict[str, Breach] = field(default_factory=dict)
    """By id, the pins that are not kept."""
