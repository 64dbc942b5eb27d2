"""Files of who is who: what adults are in the school, and what is set for its learners."""

from typing import Final

from google.protobuf.message import Message
from trellis.scheduler.v1 import people_pb2, people_service_pb2

from services.scheduler.adapters.wire.names import FAMILY, LEARNER_SETTING, OFFER, STAFF_MEMBER
from services.scheduler.adapters.wire.people import ROLES
from services.scheduler.entrypoints.school_import.columns import CellError, Cells, Who
from services.scheduler.entrypoints.school_import.form import (
    PEOPLE_STUB,
    SESSION_WORDS,
    SLOTS,
    FileKind,
    School,
    column,
)

_ROLE_WORDS: Final = {
    role.value: int(number) for number, role in sorted(ROLES.items(), key=lambda one: int(one[0]))
}
_CONSENTS: Final = "Write law=2026-08-24."
_OPT_OUTS: Final = "Write offer=o-debate; kind=check; subject=math."


def _staff_member(school: School, cells: Cells) -> Message:
    return people_pb2.StaffMember(
        name=school.setting_of(STAFF_MEMBER, school.adult(cells, "adult")),
        roles=cells.words("roles", _ROLE_WORDS),  # type: ignore[arg-type]
        kinds=cells.words("kinds", SESSION_WORDS),  # type: ignore[arg-type]
        planning_slot_ids=cells.many("planning_slots"),
        load=cells.number("load"),
        preparations=cells.number("preparations"),
    )


def _learner_setting(school: School, cells: Cells) -> Message:
    setting = people_pb2.LearnerSetting(
        name=school.setting_of(LEARNER_SETTING, school.learner(cells, "learner")),
        named_adult=school.adult(cells, "named_adult"),
        families=school.each_of_district(FAMILY, cells, "families"),
        tags=cells.many("tags"),
        consents=[
            _consent(law, day) for law, day in cells.pairs("consents", "Write law=2026-08-24.")
        ],
        opt_outs=[
            _opt_out(school, what, value) for what, value in cells.pairs("opt_outs", _OPT_OUTS)
        ],
    )
    if cells.text("far_behind"):
        setting.far_behind = cells.flag("far_behind")
    return setting


def _consent(law: str, day: str) -> people_pb2.LearnerConsent:
    read = Cells(by_column={"consents": day})
    return people_pb2.LearnerConsent(law=law, consent_date=read.day("consents"))


def _opt_out(school: School, what: str, value: str) -> people_pb2.FamilyOptOut:
    read = Cells(by_column={"opt_outs": value})
    if what == "offer":
        return people_pb2.FamilyOptOut(offer=school.of_school(OFFER, read, "opt_outs"))
    if what == "kind":
        kind = read.word("opt_outs", SESSION_WORDS)
        return people_pb2.FamilyOptOut(kind=kind)  # type: ignore[arg-type]
    if what == "subject":
        return people_pb2.FamilyOptOut(subject=value)
    raise CellError("opt_outs", "holds what nobody can opt out of.", _OPT_OUTS)


STAFF: Final = FileKind(
    name="staff",
    columns=(
        column("adult", "the adult's id", "a1", needed=True, field="name", who=Who.ADULT),
        column(
            "roles",
            f"{', '.join(_ROLE_WORDS)}; several with semicolons",
            "teacher; coach",
            needed=True,
        ),
        column("kinds", "of sessions that they may lead; empty: every one", "small_group; check"),
        column(
            "planning_slots",
            f"when they plan and lead nothing: {SLOTS}",
            "",
            field="planning_slot_ids",
        ),
        column("load", "the most sessions of a week; empty: no limit", "12"),
        column("preparations", "the most of a week; empty: the policy's limit alone", ""),
    ),
    message_of=_staff_member,
    stub=PEOPLE_STUB,
    upsert="BatchUpsertStaffMembers",
    listing="ListStaffMembers",
    requests=people_service_pb2,
    rows="staff_members",
    key="adult",
)

LEARNER_SETTINGS: Final = FileKind(
    name="learner_settings",
    columns=(
        column("learner", "the learner's id", "l1", needed=True, field="name", who=Who.LEARNER),
        column("named_adult", "who looks after their week", "a1", needed=True, who=Who.ADULT),
        column("families", "ids of families that act for them; they name nobody", ""),
        column("tags", "studio, lunch wave, bus, campus; several with semicolons", "studio-b"),
        column("consents", "by law, the day from which it is on file", "hb1416=2026-08-24"),
        column("opt_outs", "what the family has opted out of: offer=, kind= or subject=", ""),
        column("far_behind", "yes or no, as the guided plan says; empty: it is worked out", ""),
    ),
    message_of=_learner_setting,
    stub=PEOPLE_STUB,
    upsert="BatchUpsertLearnerSettings",
    listing="ListLearnerSettings",
    requests=people_service_pb2,
    rows="learner_settings",
    key="learner",
    rests_on={"UNKNOWN_OFFER": "offers"},
)
