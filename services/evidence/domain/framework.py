"""Frameworks and their competencies, and the graph of what leads to what.

The prerequisites of a district form a graph without circles. The check reads edges that are given
to it; it must not know where they are kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.evidence.domain.entities import (
    Entity,
    EntityFault,
    Place,
    check_batch_size,
    check_distinct,
    check_identifier,
    check_set,
    check_text,
)

MAX_DISPLAY_NAME_LENGTH = 200
MAX_CODE_LENGTH = 64
MAX_LABEL_LENGTH = 300
MAX_SUBJECT_LENGTH = 64
MAX_GRADE_LENGTH = 16
MAX_PREREQUISITES = 32
MAX_ID_LENGTH = 64
MAX_CIRCLE_SHOWN = 8
"""Competencies of a circle that a refusal names: enough to find it, short enough to read."""

FRAMEWORKS = "frameworks"
COMPETENCIES = "competencies"


@dataclass(frozen=True, kw_only=True)
class Framework(Entity):
    """A set of competencies that belong together."""

    display_name: str


@dataclass(frozen=True, kw_only=True)
class Competency(Entity):
    """One thing a learner can come to do. prerequisites: a sorted set of ids of competencies.

    uri: the identifier that the framework's publisher gave it; empty where it has none.
    """

    framework_id: str
    code: str
    label: str
    subject: str
    grade: str
    essential: bool
    prerequisites: tuple[str, ...] = ()
    uri: str = ""


@dataclass(frozen=True, kw_only=True)
class Code:
    """What a framework calls a competency; no two competencies of a framework share one."""

    framework_id: str
    code: str


@dataclass(frozen=True, kw_only=True)
class FrameworkRun:
    """A run of the frameworks' snapshot: frameworks or competencies, sorted by id."""

    frameworks: tuple[Framework, ...] = ()
    competencies: tuple[Competency, ...] = ()


def code_of(competency: Competency) -> Code:
    """Return the competency's code within its framework."""
    return Code(framework_id=competency.framework_id, code=competency.code)


def check_frameworks(frameworks: Sequence[Framework]) -> tuple[Framework, ...]:
    """Return the frameworks with trimmed texts.

    Refuses the batch with InvalidEntityError or BatchTooLargeError.
    """
    check_batch_size(len(frameworks))
    checked = tuple(
        _checked_framework(Place(collection=FRAMEWORKS, index=index), framework)
        for index, framework in enumerate(frameworks)
    )
    check_distinct(FRAMEWORKS, "name", [framework.id for framework in checked])
    return checked


def check_competencies(competencies: Sequence[Competency]) -> tuple[Competency, ...]:
    """Return the competencies with trimmed texts and sorted prerequisites.

    Refuses the batch with InvalidEntityError or BatchTooLargeError. What needs the district's other
    competencies (frameworks, codes, prerequisites) is checked apart.
    """
    check_batch_size(len(competencies))
    checked = tuple(
        _checked_competency(Place(collection=COMPETENCIES, index=index), competency)
        for index, competency in enumerate(competencies)
    )
    check_distinct(COMPETENCIES, "name", [competency.id for competency in checked])
    check_distinct(COMPETENCIES, "code", [code_of(competency) for competency in checked])
    return checked


def check_known_frameworks(competencies: Sequence[Competency], known: Collection[str]) -> None:
    """Refuse the batch at the first competency whose framework the district does not have."""
    for index, competency in enumerate(competencies):
        if competency.framework_id not in known:
            raise _at(index, "framework").refusal(
                EntityFault.UNKNOWN_FRAMEWORK,
                f"the district has no framework {competency.framework_id}",
                "Send the framework first.",
            )


def check_free_codes(competencies: Sequence[Competency], holders: Mapping[Code, str]) -> None:
    """Refuse the batch at the first code that a competency outside of the batch holds.

    holders: the id of the competency that holds each code now. A code that a competency of the
    batch gives up is free.
    """
    batch = {competency.id for competency in competencies}
    for index, competency in enumerate(competencies):
        holder = holders.get(code_of(competency))
        if holder is not None and holder not in batch:
            raise _at(index, "code").refusal(
                EntityFault.CODE_TAKEN,
                f"{competency.code} is the code of competency {holder} in this framework",
                "Send another code, or give the other competency another one first.",
            )


def check_prerequisites(
    competencies: Sequence[Competency], standing: Mapping[str, Sequence[str]]
) -> None:
    """Refuse the batch where a prerequisite is unknown or the graph would have a circle.

    standing: prerequisites by competency id as they are kept now, at least of everything that can
    be reached from the batch's prerequisites. The batch's own take the place of the kept ones.
    """
    edges = {**standing, **{one.id: one.prerequisites for one in competencies}}
    for index, competency in enumerate(competencies):
        unknown = [one for one in competency.prerequisites if one not in edges]
        if unknown:
            raise _at(index, "prerequisites").refusal(
                EntityFault.UNKNOWN_PREREQUISITE,
                f"the district has no competency {unknown[0]}",
                "Send the prerequisite first, or in the same batch.",
            )
    circle = find_circle(edges, [competency.id for competency in competencies])
    if circle:
        _refuse_circle(competencies, circle)


def find_circle(edges: Mapping[str, Sequence[str]], starts: Sequence[str]) -> tuple[str, ...]:
    """Return the competencies of one circle that can be reached from the starts; empty if none.

    Each leads to the next and the last to the first. Depth first without recursion, as a chain may
    be thousands long; every edge is looked at once.
    """
    done: set[str] = set()
    for start in starts:
        if start not in done:
            circle = _circle_from(start, edges, done)
            if circle:
                return circle
    return ()


def _circle_from(start: str, edges: Mapping[str, Sequence[str]], done: set[str]) -> tuple[str, ...]:
    """Walk from one start; mark what leads into no circle as done."""
    # A dictionary keeps the order of the path and tells at once whether a competency is on it.
    path: dict[str, None] = {start: None}
    ahead = [iter(edges.get(start, ()))]
    while ahead:
        following = next((one for one in ahead[-1] if one not in done), None)
        if following is None:
            ahead.pop()
            done.add(path.popitem()[0])
        elif following in path:
            ids = list(path)
            return tuple(ids[ids.index(following) :])
        else:
            path[following] = None
            ahead.append(iter(edges.get(following, ())))
    return ()


def _refuse_circle(competencies: Sequence[Competency], circle: Sequence[str]) -> None:
    """Refuse the first competency of the batch that is part of the circle."""
    # The kept graph has no circle, so each one passes through the batch.
    index = next(at for at, competency in enumerate(competencies) if competency.id in circle)
    turn = circle.index(competencies[index].id)
    shown = [*circle[turn:], *circle[:turn]]
    middle = shown if len(shown) <= MAX_CIRCLE_SHOWN else [*shown[: MAX_CIRCLE_SHOWN - 1], "…"]
    raise _at(index, "prerequisites").refusal(
        EntityFault.PREREQUISITE_CYCLE,
        f"the prerequisites close a circle: {' < '.join([*middle, shown[0]])}",
        "Take one of these prerequisites away.",
    )


def _at(index: int, field: str) -> Place:
    """Return the place of a field of a competency of the batch."""
    return Place(collection=COMPETENCIES, index=index, field=field)


def _checked_framework(place: Place, framework: Framework) -> Framework:
    """Return one framework with trimmed texts, or refuse it."""
    check_identifier(place.at("name"), framework.id)
    return replace(
        framework,
        display_name=check_text(
            place.at("display_name"), framework.display_name, max_length=MAX_DISPLAY_NAME_LENGTH
        ),
    )


def _checked_competency(place: Place, competency: Competency) -> Competency:
    """Return one competency with trimmed texts and sorted prerequisites, or refuse it."""
    check_identifier(place.at("name"), competency.id)
    check_identifier(place.at("framework"), competency.framework_id)
    return replace(
        competency,
        code=check_text(place.at("code"), competency.code, max_length=MAX_CODE_LENGTH),
        label=check_text(place.at("label"), competency.label, max_length=MAX_LABEL_LENGTH),
        subject=check_text(place.at("subject"), competency.subject, max_length=MAX_SUBJECT_LENGTH),
        grade=check_text(
            place.at("grade"), competency.grade, max_length=MAX_GRADE_LENGTH, required=False
        ),
        prerequisites=check_set(
            place.at("prerequisites"),
            competency.prerequisites,
            max_count=MAX_PREREQUISITES,
            max_length=MAX_ID_LENGTH,
        ),
    )
