"""Which objects stand behind a path: all of a collection, or those that others lead to.

    students_of_class("c1")     the users with an enrolment as a student in class c1
    terms_of_school("s1")       the terms of the classes of school s1

A listing is a value; adapters find its objects. What leads to others counts only while it is not
deleted itself, while what is listed may be deleted and then says so.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from services.evidence.domain.source_object import Collection, ObjectKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Is:
    """The field of this name holds this text."""

    field: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refers:
    """The reference of this name, or one of the list of references, leads to this id."""

    field: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildOf:
    """It stands within this object."""

    parent: ObjectKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Holds:
    """One of these stands within it."""

    children: "Listing"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferredToBy:
    """One of these refers to it in the field of this name."""

    listing: "Listing"
    field: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefersInto:
    """The reference of this name leads to one of these."""

    field: str
    listing: "Listing"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """One of the conditions holds."""

    conditions: "tuple[Condition, ...]"


Condition: TypeAlias = Is | Refers | ChildOf | Holds | ReferredToBy | RefersInto | AnyOf


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """The objects of a collection for which all conditions hold."""

    collection: Collection
    conditions: tuple[Condition, ...] = ()


def all_of(collection: Collection, *conditions: Condition) -> Listing:
    """Return the listing of a collection under conditions."""
    return Listing(collection=collection, conditions=conditions)


def _is_role(role: str) -> Is:
    return Is(field="role", value=role)


SCHOOLS: Final = all_of(Collection.ORGS, Is(field="type", value="school"))
TERMS: Final = all_of(Collection.ACADEMIC_SESSIONS, Is(field="type", value="term"))
GRADING_PERIODS: Final = all_of(
    Collection.ACADEMIC_SESSIONS, Is(field="type", value="gradingPeriod")
)


def users_in_role(role: str) -> Listing:
    """Return the users with a role, at any org."""
    return all_of(Collection.USERS, Holds(children=all_of(Collection.ROLES, _is_role(role))))


STUDENTS: Final = users_in_role("student")
TEACHERS: Final = users_in_role("teacher")


def classes_of_course(course: str) -> Listing:
    """Return the classes of a course."""
    return all_of(Collection.CLASSES, Refers(field="course", target=course))


def classes_of_school(school: str) -> Listing:
    """Return the classes of a school."""
    return all_of(Collection.CLASSES, Refers(field="school", target=school))


def classes_of_term(term: str) -> Listing:
    """Return the classes that are held in a term."""
    return all_of(Collection.CLASSES, Refers(field="terms", target=term))


def classes_of_user(user: str) -> Listing:
    """Return the classes in which a user is enrolled, in whatever role."""
    return _classes_by_enrolment(Refers(field="user", target=user))


def classes_of_student(user: str) -> Listing:
    """Return the classes in which a user is enrolled as a student."""
    return _classes_by_enrolment(Refers(field="user", target=user), _is_role("student"))


def classes_of_teacher(user: str) -> Listing:
    """Return the classes in which a user is enrolled as a teacher."""
    return _classes_by_enrolment(Refers(field="user", target=user), _is_role("teacher"))


def students_of_class(class_: str) -> Listing:
    """Return the users with an enrolment as a student in a class."""
    return _users_of_class(class_, "student")


def teachers_of_class(class_: str) -> Listing:
    """Return the users with an enrolment as a teacher in a class."""
    return _users_of_class(class_, "teacher")


def students_of_school(school: str) -> Listing:
    """Return who has a student's role at a school, or is enrolled as one in a class of it."""
    return _users_of_school(school, "student")


def teachers_of_school(school: str) -> Listing:
    """Return who has a teacher's role at a school, or is enrolled as one in a class of it."""
    return _users_of_school(school, "teacher")


def courses_of_school(school: str) -> Listing:
    """Return the courses of a school: its own, and those that its classes belong to.

    Where a district owns all courses, only the classes say where one is taught.
    """
    return all_of(
        Collection.COURSES,
        AnyOf(
            conditions=(
                Refers(field="org", target=school),
                ReferredToBy(listing=classes_of_school(school), field="course"),
            )
        ),
    )


def enrollments_of_school(school: str) -> Listing:
    """Return the enrolments at a school."""
    return all_of(Collection.ENROLLMENTS, Refers(field="school", target=school))


def enrollments_of_class(class_: str) -> Listing:
    """Return the enrolments in a class."""
    return all_of(Collection.ENROLLMENTS, Refers(field="class", target=class_))


def terms_of_school(school: str) -> Listing:
    """Return the terms in which classes of a school are held; a term names no school itself."""
    taught = ReferredToBy(listing=classes_of_school(school), field="terms")
    return all_of(Collection.ACADEMIC_SESSIONS, *TERMS.conditions, taught)


def grading_periods_of_term(term: str) -> Listing:
    """Return the grading periods whose parent is a term."""
    parent = Refers(field="parent", target=term)
    return all_of(Collection.ACADEMIC_SESSIONS, *GRADING_PERIODS.conditions, parent)


def line_items_of_class(class_: str) -> Listing:
    """Return the line items of a class."""
    return all_of(Collection.LINE_ITEMS, Refers(field="class", target=class_))


def categories_of_class(class_: str) -> Listing:
    """Return the categories of the line items of a class; a category names no class itself."""
    used = ReferredToBy(listing=line_items_of_class(class_), field="category")
    return all_of(Collection.CATEGORIES, used)


def score_scales_of_class(class_: str) -> Listing:
    """Return the score scales of a class."""
    return all_of(Collection.SCORE_SCALES, Refers(field="class", target=class_))


def results_of_line_item(line_item: str) -> Listing:
    """Return the results of a line item."""
    return all_of(Collection.RESULTS, Refers(field="lineItem", target=line_item))


def results_of_class(class_: str) -> Listing:
    """Return the results of the line items of a class; not every result names its class."""
    return all_of(Collection.RESULTS, _of_line_items(class_))


def results_of_student_in_class(class_: str, student: str) -> Listing:
    """Return one learner's results of the line items of a class."""
    return all_of(
        Collection.RESULTS, Refers(field="student", target=student), _of_line_items(class_)
    )


def resources_of(parent: ObjectKey) -> Listing:
    """Return the resources of a class, a course or a user."""
    links = all_of(_RESOURCE_LINKS[parent.collection], ChildOf(parent=parent))
    return all_of(Collection.RESOURCES, ReferredToBy(listing=links, field="resource"))


_RESOURCE_LINKS: Final = {
    Collection.CLASSES: Collection.CLASS_RESOURCES,
    Collection.COURSES: Collection.COURSE_RESOURCES,
    Collection.USERS: Collection.USER_RESOURCES,
}


def _classes_by_enrolment(*conditions: Condition) -> Listing:
    enrolled = all_of(Collection.ENROLLMENTS, *conditions)
    return all_of(Collection.CLASSES, ReferredToBy(listing=enrolled, field="class"))


def _users_of_class(class_: str, role: str) -> Listing:
    enrolled = all_of(Collection.ENROLLMENTS, Refers(field="class", target=class_), _is_role(role))
    return all_of(Collection.USERS, ReferredToBy(listing=enrolled, field="user"))


def _users_of_school(school: str, role: str) -> Listing:
    roles = all_of(Collection.ROLES, _is_role(role), Refers(field="org", target=school))
    enrolled = all_of(Collection.ENROLLMENTS, Refers(field="school", target=school), _is_role(role))
    either = (Holds(children=roles), ReferredToBy(listing=enrolled, field="user"))
    return all_of(Collection.USERS, AnyOf(conditions=either))


def _of_line_items(class_: str) -> RefersInto:
    return RefersInto(field="lineItem", listing=line_items_of_class(class_))
