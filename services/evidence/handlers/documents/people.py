"""Learners, adults, their aliases and enrolments, which follow from users, roles and enrolments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.evidence.domain.aliases import SubjectKind
from services.evidence.domain.derive.contents import entity_id, key, referred
from services.evidence.domain.derive.people import (
    Person,
    enrolment_of,
    kind_of_enrolment,
    person_of,
)
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.references import Reference, ReferenceKind, reference
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.roster import (
    Adult,
    Enrolment,
    FirstAlias,
    Learner,
    LearnerState,
    PersonKind,
    check_adults,
    check_learners,
)
from services.evidence.domain.source_object import Collection, ObjectKey
from services.evidence.domain.waiting import for_learner, for_object
from services.evidence.handlers.documents.identifying import PeopleAliases, aliases_of
from services.evidence.handlers.documents.loading import (
    keep_entities,
    load,
    load_children,
    noting_problem,
)
from services.evidence.handlers.documents.places import check_school, known_schools
from services.evidence.handlers.documents.surroundings import Progress


async def follow_users(progress: Progress, keys: Sequence[ObjectKey]) -> None:
    """Keep the learners and adults that users are, and how systems call them."""
    objects = await load(progress, keys)
    children = await load_children(progress, keys)
    people: dict[ObjectKey, Person] = {}
    for object_key, user in objects.items():
        with noting_problem(progress, object_key):
            people[object_key] = person_of(
                user,
                [one for one in children[object_key] if one.key.collection is Collection.ROLES],
                progress.settings,
                today=progress.now.date(),
            )
    await _link_placeless(progress, people)
    orgs = {org for one in people.values() for org in (one.learner_org, one.adult_org) if org}
    schools = await known_schools(progress, orgs)
    learners: dict[ObjectKey, Person] = {}
    adults: dict[ObjectKey, Person] = {}
    for object_key, person in people.items():
        with noting_problem(progress, object_key):
            if person.learner is not None:
                check_school(progress, person.learner_org, schools)
                learners[object_key] = person
        with noting_problem(progress, object_key):
            if person.adult is not None and not _works_nowhere(progress, person):
                check_school(progress, person.adult_org, schools)
                adults[object_key] = person
    await _Learners(progress, learners).keep()
    await _Adults(progress, adults).keep()
    await _let_go(progress, {key: one for key, one in people.items() if key not in learners})
    await _part_with(progress, {key: one for key, one in people.items() if key not in adults})


async def _link_placeless(progress: Progress, people: Mapping[ObjectKey, Person]) -> None:
    """Give students of whom their system does not say where to the learners who they are.

    Another system's record of the same person has the school; until there is one, they wait.
    """
    placeless = {one: person for one, person in people.items() if person.placeless}
    if not placeless:
        return
    aliases = await aliases_of(progress, SubjectKind.LEARNER, placeless.values())
    references: dict[str, list[Reference]] = {}
    for object_key, person in placeless.items():
        with noting_problem(progress, object_key):
            holder = aliases.one_holder(person)
            if holder is None:
                raise _placeless(person)
            references.setdefault(holder, []).extend(aliases.takeable(person))
    await aliases.keep(references)
    progress.awaited |= {for_learner(one) for mine in references.values() for one in mine}


def _placeless(person: Person) -> RefusedError:
    return RefusedError(
        RefusalReason.UNKNOWN_REFERENCE,
        "school",
        "Nothing says at which school this learner is.",
        "Send the association with the school, or the roster of the system that knows it; or name"
        " a school for such learners (`source set --learners-org`) and redrive.",
        awaits=for_learner(next(iter(person.linking), person.references[0])),
    )


def _works_nowhere(progress: Progress, person: Person) -> bool:
    """Whether somebody works for the district's office: nobody whom a school's week needs."""
    org = progress.objects.get(key(Collection.ORGS, person.adult_org))
    return org is not None and org.content.get("type") != "school"


async def _let_go(progress: Progress, people: Mapping[ObjectKey, Person]) -> None:
    """Withdraw the learners that these users were: no role says any more that they are."""
    source = progress.settings.source
    were = [one for one, person in people.items() if person.learner is None]
    own = {reference(ReferenceKind.SOURCED_ID, one.id, source): one.id for one in were}
    held = await progress.change.aliases.find(SubjectKind.LEARNER, own.keys())
    ids = {spans[-1].subject_id: own[one] for one, spans in held.items()}
    standing = await progress.change.roster.learners.standing(ids.keys())
    gone = [
        replace(one, state=LearnerState.WITHDRAWN)
        for one in standing.values()
        # What another system has brought is not this one's to end.
        if one.first_alias == FirstAlias(source=source, source_id=ids[one.id])
    ]
    await keep_entities(progress, progress.change.roster.learners, gone)


async def _part_with(progress: Progress, people: Mapping[ObjectKey, Person]) -> None:
    """Note of the adults that these users were that they work here no more."""
    source = progress.settings.source
    were = [
        one
        for one, person in people.items()
        if person.adult is None or _works_nowhere(progress, person)
    ]
    own = {reference(ReferenceKind.SOURCED_ID, one.id, source): entity_id(one.id) for one in were}
    held = await progress.change.aliases.find(SubjectKind.ADULT, own.keys())
    # Somebody else may have the same id: whom another system, or nobody's, has brought.
    ids = {own[one] for one, spans in held.items() if spans[-1].subject_id == own[one]}
    standing = await progress.change.roster.adults.standing(ids)
    gone = [replace(one, active=False) for one in standing.values()]
    await keep_entities(progress, progress.change.roster.adults, gone)


class _Learners:
    """The learners of a batch of users."""

    def __init__(self, progress: Progress, people: Mapping[ObjectKey, Person]) -> None:
        self._progress = progress
        self._people = {one: person for one, person in people.items() if person.learner}

    async def keep(self) -> None:
        """Find out who each is, keep what is new of them, and set free what waited for them."""
        if not self._people:
            return
        progress = self._progress
        aliases = await aliases_of(progress, SubjectKind.LEARNER, self._people.values())
        ids = self._identified(aliases)
        standing = dict(await progress.change.roster.learners.standing(set(ids.values())))
        learners: dict[str, Learner] = {}
        references: dict[str, list[Reference]] = {}
        for object_key, learner_id in ids.items():
            person = self._people[object_key]
            with noting_problem(progress, object_key):
                # Two records of one person in one batch are as two batches.
                (one,) = self._checked(person, learner_id, standing.get(learner_id))
                standing[learner_id] = learners[learner_id] = one
                references.setdefault(learner_id, []).extend(aliases.takeable(person))
        await keep_entities(progress, progress.change.roster.learners, list(learners.values()))
        await aliases.keep({one: mine for one, mine in references.items() if one in learners})
        progress.awaited |= {for_learner(one) for mine in references.values() for one in mine}

    def _identified(self, aliases: PeopleAliases) -> Mapping[ObjectKey, str]:
        """Return the id of each: the one its aliases have, else one made of its first alias."""
        progress = self._progress
        learners = [one.learner for one in self._people.values() if one.learner is not None]
        made = progress.surroundings.learner_ids.derive(
            progress.district, [one.first_alias for one in learners]
        )
        ids: dict[ObjectKey, str] = {}
        for object_key, person in self._people.items():
            assert person.learner is not None
            with noting_problem(progress, object_key):
                found = aliases.one_holder(person) or made[person.learner.first_alias]
                ids[object_key] = found
                aliases.claim(person, object_key, found)
        return ids

    def _checked(
        self, person: Person, learner_id: str, standing: Learner | None
    ) -> tuple[Learner, ...]:
        """Return the learner as kept: what the system says that has brought them first.

        Another system's record of the same person adds its aliases and changes nothing.
        """
        assert person.learner is not None
        wanted = replace(person.learner, id=learner_id)
        if standing is not None:
            if standing.first_alias != wanted.first_alias:
                return (standing,)
            wanted = replace(wanted, merged_into=standing.merged_into)
        return check_learners([wanted], {self._progress.settings.source})


class _Adults:
    """The adults of a batch of users."""

    def __init__(self, progress: Progress, people: Mapping[ObjectKey, Person]) -> None:
        self._progress = progress
        self._people = {one: person for one, person in people.items() if person.adult}

    async def keep(self) -> None:
        """Find out who each is, and keep what is new of them; subjects stay as people set them."""
        if not self._people:
            return
        progress = self._progress
        aliases = await aliases_of(progress, SubjectKind.ADULT, self._people.values())
        ids: dict[ObjectKey, str] = {}
        for object_key, person in self._people.items():
            with noting_problem(progress, object_key):
                found = aliases.one_holder(person) or entity_id(object_key.id)
                ids[object_key] = found
                aliases.claim(person, object_key, found)
        standing = await progress.change.roster.adults.standing(set(ids.values()))
        adults: list[Adult] = []
        for object_key, adult_id in ids.items():
            wanted = self._people[object_key].adult
            assert wanted is not None
            before = standing.get(adult_id)
            with noting_problem(progress, object_key):
                adults += check_adults(
                    [replace(wanted, id=adult_id, subjects=before.subjects if before else ())]
                )
        await keep_entities(progress, progress.change.roster.adults, adults)
        kept = {one.id for one in adults}
        references: dict[str, list[Reference]] = {one: [] for one in kept}
        for object_key, adult_id in ids.items():
            if adult_id in kept:
                references[adult_id] += aliases.takeable(self._people[object_key])
        await aliases.keep(references)


async def follow_enrolments(progress: Progress, keys: Sequence[ObjectKey]) -> None:
    """Keep the enrolments; the person and the section have to be there."""
    objects = await load(progress, keys)
    named = {one: key(Collection.USERS, referred(objects[one].content, "user")) for one in objects}
    kept = await progress.change.objects.standing(set(named.values()))
    users = {
        # Whose ids they are: a platform may enrol the users that the roster of another has.
        one: reference(
            ReferenceKind.SOURCED_ID,
            user.id,
            kept[user].source if user in kept else progress.settings.source,
        )
        for one, user in named.items()
    }
    held = {
        kind: await progress.change.aliases.find(SubjectKind(kind.value), set(users.values()))
        for kind in PersonKind
    }
    sections = await progress.change.sections.standing(
        {entity_id(referred(one.content, "class")) for one in objects.values()}
    )
    enrolments: list[Enrolment] = []
    for object_key, one in objects.items():
        with noting_problem(progress, object_key):
            kind = kind_of_enrolment(one)
            spans = held[kind].get(users[object_key], ())
            if not spans:
                raise _missing("user", key(Collection.USERS, referred(one.content, "user")))
            if entity_id(referred(one.content, "class")) not in sections:
                raise _missing("class", key(Collection.CLASSES, referred(one.content, "class")))
            enrolments.append(enrolment_of(one, person_kind=kind, person_id=spans[-1].subject_id))
    await keep_entities(progress, progress.change.enrolments, enrolments)


def _missing(field: str, named: ObjectKey) -> RefusedError:
    return RefusedError(
        RefusalReason.UNKNOWN_REFERENCE,
        field,
        f"The {field} that it names is not here.",
        f"Nothing to do if the {field} is on its way; else send it.",
        awaits=for_object(named),
    )
