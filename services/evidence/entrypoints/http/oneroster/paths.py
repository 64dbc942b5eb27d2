"""The paths of OneRoster's services: what stands behind each, and where each leads through.

A path is the tuple of the words in it; between two words, and after the last one of a single
object, stands an id. ("schools", "classes", "students") is /schools/{id}/classes/{id}/students.
Whatever a path leads through has to be there itself, else nothing is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from services.evidence.domain.oneroster import listings
from services.evidence.domain.oneroster.fields import Service, Version
from services.evidence.domain.oneroster.listings import Listing, all_of
from services.evidence.domain.source_object import Collection, ObjectKey

Path: TypeAlias = tuple[str, ...]


def _all(collection: Collection) -> Callable[[], Listing]:
    return lambda: all_of(collection)


def _resources(collection: Collection) -> Callable[[str], Listing]:
    return lambda parent: listings.resources_of(ObjectKey(collection=collection, id=parent))


LISTINGS: Final[Mapping[Path, Callable[..., Listing]]] = {
    ("academicSessions",): _all(Collection.ACADEMIC_SESSIONS),
    ("assessmentLineItems",): _all(Collection.ASSESSMENT_LINE_ITEMS),
    ("assessmentResults",): _all(Collection.ASSESSMENT_RESULTS),
    ("categories",): _all(Collection.CATEGORIES),
    ("classes",): _all(Collection.CLASSES),
    ("classes", "academicSessions"): lambda _class: all_of(Collection.ACADEMIC_SESSIONS),
    ("classes", "categories"): listings.categories_of_class,
    ("classes", "lineItems"): listings.line_items_of_class,
    ("classes", "lineItems", "results"): lambda _class, item: listings.results_of_line_item(item),
    ("classes", "resources"): _resources(Collection.CLASSES),
    ("classes", "results"): listings.results_of_class,
    ("classes", "scoreScales"): listings.score_scales_of_class,
    ("classes", "students"): listings.students_of_class,
    ("classes", "students", "results"): listings.results_of_student_in_class,
    ("classes", "teachers"): listings.teachers_of_class,
    ("courses",): _all(Collection.COURSES),
    ("courses", "classes"): listings.classes_of_course,
    ("courses", "resources"): _resources(Collection.COURSES),
    ("demographics",): _all(Collection.DEMOGRAPHICS),
    ("enrollments",): _all(Collection.ENROLLMENTS),
    ("gradingPeriods",): lambda: listings.GRADING_PERIODS,
    ("lineItems",): _all(Collection.LINE_ITEMS),
    ("orgs",): _all(Collection.ORGS),
    ("resources",): _all(Collection.RESOURCES),
    ("results",): _all(Collection.RESULTS),
    ("schools",): lambda: listings.SCHOOLS,
    ("schools", "classes"): listings.classes_of_school,
    ("schools", "classes", "enrollments"): lambda _, one: listings.enrollments_of_class(one),
    ("schools", "classes", "students"): lambda _, one: listings.students_of_class(one),
    ("schools", "classes", "teachers"): lambda _, one: listings.teachers_of_class(one),
    ("schools", "courses"): listings.courses_of_school,
    ("schools", "enrollments"): listings.enrollments_of_school,
    ("schools", "students"): listings.students_of_school,
    ("schools", "teachers"): listings.teachers_of_school,
    ("schools", "terms"): listings.terms_of_school,
    ("scoreScales",): _all(Collection.SCORE_SCALES),
    ("students",): lambda: listings.STUDENTS,
    ("students", "classes"): listings.classes_of_student,
    ("teachers",): lambda: listings.TEACHERS,
    ("teachers", "classes"): listings.classes_of_teacher,
    ("terms",): lambda: listings.TERMS,
    ("terms", "classes"): listings.classes_of_term,
    ("terms", "gradingPeriods"): listings.grading_periods_of_term,
    ("users",): _all(Collection.USERS),
    ("users", "classes"): listings.classes_of_user,
    ("users", "resources"): _resources(Collection.USERS),
}
"""The listing behind each path, of the ids in it but the last one of a single object."""


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(tuple(path.split("/")) for path in text.split())


READ: Final[Mapping[Service, Sequence[Path]]] = {
    Service.ROSTERING: _paths(
        "academicSessions classes classes/students classes/teachers courses courses/classes"
        " demographics enrollments gradingPeriods orgs schools schools/classes schools/courses"
        " schools/enrollments schools/students schools/teachers schools/terms"
        " schools/classes/enrollments schools/classes/students schools/classes/teachers"
        " students students/classes teachers teachers/classes terms terms/classes"
        " terms/gradingPeriods users users/classes"
    ),
    Service.GRADEBOOK: _paths(
        "categories lineItems results scoreScales assessmentLineItems assessmentResults"
        " classes/categories classes/lineItems classes/results classes/scoreScales"
        " classes/lineItems/results classes/students/results"
    ),
    Service.RESOURCES: _paths("resources classes/resources courses/resources users/resources"),
}
"""What each service of 1.2 gives out; a path of one word also by id."""

_SINCE_1_2: Final = frozenset({"scoreScales", "assessmentLineItems", "assessmentResults"})

POSTED: Final[Mapping[Path, Path]] = {
    ("classes", "lineItems"): ("class",),
    ("schools", "lineItems"): ("school",),
    ("lineItems", "results"): ("lineItem",),
    ("classes", "academicSessions", "results"): ("class",),
}
"""Where objects are posted to, and what of each the path says already."""


def read_in(version: Version, service: Service) -> Sequence[Path]:
    """Return the paths of a service in a version; 1.1 has one service for all of them."""
    if version is Version.V1_2:
        return READ[service]
    return [path for path in READ[service] if not _SINCE_1_2 & set(path)]


def base_path(version: Version, service: Service) -> str:
    """Return what all paths of a service begin with."""
    return (
        "/ims/oneroster/v1p1" if version is Version.V1_1 else f"/ims/oneroster/{service.value}/v1p2"
    )


def template(path: Path, *, single: bool = False) -> str:
    """Return a path as the router has it: an id may hold slashes, as OneRoster allows them."""
    ids = (f"{{id{position}:path}}" for position in range(len(path)))
    steps = [step for pair in zip(path, ids, strict=True) for step in pair]
    return "/" + "/".join(steps if single else steps[:-1])


def collection_of(path: Path) -> Collection:
    """Return what the objects behind a path are."""
    return LISTINGS[path](*path[:-1]).collection


def led_through(path: Path, ids: Sequence[str]) -> Iterable[tuple[Listing, str]]:
    """Give each listing on the way to a nested path, and the id of the object in it."""
    for depth in range(1, len(path)):
        yield LISTINGS[path[:depth]](*ids[: depth - 1]), ids[depth - 1]
