"""What a school lacks in its settings and people: each look yields what it finds."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.numbers import with_tiers
from services.scheduler.domain.readiness.state import (
    Finding,
    SchoolState,
    Severity,
    informs,
    listed,
    stops,
    weakens,
)
from services.scheduler.domain.school import (
    KeepKind,
    KeepRule,
    SchoolOffer,
    SchoolRoom,
    with_essentials,
)


def of_the_week(state: SchoolState) -> Iterator[Finding]:
    """Yield what stops any week: no policy, no slot, a contradiction, nobody who signs."""
    if state.policy is None:
        yield stops(
            "NO_POLICY",
            "The school has no policy yet, so nothing is known of its slots.",
            "Set the policy with the school's name, its time zone and its slots.",
        )
    elif not state.slots:
        yield stops(
            "NO_SLOTS",
            f"The week of {state.monday} has no slot in which sessions could be held.",
            "Add slots, or choose a week in which the school is open.",
        )
    if state.broken:
        yield stops("CONTRADICTION", f"What is set contradicts itself: {state.broken}", "Mend it.")
    if state.signers is not None and not state.signers:
        yield stops(
            "NO_SIGNER",
            "Nobody may sign a week off, so no week can be published.",
            "Give somebody the role of who leads the school.",
        )
    if not state.clock_runs:
        yield informs(
            "CLOCK_OFF",
            "The clock does not run for the school: no choice opens, and no week is planned or"
            " published by itself.",
            "Who leads the school lets it run (UpdateSchoolCycle), or each step is done by hand.",
        )


def of_people(state: SchoolState) -> Iterator[Finding]:
    """Yield who is missing, and which learners nobody looks after."""
    if not state.learners:
        yield stops(
            "NO_LEARNERS",
            "The roster has no learner in the school in that week.",
            "Send the roster, or look at the dates of enrolment.",
        )
    if not state.adults:
        yield stops(
            "NO_ADULTS", "The roster has no active adult in the school.", "Send the roster."
        )
    if state.learners_with_adult is not None:
        alone = [
            one.learner_id
            for one in state.learners
            if one.learner_id not in state.learners_with_adult
        ]
        if alone:
            yield weakens(
                "LEARNER_WITHOUT_ADULT",
                listed("Learners without a named adult to confirm choices", "learner", alone),
                "Name an adult for each of them.",
            )


def of_places(state: SchoolState) -> Iterator[Finding]:
    """Yield slots with too few places, and whether there is a commons."""
    for slot in state.places or ():
        if slot.missing:
            yield stops(
                "PLACES_MISSING",
                f"In slot {slot.slot_id} there are {slot.learners} learners, and the adults and"
                f" rooms give {slot.places} places at most.",
                f"Add offers for {slot.missing} more: another adult, a wider room, a greater cap.",
            )
    if not any(one.kind is SessionKind.COMMONS for one in state.offers):
        yield weakens(
            "NO_COMMONS",
            "No offer is of the kind commons, the place of those who have no other.",
            "Offer one, in a room that holds many.",
        )


def of_offers(state: SchoolState) -> Iterator[Finding]:
    """Yield offers that name what there is not, or that are never held."""
    adults = {one.adult_id for one in state.adults}
    rooms = {one.id: one for one in state.rooms}

    def without_adult(offer: SchoolOffer) -> bool:
        return not adults >= {offer.adult_id, *offer.co_adult_ids}

    def without_room(offer: SchoolOffer) -> bool:
        return not rooms.keys() >= set(offer.room_ids)

    def without_layout(offer: SchoolOffer) -> bool:
        known = [rooms[one] for one in offer.room_ids if one in rooms]
        return bool(offer.layout) and any(
            offer.layout not in {each.layout for each in room.layouts} for room in known
        )

    yield from _each_offer(
        state,
        without_adult,
        "OFFER_ADULT_MISSING",
        "Offers whose adult is not active in the school, which are left out",
        "Correct the adult of the offer, or the roster.",
    )
    yield from _each_offer(
        state,
        without_room,
        "OFFER_ROOM_MISSING",
        "Offers in a room that the school does not have",
        "Add the room, or correct the offer.",
    )
    tiers = with_tiers(state.policy.numbers).tiers if state.policy else ()
    yield from _each_offer(
        state,
        lambda offer: bool(state.policy) and not set(offer.tier_ids) <= {t.tier_id for t in tiers},
        "OFFER_TIER_MISSING",
        "Offers for a tier that the policy no longer has",
        "Correct the tiers of the offer, or those of the policy.",
    )
    yield from _each_offer(
        state,
        without_layout,
        "LAYOUT_UNKNOWN",
        "Offers in a layout for which a room states no capacity, so the room's own counts",
        "Add the layout to the room.",
    )
    if state.slots:
        yield from _each_offer(
            state,
            lambda offer: not _held_at(state, offer, rooms),
            "OFFER_NEVER_HELD",
            "Offers that cannot be held in the week, for the adult is away, the room is closed, or"
            " the week has none of their slots",
            "Nothing, if that is meant; else correct the offer, the absence or the room.",
            Severity.INFORMS,
        )


def _held_at(state: SchoolState, offer: SchoolOffer, rooms: dict[str, SchoolRoom]) -> bool:
    """Whether an offer can be held in some slot of the week."""
    lead = {offer.adult_id, *offer.co_adult_ids}
    planned = [rooms[one].planned(state.slots) for one in offer.room_ids if one in rooms]
    for slot in state.slots:
        if offer.slot_ids and slot.slot_id not in offer.slot_ids:
            continue
        away = any(
            one.adult_id in lead
            and one.date == slot.date
            and (not one.slot_ids or slot.slot_id in one.slot_ids)
            for one in state.absences
        )
        opened = not planned or any(slot.slot_id not in one.closed_slot_ids for one in planned)
        if opened and not away:
            return True
    return False


def of_subjects(state: SchoolState) -> Iterator[Finding]:
    """Yield subjects of needs that nobody is qualified for, or that no offer works on."""
    if state.needs is None:
        yield Finding(
            severity=Severity.INFORMS,
            code="NEEDS_UNKNOWN",
            message="The needs of the learners could not be read, so places and subjects were not"
            " looked at.",
            hint="Check again when the mastery service answers.",
        )
        return
    subject_of = {one.competency_id: one.subject for one in state.competencies}
    needed = Counter(subject_of.get(one.competency_id, "") for one in state.needs)
    qualified = {subject for adult in state.adults for subject in adult.subjects}
    offered = {
        subject
        for one in state.offers
        if one.kind.has_target
        for subject in (one.subject, *(subject_of.get(each, "") for each in one.competencies))
    }
    for subject, count in sorted(needed.items()):
        if not subject or subject in qualified & offered:
            continue
        lacks_adult = subject not in qualified
        yield weakens(
            "SUBJECT_WITHOUT_ADULT" if lacks_adult else "SUBJECT_WITHOUT_OFFER",
            f"Learners have {count} needs in {subject}, and "
            + ("no adult is qualified for it." if lacks_adult else "no offer works on it."),
            "Add the subject to an adult in the roster."
            if lacks_adult
            else "Offer a small group, help for one, or a check in it.",
        )


def of_services(state: SchoolState) -> Iterator[Finding]:
    """Yield required services that nobody delivers, or for nobody who is there."""
    delivered = {(one.service, adult) for one in state.offers for adult in (one.adult_id, "")}
    days = {slot.date for slot in state.slots}
    due = [one for one in state.services if any(map(one.holds_on, days))]
    lacking = [one.id for one in due if (one.service, one.adult_id) not in delivered]
    if lacking:
        yield weakens(
            "SERVICE_WITHOUT_OFFER",
            listed(
                "Required services that no offer delivers, so minutes will be short",
                "required service",
                lacking,
            ),
            "Add an offer of the kind service with that service, led by the adult if one is set.",
        )
    here = {one.learner_id for one in state.learners}
    gone = [one.id for one in due if one.learner_id not in here]
    if gone:
        yield informs(
            "SERVICE_LEARNER_GONE",
            listed(
                "Required services of learners who are not on the roll", "required service", gone
            ),
            "Remove it, or set its last day.",
        )


def of_keep_rules(state: SchoolState) -> Iterator[Finding]:
    """Yield keep rules that have ended, end, oppose, or are about somebody who is gone."""
    ended = [one.id for one in state.keep_rules if not one.stands_on(state.monday)]
    if ended:
        yield informs(
            "KEEP_RULE_ENDED",
            listed("Keep rules that have ended and no longer hold", "keep rule", ended),
            "Set a new date, or remove it.",
        )
    last = max((slot.date for slot in state.slots), default=state.monday)
    standing = [one for one in state.keep_rules if one.stands_on(state.monday)]
    for one in standing:
        if not one.stands_on(last):
            yield informs(
                "KEEP_RULE_ENDS",
                f"Keep rule {one.id} ends within the week: it holds in the slots before"
                f" {one.expire_date}.",
                "Set a later date if it should hold for the whole week.",
            )
    yield from _of_opposites(standing)
    here = {one.learner_id for one in state.learners}
    gone = [one.id for one in standing if not here >= set(one.pair)]
    if gone:
        yield informs(
            "KEEP_RULE_LEARNER_GONE",
            listed("Keep rules with a learner who is not on the roll", "keep rule", gone),
            "Remove it if they have left for good.",
        )


def _of_opposites(standing: Sequence[KeepRule]) -> Iterator[Finding]:
    together = {one.pair: one for one in standing if one.kind is KeepKind.TOGETHER}
    for one in standing:
        if one.kind is KeepKind.APART and one.pair in together:
            yield weakens(
                "KEEP_RULES_OPPOSE",
                f"Keep rule {one.id} and keep rule {together[one.pair].id} say the opposite of the"
                " same two learners; they are kept apart.",
                "Remove one of the two.",
            )


def of_essentials(state: SchoolState) -> Iterator[Finding]:
    """Yield essential competencies that there are not, or that never fall due."""
    known = {one.competency_id for one in state.competencies}
    strange = [one.id for one in state.essentials if one.id not in known]
    if strange:
        yield informs(
            "ESSENTIAL_UNKNOWN",
            listed(
                "Essential competencies that no framework of the district has",
                "competency",
                strange,
            ),
            "Correct it, or send the framework.",
        )
    undated = [
        one.competency_id
        for one in with_essentials(state.competencies, state.essentials)
        if one.essential and one.due_date is None
    ]
    if undated:
        yield weakens(
            "ESSENTIAL_WITHOUT_DATE",
            listed(
                "Essential competencies without a due date, which never count for who is far"
                " behind",
                "competency",
                undated,
            ),
            "Set the date until which learners are to show it.",
        )


def _each_offer(  # noqa: PLR0917  (what is looked for, and the words for it)
    state: SchoolState,
    lacks: Callable[[SchoolOffer], bool],
    code: str,
    what: str,
    hint: str,
    severity: Severity = Severity.WEAKENS,
) -> Iterator[Finding]:
    found = [one.id for one in state.offers if lacks(one)]
    if found:
        yield Finding(severity=severity, code=code, message=listed(what, "offer", found), hint=hint)
