"""What a finished week is worth, term by term, from the problem and the seats alone.

Read together with `claims`, which has the weights of needs. In enrichment and commons every choice
that a seat meets counts, once a week; in other sessions the dearest, in every seat.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from services.scheduler.domain.check.basics import HELP, OWN_CHOICE, stands_on
from services.scheduler.domain.check.claims import LOWEST_MILLI, Claim, half_up
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import Choice, Mode, Problem, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Seat, Session, Term, Week

Part = tuple[Rule, int]
"""A rule, and what it adds in thousandths of a point."""

RULES = (
    Rule.GREATEST_NEED,
    Rule.ONE_GAP,
    Rule.VOICE,
    Rule.ENRICHMENT_FOR_ALL,
    Rule.CONTINUITY,
    Rule.KNOWN_ADULT,
)
"""The rules that have a value; the others are limits."""


def terms_of(problem: Problem, week: Week) -> tuple[Term, ...]:
    """Return what each soft rule adds to the value of a week, in the order of the rules."""
    return terms_in(Index(problem, week))


def terms_in(index: Index) -> tuple[Term, ...]:
    """Return the terms of an indexed week."""
    total: Counter[Rule] = Counter(dict.fromkeys(RULES, 0))
    for learner_id, seats in index.seats_of.items():
        for rule, milli in parts_of_learner(index, learner_id, seats):
            total[rule] += milli
    for rule, milli in _together(index):
        total[rule] += milli
    return tuple(Term(rule=rule, value_milli=total[rule]) for rule in RULES)


def parts_of_learner(index: Index, learner_id: str, seats: Iterable[Seat]) -> Iterator[Part]:
    """Yield what the seats of one learner are worth, each for itself and then together."""
    on_claim: Counter[str] = Counter()
    enrichments = 0
    chosen: set[Choice] = set()
    for seat in seats:
        session = index.session_of(seat)
        if session is None:
            continue
        yield from parts_of_seat(index, learner_id, session)
        if session.kind in HELP and help_claim(index, learner_id, session) is not None:
            on_claim[session.competency_id or ""] += 1
        enrichments += session.kind is SessionKind.ENRICHMENT
        if session.kind in OWN_CHOICE:
            chosen |= set(index.offers_chosen(learner_id, session))
    yield Rule.VOICE, sum(rank_milli(index, choice) for choice in chosen)
    yield Rule.ENRICHMENT_FOR_ALL, enrichments_milli(index, enrichments)
    for competency_id, count in on_claim.items():
        claim = index.claims[learner_id, competency_id]
        yield Rule.GREATEST_NEED, -repeat_milli(index, claim) * (count - 1)
    if on_claim:
        yield Rule.GREATEST_NEED, first_need_milli(index, learner_id)


def parts_of_seat(index: Index, learner_id: str, session: Session) -> Iterator[Part]:
    """Yield what a seat is worth whatever else the learner's week holds."""
    weights = index.problem.policy.weights
    if session.kind in HELP:
        claim = help_claim(index, learner_id, session)
        if claim is not None:
            yield from _of_help(index, claim, session)
    elif session.kind is SessionKind.CHECK:
        claim = index.claims.get((learner_id, session.competency_id or ""))
        if claim is not None and not claim.is_help:
            yield Rule.GREATEST_NEED, claim.weight_milli
    elif session.kind is SessionKind.COMMONS:
        yield Rule.ENRICHMENT_FOR_ALL, weights.commons_milli
    yield from _of_choice(index, learner_id, session)
    learner = index.learners.get(learner_id)
    if learner is not None and session.adult_id in learner.adult_ids:
        yield Rule.KNOWN_ADULT, weights.known_adult_milli


def help_claim(index: Index, learner_id: str, session: Session) -> Claim | None:
    """Return the claim to help on a session's target; None where the learner has none."""
    claim = index.claims.get((learner_id, session.competency_id or ""))
    return claim if claim is not None and claim.is_help else None


def rank_milli(index: Index, choice: Choice) -> int:
    """Return what a choice adds in enrichment or commons, by its rank."""
    return _points(choice.rank, index.problem.policy.weights.choice_ranks_milli)


def _points(rank: int, points: tuple[int, ...]) -> int:
    """Return the points of a rank; ranks beyond the policy's list have none."""
    return points[rank - 1] if 1 <= rank <= len(points) else 0


def repeat_milli(index: Index, claim: Claim) -> int:
    """Return what a second or later seat on one need is worth less than the first."""
    share = index.problem.policy.weights.repeat_milli
    return half_up(claim.weight_milli * (1000 - share), 1000)


def enrichments_milli(index: Index, count: int) -> int:
    """Return what so many enrichment seats of one week are worth to a learner."""
    weights = index.problem.policy.weights
    if count <= 0:
        return 0
    return weights.first_enrichment_milli + weights.enrichment_milli * (count - 1)


def first_need_milli(index: Index, learner_id: str) -> int:
    """Return what a learner's first help seat of the week adds, more for who waited for one."""
    weights = index.problem.policy.weights
    history = index.histories.get(learner_id)
    without = 0 if history is None else history.weeks_without_need_seat
    return weights.first_need_milli * min(without + 1, weights.first_need_weeks)


def _of_help(index: Index, claim: Claim, session: Session) -> Iterator[Part]:
    weights = index.problem.policy.weights
    fitting = half_up(claim.weight_milli * _tier_share(index, claim, session), 1000)
    yield Rule.GREATEST_NEED, claim.weight_milli
    yield Rule.ONE_GAP, fitting - claim.weight_milli
    offer = index.offers.get(session.offer_id)
    shares = {Mode.PEER: weights.peer_milli, Mode.SCREEN: weights.screen_milli}
    if offer is not None and offer.mode in shares:
        yield Rule.GREATEST_NEED, half_up(fitting * shares[offer.mode], 1000) - fitting
    history = index.group_histories.get((claim.need.learner_id, claim.need.competency_id))
    if history is not None and history.adult_id == session.adult_id:
        yield Rule.CONTINUITY, weights.same_adult_milli
    if history is not None and history.last_week:
        yield Rule.CONTINUITY, weights.continued_milli


def _tier_share(index: Index, claim: Claim, session: Session) -> int:
    """Return the share of its weight that a need keeps in a session of this tier."""
    tiers = index.problem.policy.tiers
    if not tiers:
        return 1000
    level = LOWEST_MILLI if claim.need.level_milli is None else claim.need.level_milli
    fitting = (t for t in tiers if t.from_level_milli <= level < t.below_level_milli)
    own = next(fitting, tiers[-1])
    if own.tier_id == session.tier_id:
        return 1000
    shares = {fit.tier_id: fit.share_milli for fit in own.fits}
    return shares.get(session.tier_id, index.problem.policy.weights.other_tier_milli)


def _of_choice(index: Index, learner_id: str, session: Session) -> Iterator[Part]:
    if session.kind not in OWN_CHOICE:
        points = index.problem.policy.weights.choice_of_help_ranks_milli
        ranks = [choice.rank for choice in index.offers_chosen(learner_id, session)]
        yield Rule.VOICE, _points(min(ranks), points) if ranks else 0
    if index.asks_again(learner_id, session):
        yield Rule.VOICE, index.problem.policy.weights.reassessment_milli


def _together(index: Index) -> Iterator[Part]:
    """Yield what good company adds: a pair in one session, for each slot."""
    milli = index.problem.policy.weights.together_milli
    for pair in index.problem.keep_together:
        theirs = defaultdict(set)
        for learner_id in (pair.learner_id, pair.other_id):
            for seat in index.seats_of.get(learner_id, ()):
                session = index.session_of(seat)
                if session is not None and stands_on(pair.expire_date, session.date):
                    theirs[learner_id].add(session.session_id)
        shared = theirs[pair.learner_id] & theirs[pair.other_id]
        yield Rule.KNOWN_ADULT, milli * len(shared)
