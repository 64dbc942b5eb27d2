"""What lea's needs entitle her to, for tests of claims."""

from services.scheduler.domain.claims import Claim, claims_of
from services.scheduler.domain.numbers import Policy, Weights
from tests.support.schools import a_problem

LOW_AND_THIN = {"evidence_count": 1, "day_count": 1, "level_milli": 1000}
"""What makes a need one observation of 1, which is too little for help."""


def claims_for(*needs, **changes) -> tuple[Claim, ...]:
    """Return the claims of a school of one learner, lea, with these needs."""
    return claims_of(a_problem(needs=needs, **changes), 0).claims


def only(*needs, **changes) -> Claim:
    """Return the one claim of such a school."""
    (claim,) = claims_for(*needs, **changes)
    return claim


def with_weights(**changes) -> Policy:
    """Return a policy whose soft rules weigh otherwise."""
    return Policy(weights=Weights(**changes))
