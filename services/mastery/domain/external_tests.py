"""External tests among other work: what they weigh, and facts as they would be without one.

An end-of-year test has forty items on what a term of class work has shown in many ways. Item by
item it would fill every window and leave nothing of the class work; so all of its items on one
competency are pooled, and the pool takes one place in a window, as one piece of work does. Nothing
here may depend on the order in which evidence came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from services.mastery.domain.model import (
    WHOLE_TEST,
    WINDOW_SIZE,
    CompetencyFacts,
    ExternalTest,
    LearnerFacts,
    Piece,
)


class Work(NamedTuple):
    """A piece, or an external test, at its place in a window; contributions in units of 2**-20."""

    newest_time_us: int
    r: float
    i: float
    shown: Piece | ExternalTest


def work_window(facts: LearnerFacts | CompetencyFacts) -> Sequence[Work]:
    """Return the newest 32 pieces of work, tests among them, newest first.

    A test comes before pieces of the same moment: its own moment is that of its last item.
    """
    works = [work_of_piece(piece) for piece in facts.window]
    if not facts.tests:
        return works
    works += [work_of_test(test) for test in facts.tests]
    works.sort(key=_order, reverse=True)
    return works[:WINDOW_SIZE]


def work_of_piece(piece: Piece) -> Work:
    """Return a piece as work."""
    return Work(newest_time_us=piece.occur_time_us, r=piece.r, i=piece.i, shown=piece)


def work_of_test(test: ExternalTest) -> Work:
    """Return a test as work that weighs 1 at most, whatever it said of its number of items."""
    scale = WHOLE_TEST / max(WHOLE_TEST, test.share_sum)
    return Work(
        newest_time_us=test.newest_time_us, r=scale * test.r_sum, i=scale * test.i_sum, shown=test
    )


def work_sums(facts: LearnerFacts | CompetencyFacts) -> tuple[float, float]:
    """Return the sums of r and i over all work, each test weighing 1 at most."""
    r, i = float(facts.r_sum), float(facts.i_sum)
    for test in facts.tests:
        work = work_of_test(test)
        r += work.r
        i += work.i
    return r, i


def work_count(competency: CompetencyFacts) -> int:
    """Return how many pieces of work there are, each external test being one."""
    in_tests = sum(test.piece_count for test in competency.tests)
    return competency.evidence_count - in_tests + len(competency.tests)


def newest_time_us(facts: LearnerFacts | CompetencyFacts) -> int | None:
    """Return the moment of the newest piece, in a test or not; None without evidence."""
    moments = [piece.occur_time_us for piece in facts.window[:1]]
    moments += [test.newest_time_us for test in facts.tests[:1]]
    return max(moments, default=None)


def newest_local_day(competency: CompetencyFacts) -> int | None:
    """Return the day of the newest piece, in a test or not; None without evidence."""
    days = [(piece.occur_time_us, piece.local_day) for piece in competency.window[:1]]
    days += [(test.newest_time_us, test.local_day) for test in competency.tests[:1]]
    return max(days)[1] if days else None


def newest_keys(tests: Iterable[ExternalTest], limit: int) -> list[str]:
    """Return the keys of the newest tests, oldest first, at most `limit`; each key once."""
    newest: dict[str, int] = {}
    for test in tests:
        newest[test.key] = max(test.newest_time_us, newest.get(test.key, test.newest_time_us))
    ordered = sorted(newest.items(), key=lambda pair: (pair[1], pair[0]))
    return [key for key, _ in ordered[-limit:]]


def learner_without(facts: LearnerFacts, keys: Iterable[str]) -> LearnerFacts:
    """Return a learner's facts as if the tests had not been taken."""
    left_out = frozenset(keys)
    kept = tuple(test for test in facts.tests if test.key not in left_out)
    return replace(facts, tests=kept)


def competency_without(facts: CompetencyFacts, keys: Iterable[str]) -> CompetencyFacts:
    """Return a competency's facts as if the tests had not been taken."""
    left_out = frozenset(keys)
    gone = [test for test in facts.tests if test.key in left_out]
    if not gone:
        return facts
    return replace(
        facts,
        evidence_count=facts.evidence_count - sum(test.piece_count for test in gone),
        deep_count=facts.deep_count - sum(test.deep_count for test in gone),
        untimed_count=facts.untimed_count - sum(test.untimed_count for test in gone),
        tests=tuple(test for test in facts.tests if test.key not in left_out),
        occasions=tuple(each for each in facts.occasions if each.key not in left_out),
    )


def _order(work: Work) -> tuple[int, bool, str, str, bytes]:
    shown = work.shown
    if isinstance(shown, Piece):
        return shown.occur_time_us, False, "", "", shown.evidence_id
    return shown.newest_time_us, True, shown.key, shown.competency, b""
