"""S1 and S6: the team is told what it is to be told, and nothing that is not so."""

from collections.abc import Iterator

from services.scheduler.domain.check.basics import PLAN_ANEW
from services.scheduler.domain.check.claims import (
    Key,
    Stands,
    floor_of,
    has_left,
    is_without_gain,
    on_roll,
    sections_to_reteach,
)
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, NoticeKind


def departures(index: Index) -> Iterator[Breach]:
    """Yield the notices that are missing or groundless."""
    yield from _reteach(index)
    yield from _no_gain(index)


def _reteach(index: Index) -> Iterator[Breach]:
    notices = [one for one in index.week.notices if one.kind is NoticeKind.RETEACH]
    told = {(one.section_id, one.competency_id) for one in notices}
    due = sections_to_reteach(index.problem)
    for section_id, target in sorted(told ^ due):
        what = "is to be taught again, and nobody is told"
        if (section_id, target) in told:
            what = "is named to be taught again, and too few lack it"
        yield _departure(Rule.GREATEST_NEED, f"competency {target} {what}", section_id)


def _no_gain(index: Index) -> Iterator[Breach]:
    notices = [one for one in index.week.notices if one.kind is NoticeKind.NO_GAIN]
    told = {(one.learner_id, one.competency_id) for one in notices}
    stuck = _stuck(index)
    for learner_id, target in sorted({key for key, due in stuck.items() if due} - told):
        what = f"learner {learner_id} gains nothing on competency {target}, and nobody is told"
        yield _departure(Rule.CALM_EXITS, what)
    for learner_id, target in sorted(told - stuck.keys()):
        what = f"learner {learner_id} is said to gain nothing on competency {target}, and does"
        yield _departure(Rule.CALM_EXITS, what)


def _stuck(index: Index) -> dict[Key, bool]:
    """Return who has gained nothing on what, and whether they would else be helped with it."""
    found = {}
    here = on_roll(index.problem)
    for key, need in index.needs.items():
        history = index.group_histories.get(key)
        known = key[0] in index.learners and key[1] in index.competencies
        if known and is_without_gain(need, history, index.problem.policy):
            left = has_left(need, history, index.problem.policy)
            helped = floor_of(need, index.problem) is Stands.HELP
            found[key] = helped and not left and key[0] in here
    return found


def _departure(rule: Rule, what: str, section_id: str = "") -> Breach:
    where = f"In section {section_id}, " if section_id else "In the week, "
    return Breach(rule=rule, slot_id="", message=f"{where}{what}. {PLAN_ANEW}")
