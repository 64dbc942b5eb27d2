"""The proof of a week's seats as it is stated: prices by the ids that pages and the check know."""

from services.scheduler.domain.explain.sessions import Sessions
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.week import (
    AssignmentCertificate,
    CompanyShare,
    PairPrice,
    SeatPrice,
)


def certificate_of(
    standing: Standing, sessions: Sessions, polished: Polished
) -> AssignmentCertificate:
    """Return the prices of seats and pairs, by id; value and bound are for the caller to fill."""
    ids = {
        (standing.times[meeting], standing.nodes[meeting]): session.session_id
        for meeting, session in sessions.of.items()
        if meeting in standing.times
    }
    prices = [
        SeatPrice(session_id=session_id, price_milli=int(polished.seat_prices[t, adult]))
        for (t, adult), session_id in ids.items()
    ]
    pairs = [
        PairPrice(rule_id=rule_id, session_id=ids[t, adult], price_milli=price)
        for (rule_id, t, adult), price in polished.pair_prices.items()
        if price and (t, adult) in ids
    ]
    shares = [
        CompanyShare(rule_id=rule_id, session_id=ids[t, adult], share_milli=share)
        for (rule_id, t, adult), share in polished.company_shares.items()
        if (t, adult) in ids
    ]
    return AssignmentCertificate(
        value_milli=0,
        bound_milli=0,
        prices=tuple(sorted(prices, key=lambda one: one.session_id)),
        pair_prices=tuple(sorted(pairs, key=lambda one: (one.rule_id, one.session_id))),
        company_shares=tuple(sorted(shares, key=lambda one: (one.rule_id, one.session_id))),
    )
