"""Learners, adults, their aliases and enrolments, which follow from users, roles and enrolments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.evidence.domain.aliases import (
    ALWAYS_MICROS,
    FOREVER_MICROS,
    Alias,
    SubjectKind,
    holder_at,
)
from services.evidence.domain.derive.contents import entity_id, key, referred
from services.evidence.domain.derive.people import (
    Person,
    enrolment_of,
    kind_of_enrolment,
    person_of,
)
from services.evidence.domain.merging import root_of
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
from services.evidence.handlers.documents.loading import (
    keep_entities,
    load,
    load_children,
    noting_problem,
)
from services.evidence.handlers.documents.places import check_school, known_schools
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.handlers.intake import micros_of

Holders = Mapping[Reference, Sequence[Alias]]


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
    asked = {one for person in placeless.values() for one in person.references}
    if not asked:
        return
    aliases = _Aliases(
        progress=progress,
        kind=SubjectKind.LEARNER,
        held=await progress.change.aliases.find(SubjectKind.LEARNER, asked),
        into=await progress.change.merges.standing(),
    )
    references: dict[str, list[Reference]] = {}
    for object_key, person in placeless.items():
        with noting_problem(progress, object_key):
            holder = _one_holder(person, aliases)
            if holder is None:
                raise _placeless(person)
            references.setdefault(holder, []).extend(_takeable(person, aliases))
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


@dataclass(kw_only=True)
class _Aliases:
    """The aliases of people of one kind: whose each reference is, and what changes."""

    progress: Progress
    kind: SubjectKind
    held: Holders
    into: Mapping[str, str] = field(default_factory=dict)
    """Of learners that were merged: into whom."""
    claimed: dict[Reference, str] = field(default_factory=dict)
    """Linking references of people who are new in this batch."""

    def root(self, subject_id: str) -> str:
        """Return who somebody is after all merges."""
        return root_of(subject_id, self.into)

    def linked(self, person: Person) -> Sequence[str]:
        """Return who has the references by which a person is found."""
        found = (self.holder(one) or self.claimed.get(one) for one in person.linking)
        return [one for one in found if one is not None]

    def holder(self, one: Reference) -> str | None:
        """Return whose a reference is now."""
        return holder_at(self.held.get(one, ()), micros_of(self.progress.now))

    async def keep(self, references: Mapping[str, Sequence[Reference]]) -> None:
        """Give references to people by id; one that was another's is theirs from now on."""
        now = micros_of(self.progress.now)
        gone: list[Alias] = []
        new: list[Alias] = []
        given: dict[Reference, str] = {}
        for subject_id, mine in sorted(references.items()):
            for one in dict.fromkeys(mine):
                if given.setdefault(one, subject_id) == subject_id:
                    ended, begun = _given(self.held.get(one, ()), one, self.kind, subject_id, now)
                    gone += ended
                    new += begun
        await self.progress.change.aliases.replace(gone, new, self.progress.now)


def _given(
    spans: Sequence[Alias], one: Reference, kind: SubjectKind, subject_id: str, now: int
) -> tuple[Sequence[Alias], Sequence[Alias]]:
    """Return which spans go and which come, where a reference is somebody's from now on.

    It may be promised to somebody from a later day on: it is theirs from then on all the same.
    """
    current = next((span for span in spans if span.from_micros <= now < span.until_micros), None)
    if current is not None and current.subject_id == subject_id:
        return (), ()
    begun = Alias(
        subject_kind=kind,
        reference=one,
        subject_id=subject_id,
        # What nobody had before was theirs all along: evidence may be older than the roster.
        from_micros=now if any(span.from_micros <= now for span in spans) else ALWAYS_MICROS,
        until_micros=min(
            (span.from_micros for span in spans if span.from_micros > now), default=FOREVER_MICROS
        ),
    )
    if current is None:
        return (), (begun,)
    ended = replace(current, until_micros=now)
    return (current,), (ended, begun) if ended.from_micros < now else (begun,)


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
        asked = {one for person in self._people.values() for one in person.references}
        aliases = _Aliases(
            progress=progress,
            kind=SubjectKind.LEARNER,
            held=await progress.change.aliases.find(SubjectKind.LEARNER, asked),
            into=await progress.change.merges.standing(),
        )
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
                references.setdefault(learner_id, []).extend(_takeable(person, aliases))
        await keep_entities(progress, progress.change.roster.learners, list(learners.values()))
        await aliases.keep({one: mine for one, mine in references.items() if one in learners})
        progress.awaited |= {for_learner(one) for mine in references.values() for one in mine}

    def _identified(self, aliases: _Aliases) -> Mapping[ObjectKey, str]:
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
                found = _one_holder(person, aliases) or made[person.learner.first_alias]
                ids[object_key] = found
                for one in person.linking:
                    aliases.claimed.setdefault(one, found)
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


def _one_holder(person: Person, aliases: _Aliases) -> str | None:
    """Return who already has the person's own or linking references; refuse two of them.

    Those who are merged are one; which of them it is matters when the merge is undone.
    """
    own = aliases.holder(person.references[0])
    holders = [one for one in (own, *aliases.linked(person)) if one is not None]
    if len({aliases.root(one) for one in holders}) > 1:
        raise RefusedError(
            RefusalReason.IDENTITY_CONFLICT,
            "identifier",
            "The ids of this person belong to two learners.",
            "Merge the two (merge-learners), or correct the ids in the system that sent them.",
        )
    return next(iter(holders), None)


def _takeable(person: Person, aliases: _Aliases) -> Iterable[Reference]:
    """Return the references that the person may have: those that nobody has, and e-mails.

    An e-mail is given to somebody else one day; any other id that is another's stays so.
    """
    mine = aliases.holder(person.references[0])
    for one in person.references:
        holder = aliases.holder(one)
        if holder in (None, mine) or one.kind is ReferenceKind.EMAIL:
            yield one


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
        asked = {one for person in self._people.values() for one in person.references}
        aliases = _Aliases(
            progress=progress,
            kind=SubjectKind.ADULT,
            held=await progress.change.aliases.find(SubjectKind.ADULT, asked),
        )
        ids: dict[ObjectKey, str] = {}
        for object_key, person in self._people.items():
            with noting_problem(progress, object_key):
                found = _one_holder(person, aliases) or entity_id(object_key.id)
                ids[object_key] = found
                for one in person.linking:
                    aliases.claimed.setdefault(one, found)
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
                references[adult_id] += _takeable(self._people[object_key], aliases)
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
