"""What a state of mastery has to agree with: other orders, the plain account, the reference.

Each check says which promise was broken, in words that a test of a mutant can look for.
"""

from __future__ import annotations

import math

from services.mastery.domain.state_hash import CompetencyRow, LearnerRow, OccasionRow
from tests.support import mastery_reference as reference
from tests.support.mastery_account import Account, accepted, revisions_of
from tests.support.mastery_events import competency_name, learner_name

TOLERANCE = 1e-9


class DisagreementError(AssertionError):
    """The state is not what the facts say."""


def agree(promise, where, found, expected):
    """Raise DisagreementError where two things differ that a promise makes the same."""
    if found != expected:
        raise DisagreementError(f"{promise}; {where}: found {found!r}, not {expected!r}")


async def of_orders(system, facts, terms, chance):
    """Compare the hash with that of the same facts, shuffled and cut, into an empty state.

    `terms` are the epochs and the seals that it is folded with.
    """
    shuffled = chance.sample(facts, len(facts))
    sizes = [chance.randint(1, 70) for _ in range(4)]
    fresh = await system.fresh(*terms, shuffled, sizes)
    agree(
        "one hash for every order",
        f"{len(facts)} facts",
        await system.state_hash(),
        await fresh.state_hash(),
    )


async def of_rows(system, facts, epochs=(), seals=()):
    """Compare sums, windows, occasions, tests, counts and position with the plain account."""
    rows, standing = await system.rows()
    account = Account(accepted(facts, seals), epochs)
    learners = [row for row in rows if isinstance(row, LearnerRow)]
    masteries = [row for row in rows if isinstance(row, CompetencyRow)]
    occasions = [row for row in rows if isinstance(row, OccasionRow)]
    _same("sums of learners", _learners(learners), account.learners())
    _same("windows of learners", _windows(learners), account.windows())
    _same("sums of masteries", _masteries(masteries), account.masteries())
    _same("occasions", _occasions(occasions), account.occasions())
    tests = {_key(row): row.test_sums for row in occasions if row.test_sums}
    _same("external tests", {key: sums[:5] for key, sums in tests.items()}, account.tests())
    whole = {key: sums[5:] for key, sums in tests.items() if sums[5]}
    _same("external tests of learners", whole, account.learner_tests())
    _same("pieces", standing.evidence_count, len(account.live))
    highest = max((event.ledger_position for event in facts), default=0)
    _same("the highest position", standing.ledger_position, highest)


def _same(what, found, expected):
    agree("the rows of the plain account", what, found, expected)


def _learners(rows):
    return {learner_name(row.learner): (row.evidence_count, row.r_sum, row.i_sum) for row in rows}


def _windows(rows):
    return {
        learner_name(row.learner): [
            (piece.occur_time_us, piece.evidence_id, piece.r, piece.i) for piece in row.window
        ]
        for row in rows
    }


def _masteries(rows):
    return {
        _key(row)[:2]: (
            row.evidence_count,
            row.r_sum,
            row.i_sum,
            row.deep_count,
            row.untimed_count,
        )
        for row in rows
    }


def _occasions(rows):
    return {
        _key(row): (row.score_sum, row.score_count, row.local_day, row.newest_time_us)
        for row in rows
    }


def _key(row):
    occasion = row.key if isinstance(row, OccasionRow) else ""
    return learner_name(row.learner), competency_name(row.competency), occasion


def of_reading(found, facts, as_of_us, document=None):
    """Compare a mastery with the second implementation of the work that was done by then.

    `document` is a district's policy; one that changes the current rule changes decisions as well,
    of which the second implementation knows the default alone, so its level alone is compared.
    """
    known = [
        one for one in reference.winners(revisions_of(facts)) if one["occur_time_us"] <= as_of_us
    ]
    expected = reference.mastery_of(known, found.learner, found.competency, as_of_us)
    where, mastery = (found.learner, found.competency, as_of_us), found.mastery
    rule = (document or {}).get("current_rule")
    _reads(where, "counts", _counts(mastery), _of(expected["counts"], _counts(mastery)))
    _reads_estimate(where, mastery.estimate, expected["estimate"])
    level = _level(rule, expected)
    _reads(where, "level", mastery.current_level_milli, level)
    if rule is None:
        _reads(where, "decision", mastery.decision.name.lower(), expected["decision"])
        _reads(where, "credit", mastery.credit_level_milli, expected["credit"])
        for flag in ("needs_reteach", "ready_to_reassess", "refresh_due"):
            _reads(where, flag, getattr(mastery, flag), expected[flag])


def _level(rule, expected):
    if rule is None or not expected["shown"]:
        return expected["current"]
    return reference.RULES[rule["name"]](expected["shown"], rule.get("parameter", 0))


def _counts(mastery):
    summary = mastery.summary
    return {
        "evidence": summary.evidence_count,
        "works": summary.work_count,
        "items": summary.item_count,
        "occasions": summary.occasion_count,
        "days": summary.day_count,
    }


def _of(values, names):
    return {name: values[name] for name in names}


def _reads_estimate(where, found, expected):
    for name, value in expected.items():
        close = math.isclose(getattr(found, name), value, rel_tol=0, abs_tol=TOLERANCE)
        _reads(where, f"{name} of the estimate is {value}", close, True)


def _reads(where, what, found, expected):
    agree("readings of the second implementation", (*where, what), found, expected)
