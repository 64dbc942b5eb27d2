"""Settles what adults ask for, before the search: who gets a learner, and who is next (H6)."""

from services.scheduler.domain.requests.settle import SettledRequests, settle_requests

__all__ = ["SettledRequests", "settle_requests"]
