"""H11 and H12: no text that labels, a reason on every seat, and value and hash of the very week."""

import re
from collections.abc import Iterator

from services.scheduler.domain import encode
from services.scheduler.domain.check.basics import PLAN_ANEW
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.value import terms_in
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.titles import BANNED_WORDS, NEUTRAL_TITLES
from services.scheduler.domain.week import Breach, Seat, value_of

MICRO = 1_000_000
EVIDENCE_LIMIT = 5
ALTERNATIVES_LIMIT = 3
MEND_TITLE = "Change the offer's title or the competency's label, and plan the week anew."
SERVICE_TITLE = NEUTRAL_TITLES[SessionKind.SERVICE]
_RULES = frozenset(Rule)
_LEVEL = re.compile(r"(?<![\w.])[1-4]\.[0-9](?!\w|\.\w)")


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the texts that label somebody and the seats without a whole reason."""
    words = _words(index)
    for session in index.week.sessions:
        found = _label_in(session.title, words)
        if session.kind is SessionKind.SERVICE and session.title != SERVICE_TITLE:
            found = "it tells who gets a service"
        if not session.title.strip() or found:
            why = f"labels learners ({found})" if found else "is empty"
            message = f'The title "{session.title}" {why}. {MEND_TITLE}'
            yield Breach(rule=Rule.NO_LABEL, slot_id=session.slot_id, message=message)
    for seat in index.week.seats:
        leak = _label_in(seat.learner_sentence, words) or _level_in(index, seat)
        if leak:
            message = f"What learner {seat.learner_id} reads labels them ({leak}). {MEND_TITLE}"
            yield Breach(rule=Rule.NO_LABEL, slot_id=seat.slot_id, message=message)
    yield from _reasons(index)
    if index.week.terms:
        yield from _terms(index)
    if index.week.week_hash != encode.week_hash(index.week):
        yield _of_week("The week's hash is not the hash of the week")


def _words(index: Index) -> list[str]:
    """Return what no hall and no learner's sentence may show, folded: words, and codes."""
    codes = [c.code for c in index.problem.competencies if c.code]
    words = [*BANNED_WORDS, *index.problem.policy.banned_words, *codes]
    return sorted({" ".join(word.lower().split()) for word in words if word.strip()})


def _label_in(text: str, words: list[str]) -> str | None:
    folded = " ".join(text.lower().split())
    for word in words:
        at = folded.find(word)
        while at >= 0:
            before, after = folded[at - 1 : at], folded[at + len(word) : at + len(word) + 1]
            if not _joins(before) and not _joins(after):
                return word
            at = folded.find(word, at + 1)
    return None


def _joins(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _level_in(index: Index, seat: Seat) -> str | None:
    """Return a number like a level that is not the title's or label's own, as in "Units of 1.5"."""
    session = index.session_of(seat)
    own: set[str] = set()
    if session is not None:
        competency = index.competencies.get(session.competency_id or "")
        own = set(_LEVEL.findall(session.title))
        own |= set(_LEVEL.findall(competency.label if competency is not None else ""))
    others = sorted(set(_LEVEL.findall(seat.learner_sentence)) - own)
    return others[0] if others else None


def _reasons(index: Index) -> Iterator[Breach]:
    for seat in index.week.seats:
        said = seat.staff_sentence.strip() and seat.learner_sentence.strip()
        few = len(seat.evidence) <= EVIDENCE_LIMIT and len(seat.alternatives) <= ALTERNATIVES_LIMIT
        bound = all(a.rule in _RULES and a.sentence for a in seat.alternatives)
        if not (said and few and bound):
            message = f"The seat of learner {seat.learner_id} has no whole reason. {PLAN_ANEW}"
            yield Breach(rule=Rule.EXPLAINED, slot_id=seat.slot_id, message=message)


def _terms(index: Index) -> Iterator[Breach]:
    """Yield the terms that the seats do not bear out, and a value above the bound."""
    stated = {term.rule: term.value_milli for term in index.week.terms}
    found = {term.rule: term.value_milli for term in terms_in(index)}
    for rule in sorted(stated.keys() | found.keys()):
        is_, says = found.get(rule, 0), stated.get(rule, 0)
        if is_ != says:
            yield _of_week(f"The week states {says} for {rule}, and its seats are worth {is_}")
    if len(stated) < len(index.week.terms):
        yield _of_week("The week states the value of one rule more than once")
    yield from _nearness(index, value_of(terms_in(index)))


def _nearness(index: Index, value: int) -> Iterator[Breach]:
    """Yield a bound below what the week is worth, and a gap that is not that to its bound."""
    bound, says = index.week.bound_milli, index.week.summary.week_gap_micro
    if bound and value > bound:
        yield _of_week(f"The week is worth more than the bound of {bound}")
    is_ = None
    if index.week.assignment is not None and (bound > 0 or value >= bound):
        is_ = -(-max(bound - value, 0) * MICRO // max(bound, 1))
    if says is not None and says != is_:
        yield _of_week(f"The week states a gap of {says} millionths, and is {is_} below its bound")


def _of_week(what: str) -> Breach:
    return Breach(rule=Rule.EXPLAINED, slot_id="", message=f"{what}. {PLAN_ANEW}")
