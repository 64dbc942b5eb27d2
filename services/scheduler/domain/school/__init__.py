"""What a school sets beside its policy, and what of it is valid.

Each module has one kind of settings: what it holds, its checks, and what a plan run reads of it.
"""

from services.scheduler.domain.school.absences import SchoolAbsence, checked_absences
from services.scheduler.domain.school.essentials import (
    SchoolEssential,
    checked_essentials,
    with_essentials,
)
from services.scheduler.domain.school.keep_rules import (
    KeepKind,
    KeepRule,
    checked_keep_rules,
    pairs_of_week,
)
from services.scheduler.domain.school.offers import SchoolOffer, checked_offers, users_of_room
from services.scheduler.domain.school.pins import (
    REASON_GIVEN,
    SchoolLockedSession,
    SchoolPin,
    checked_locked_sessions,
    checked_pins,
    users_of_offer,
)
from services.scheduler.domain.school.required_services import (
    SchoolRequiredService,
    checked_required_services,
    services_of_week,
)
from services.scheduler.domain.school.rooms import RoomClosure, SchoolRoom, checked_rooms
from services.scheduler.domain.school.standing import Standing

__all__ = [
    "REASON_GIVEN",
    "KeepKind",
    "KeepRule",
    "RoomClosure",
    "SchoolAbsence",
    "SchoolEssential",
    "SchoolLockedSession",
    "SchoolOffer",
    "SchoolPin",
    "SchoolRequiredService",
    "SchoolRoom",
    "Standing",
    "checked_absences",
    "checked_essentials",
    "checked_keep_rules",
    "checked_locked_sessions",
    "checked_offers",
    "checked_pins",
    "checked_required_services",
    "checked_rooms",
    "pairs_of_week",
    "services_of_week",
    "users_of_offer",
    "users_of_room",
    "with_essentials",
]
