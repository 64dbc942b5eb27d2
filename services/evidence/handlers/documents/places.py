"""Schools, terms and sections that follow from orgs, academic sessions and classes."""

from collections.abc import Collection as Many
from collections.abc import Sequence

from services.evidence.domain.derive.contents import entity_id, key, referred
from services.evidence.domain.derive.places import school_of, section_of, term_of
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.roster import School, Section, Term, check_schools
from services.evidence.domain.source_object import Collection, ObjectKey
from services.evidence.domain.waiting import for_object
from services.evidence.handlers.documents.loading import keep_entities, load, noting_problem
from services.evidence.handlers.documents.surroundings import Progress


async def follow_orgs(progress: Progress, keys: Sequence[ObjectKey]) -> None:
    """Keep the schools that orgs are. A school whose org is gone stays: people hang on it."""
    objects = await load(progress, keys)
    store = progress.change.roster.schools
    standing = await store.standing([entity_id(one.id) for one in keys])
    schools: list[School] = []
    for object_key, org in objects.items():
        if org.deleted:
            continue
        with noting_problem(progress, object_key):
            before = standing.get(entity_id(object_key.id))
            found = school_of(org, time_zone=progress.time_zone, standing=before)
            if found is not None:
                schools += check_schools([found], {found.time_zone})
    await keep_entities(progress, store, schools)


async def follow_sessions(progress: Progress, keys: Sequence[ObjectKey]) -> None:
    """Keep the terms that academic sessions are."""
    terms: list[Term] = []
    for object_key, session in (await load(progress, keys)).items():
        with noting_problem(progress, object_key):
            terms.append(term_of(session))
    await keep_entities(progress, progress.change.terms, terms)


async def follow_classes(progress: Progress, keys: Sequence[ObjectKey]) -> None:
    """Keep the sections that classes are; their school has to be there."""
    objects = await load(progress, keys)
    contents = [one.content for one in objects.values()]
    courses = await load(
        progress, {key(Collection.COURSES, referred(one, "course")) for one in contents}
    )
    schools = await known_schools(progress, {referred(one, "school") for one in contents})
    sections: list[Section] = []
    for object_key, one in objects.items():
        with noting_problem(progress, object_key):
            check_school(progress, referred(one.content, "school"), schools)
            course = key(Collection.COURSES, referred(one.content, "course"))
            sections.append(section_of(one, courses.get(course)))
    await keep_entities(progress, progress.change.sections, sections)


async def known_schools(progress: Progress, org_ids: Many[str]) -> Many[str]:
    """Return the ids of those of the orgs that are schools of the district."""
    await load(progress, {key(Collection.ORGS, one) for one in org_ids})
    found = await progress.change.roster.schools.standing({entity_id(one) for one in org_ids})
    return found.keys()


def check_school(progress: Progress, org_id: str, schools: Many[str]) -> None:
    """Refuse what names a school that is not there; it waits where the org is not there either."""
    if entity_id(org_id) in schools:
        return
    org = key(Collection.ORGS, org_id)
    if org in progress.objects and not progress.objects[org].deleted:
        raise RefusedError(
            RefusalReason.UNKNOWN_REFERENCE,
            "school",
            "The org that it names is no school.",
            "Name the school; a district or department is none.",
        )
    raise RefusedError(
        RefusalReason.UNKNOWN_REFERENCE,
        "school",
        "The school that it names is not here.",
        "Nothing to do if the school is on its way; else send it.",
        awaits=for_object(org),
    )
