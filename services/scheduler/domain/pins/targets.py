"""The target of a session that persons ask for without naming one: what its learners need most."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.pins.forced import Forced, Key
from services.scheduler.domain.pins.index import Index
from services.scheduler.domain.rules import Entitlement


def with_targets(index: Index, forced: Mapping[Key, Forced]) -> dict[Key, Forced]:
    """Return the sessions, each with a target where its learners need one; the others stay open."""
    wishes = Counter(
        (one.learner_id, one.competency_id)
        for one in index.snapshot.problem.choices
        if one.offer_id is None and one.competency_id is not None
    )
    return {key: _with_target(index, forced[key], wishes) for key in sorted(forced)}


def _with_target(index: Index, one: Forced, wishes: Counter[Key]) -> Forced:
    if one.competency_id is not None or not one.offer.kind.has_target:
        return one
    weights = _weights(index, one, wishes, Entitlement.met_by(one.offer.kind))
    # Whoever has no claim of the session's kind has perhaps one of the other.
    weights = weights or _weights(index, one, wishes, None)
    if not weights:
        return one
    target = min(weights, key=lambda c: (-weights[c], c))
    return replace(one, competency_id=target, target_ids=(target,))


def _weights(
    index: Index, one: Forced, wishes: Counter[Key], entitlement: Entitlement | None
) -> Counter[str]:
    """Return the weight of each target to the learners of a session, of claims of one kind."""
    found: Counter[str] = Counter()
    for learner_id in one.learners:
        if one.offer.kind is SessionKind.REASSESSMENT:
            asked = {t: wishes[learner_id, t] for t in one.target_ids if t is not None}
            found.update({target: count for target, count in asked.items() if count})
            continue
        for claim in index.snapshot.claims_of.get(learner_id, ()):
            fits = entitlement in (None, claim.entitlement)
            if fits and claim.competency_id in one.target_ids:
                found[claim.competency_id] += claim.weight_milli
    return found
