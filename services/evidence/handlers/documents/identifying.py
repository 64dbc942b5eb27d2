"""Whose the references of people are: who is found by them, who is given them, what conflicts.

A reference that came with a user object is given on once no record of its holder says it any more:
the SIS has corrected it. What a person has said ends only by a person's word.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.evidence.domain.aliases import (
    ALWAYS_MICROS,
    FOREVER_MICROS,
    Alias,
    SubjectKind,
    holder_at,
    span_at,
)
from services.evidence.domain.derive.people import Person, references_of, shares_number
from services.evidence.domain.merging import root_of
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.references import Reference, ReferenceKind
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection as Objects
from services.evidence.domain.source_object import KeptObject, ObjectKey
from services.evidence.domain.waiting import for_learner, for_object
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.handlers.intake import micros_of

MAX_RECORDS_OF_ONE: Final = 50
"""User objects of one person that are looked at; who has more keeps every reference."""

_KEPT_WHILE_SAID: Final = frozenset({ReferenceKind.SIS_NUMBER, ReferenceKind.LMS_UUID})
"""An e-mail is the newest holder's in any case, and a sourced id never another's."""


@dataclass(kw_only=True)
class PeopleAliases:
    """The aliases of people of one kind: whose each reference is, and what changes."""

    progress: Progress
    kind: SubjectKind
    held: Mapping[Reference, Sequence[Alias]]
    into: Mapping[str, str] = field(default_factory=dict)
    """Of learners that were merged: into whom."""
    claimed: dict[Reference, tuple[str, ObjectKey, bool]] = field(default_factory=dict)
    """Linking references of people of this batch: whose, by which object, and whether shared."""
    records: dict[Reference, Sequence[KeptObject]] = field(default_factory=dict)
    """Of references that others than their holders say: the standing user objects of the holder."""
    free: set[Reference] = field(default_factory=set)
    """Those of them that may be given on."""

    def linked(self, person: Person) -> Sequence[str]:
        """Return who has the references by which a person is found."""
        found = (self._keeper(one) or self.claimed.get(one, (None,))[0] for one in person.linking)
        return [one for one in found if one is not None]

    def holder(self, one: Reference) -> str | None:
        """Return whose a reference is now."""
        return holder_at(self.held.get(one, ()), micros_of(self.progress.now))

    def claim(self, person: Person, object_key: ObjectKey, subject_id: str) -> None:
        """Let those who come later in this batch find a person who may be new."""
        for one in person.linking:
            self.claimed.setdefault(one, (subject_id, object_key, person.shares_number))

    def one_holder(self, person: Person) -> str | None:
        """Return who already has the person's own or linking references; refuse two of them.

        Those who are merged are one; which of them it is matters when the merge is undone.
        """
        own = self.holder(person.references[0])
        holders = [one for one in (own, *self.linked(person)) if one is not None]
        if len({self._root(one) for one in holders}) > 1:
            raise _conflict(
                self._awaited(person),
                "Where they are one person, merge them (merge-learners) and redrive this one.",
            )
        if own is None and self.kind is SubjectKind.LEARNER and self._is_another(person):
            raise _conflict(
                self._awaited(person),
                "Where they are one person, give this one's id to that learner (import-aliases)"
                " and redrive this one.",
            )
        return next(iter(holders), None)

    def takeable(self, person: Person) -> Iterable[Reference]:
        """Return the references that the person may have: those that nobody has, and e-mails.

        An e-mail is given to somebody else one day; any other id that is another's stays so until
        none of the other's records says it any more.
        """
        mine = self.holder(person.references[0])
        for one in person.references:
            if (
                one.kind is ReferenceKind.EMAIL
                or one in self.free
                or self.holder(one) in (None, mine)
            ):
                yield one

    async def keep(self, references: Mapping[str, Sequence[Reference]]) -> None:
        """Give references to people by id; one that was another's is theirs from now on."""
        now = micros_of(self.progress.now)
        gone: list[Alias] = []
        new: list[Alias] = []
        given: dict[Reference, str] = {}
        for subject_id, mine in sorted(references.items()):
            for one in dict.fromkeys(mine):
                if given.setdefault(one, subject_id) == subject_id:
                    begun = Alias(
                        subject_kind=self.kind,
                        reference=one,
                        subject_id=subject_id,
                        said_by=self.progress.settings.source,
                    )
                    before, after = _given(self.held.get(one, ()), begun, now)
                    gone += before
                    new += after
        await self.progress.change.aliases.replace(gone, new, self.progress.now)
        if self.kind is SubjectKind.LEARNER:
            former = {one.subject_id for one in gone}
            await self.progress.change.resolutions.request_learners(former)

    async def look_at_holders(self, people: Collection[Person]) -> None:
        """Find out which references that are said of others their holders' records still say."""
        asked: dict[Reference, Alias] = {}
        for person in people:
            own = self.holder(person.references[0])
            for one in person.references:
                span = self._current(one)
                if span is None or one.kind not in _KEPT_WHILE_SAID:
                    continue
                if own is None or self._root(own) != self._root(span.subject_id):
                    asked[one] = span
        records = await self._records_of({self._root(one.subject_id) for one in asked.values()})
        for one, span in asked.items():
            self.records[one] = records.get(self._root(span.subject_id), ())
            if self._is_free(one, span):
                self.free.add(one)

    def _is_free(self, one: Reference, span: Alias) -> bool:
        """Whether the holder's systems say that it is the holder's no more.

        Of a holder who has no record any more nothing is said: a system that has given all its
        records new ids is not to lose who they are.
        """
        records = self.records[one]
        return (
            bool(span.said_by)
            and len(records) <= MAX_RECORDS_OF_ONE
            and not any(_says(record, one) for record in records)
            and any(
                record.source == span.said_by or _says_another(record, one) for record in records
            )
        )

    def _is_another(self, person: Person) -> bool:
        """Whether a new record is linked to somebody of whom its own system has another record.

        A system has one record of a person, or gives all of them one master identifier.
        """
        source = self.progress.settings.source
        for one in person.linking:
            kept = self._keeper(one)
            claim = self.claimed.get(one)
            if kept is not None:
                others = [record for record in self.records[one] if record.source == source]
                if not person.shares_number:
                    return bool(others)
                if not all(_says(record, one) and _shares(record) for record in others):
                    return True
            elif claim is not None and not (person.shares_number and claim[2]):
                return True
        return False

    def _awaited(self, person: Person) -> str:
        """Return what has to change for references of a person to be free."""
        for one in person.linking:
            claim = self.claimed.get(one)
            saying = [record for record in self.records.get(one, ()) if _says(record, one)]
            if saying:
                return for_object(saying[0].object.key)
            if claim is not None:
                return for_object(claim[1])
        return for_learner(person.linking[0])

    async def _records_of(self, roots: Collection[str]) -> Mapping[str, Sequence[KeptObject]]:
        """Return the standing user objects of people by root, those of this source first."""
        if not roots:
            return {}
        subjects = {one for one in (*self.into, *roots) if self._root(one) in roots}
        change = self.progress.change
        called: dict[str, dict[ObjectKey, str]] = {}
        for alias in await change.aliases.of_each(self.kind, subjects, ReferenceKind.SOURCED_ID):
            mine = called.setdefault(self._root(alias.subject_id), {})
            if len(mine) <= MAX_RECORDS_OF_ONE:
                user = ObjectKey(collection=Objects.USERS, id=alias.reference.value)
                mine[user] = alias.reference.system
        users = await change.objects.standing({user for mine in called.values() for user in mine})
        source = self.progress.settings.source
        return {
            root: sorted(
                (
                    one
                    for user, system in mine.items()
                    if (one := users.get(user)) is not None
                    and one.source == system
                    and not one.object.deleted
                ),
                key=lambda one: (one.source != source, one.object.key.id),
            )
            for root, mine in called.items()
        }

    def _keeper(self, one: Reference) -> str | None:
        """Return who has a reference and keeps it."""
        return None if one in self.free else self.holder(one)

    def _current(self, one: Reference) -> Alias | None:
        return span_at(self.held.get(one, ()), micros_of(self.progress.now))

    def _root(self, subject_id: str) -> str:
        return root_of(subject_id, self.into)


async def aliases_of(
    progress: Progress, kind: SubjectKind, people: Collection[Person]
) -> PeopleAliases:
    """Return whose the references of people are, and which may be given on."""
    asked = {one for person in people for one in person.references}
    learners = kind is SubjectKind.LEARNER
    aliases = PeopleAliases(
        progress=progress,
        kind=kind,
        held=await progress.change.aliases.find(kind, asked),
        into=await progress.change.merges.standing() if learners else {},
    )
    await aliases.look_at_holders(people)
    return aliases


def _says(record: KeptObject, one: Reference) -> bool:
    return one in references_of(record.object, (), record.source)


def _says_another(record: KeptObject, one: Reference) -> bool:
    """Whether a record that does not say a reference says another one of its kind."""
    said = references_of(record.object, (), record.source)
    return any((other.kind, other.system) == (one.kind, one.system) for other in said)


def _shares(record: KeptObject) -> bool:
    return shares_number(record.object)


def _conflict(awaits: str, hint: str) -> RefusedError:
    return RefusedError(
        RefusalReason.IDENTITY_CONFLICT,
        "identifier",
        "The ids of this person belong to two learners.",
        "Where they are two, correct the number in the system that has it wrong, and this one is"
        f" taken up by itself. {hint}",
        awaits=awaits,
    )


def _given(
    spans: Sequence[Alias], begun: Alias, now: int
) -> tuple[Sequence[Alias], Sequence[Alias]]:
    """Return which spans go and which come, where a reference is somebody's from now on.

    It may be promised to somebody from a later day on: it is theirs from then on all the same.
    """
    current = span_at(spans, now)
    if current is not None and current.subject_id == begun.subject_id:
        return (), ()
    begun = replace(
        begun,
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
