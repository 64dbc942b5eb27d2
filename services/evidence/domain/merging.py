"""Merges: that two records are of one person, as a person has said, and the undoing of that.

Standing merges form a forest: each learner is merged into at most one other, and never, however far
around, into themselves. For whom evidence counts is the root.
"""

from collections.abc import Mapping
from dataclasses import dataclass


class MergeRefusedError(Exception):
    """These two learners cannot be merged, or this merge cannot be undone."""

    reason = "MERGE_REFUSED"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.metadata: dict[str, str] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """One merge. undo_micros: None where it stands. moving: evidence is on its way."""

    merge_id: str
    learner_id: str
    into_id: str
    actor: str
    note: str
    merge_micros: int
    undo_actor: str = ""
    undo_micros: int | None = None
    moving: bool = False


def root_of(learner_id: str, into: Mapping[str, str]) -> str:
    """Return for whom a learner's evidence counts. into: standing merges, by learner."""
    found = learner_id
    for _ in range(len(into) + 1):
        if found not in into:
            return found
        found = into[found]
    raise AssertionError("standing merges have no circle")


def check_merge(learner_id: str, into_id: str, into: Mapping[str, str]) -> None:
    """Refuse a merge of a learner who is merged already, or into oneself, however far around."""
    if learner_id in into:
        raise MergeRefusedError("This learner is merged already; undo that merge first.")
    if root_of(into_id, into) == learner_id:
        raise MergeRefusedError("The two are merged already, the other way round.")
