"""Settles what adults ask for, before the search: who gets a learner, and who is next (H6)."""

from services.scheduler.domain.requests.joining import as_kept, with_requests
from services.scheduler.domain.requests.settle import SettledRequests, settle_requests

__all__ = ["SettledRequests", "as_kept", "settle_requests", "with_requests"]
