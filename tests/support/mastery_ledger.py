"""A ledger as the evidence service keeps one, plainly: it says which facts are published of what.

Sources send versions of observations, withdraw them, say that they are another learner's; learners
are merged, items aligned anew. What follows as facts, and with which version and tie-break, is the
same as in `services/evidence/handlers` (`batch.py`, `retractions.py`, `resolving.py`), with that
service's own tie-breaks. Who changes hands is retracted from the one and recorded for the other, by
two facts of one version and hash. Nothing else of the service is here: no transaction, no refusal.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.evidence.domain.identity import (
    content_hash,
    resolved_anew,
    resolved_as_often,
    retraction_hash,
)
from services.evidence.domain.merging import MergeRefusedError, check_merge, root_of
from services.evidence.domain.model import RetractionReason
from tests.support.mastery_events import DISTRICT, evidence_uuid, recorded, retracted


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands of an observation, whom its source named and what it said of the work."""

    version: int
    content_hash: bytes
    learner: str
    is_recorded: bool
    named: str
    work: dict


class PlainLedger:
    """All facts that were ever published, in the order of the ledger, and what stands.

    `work` is what `mastery_events.recorded` takes beyond whose it is: competencies, score, time.
    """

    def __init__(self, district=DISTRICT):
        self.district = district
        self.facts = []
        self.standing = {}
        self.into = {}

    def send(self, entity, *, learner, work, version=None):
        """Take a version of an observation; one that is stale on arrival publishes nothing.

        Without a version it is the next one.
        """
        before = self.standing.get(entity)
        version = version or (before.version + 1 if before else 1)
        counts_for, said = self.root_of(learner), self._said(learner, work)
        if before and version == before.version:
            said = resolved_as_often(said, before.content_hash)
        if before and (version, said) <= (before.version, before.content_hash):
            return
        now = Standing(
            version=version,
            content_hash=said,
            learner=counts_for,
            is_recorded=True,
            named=learner,
            work=work,
        )
        self._record(entity, before, now, RetractionReason.LEARNER_CORRECTED)

    def withdraw(self, entity, *, version=None):
        """Withdraw an observation that stands; without a version, above the one that stands."""
        before = self.standing[entity]
        version = version or before.version + 1
        said = retraction_hash(
            evidence_uuid(entity, self.district).bytes, before.learner, RetractionReason.WITHDRAWN
        )
        if version == before.version:
            said = resolved_as_often(said, before.content_hash)
        if not before.is_recorded or (version, said) <= (before.version, before.content_hash):
            return
        self._publish_retraction(entity, before.learner, version, said, RetractionReason.WITHDRAWN)
        self.standing[entity] = Standing(
            version=version,
            content_hash=said,
            learner=before.learner,
            is_recorded=False,
            named=before.named,
            work=before.work,
        )

    def realign(self, entity, competencies):
        """Look an observation up anew, after its item was aligned with other competencies."""
        before = self.standing[entity]
        if before.is_recorded and tuple(before.work["competencies"]) != tuple(competencies):
            self._resolve(entity, before.work | {"competencies": tuple(competencies)})

    def merge(self, learner, into):
        """Say that two learners are one; what the service would refuse changes nothing."""
        try:
            check_merge(learner, into, self.into)
        except MergeRefusedError:
            return
        self.into[learner] = into
        self._follow()

    def undo(self, learner):
        """Say that a merge was none."""
        if self.into.pop(learner, None) is not None:
            self._follow()

    def root_of(self, learner):
        """Return for whom a learner's evidence counts."""
        return root_of(learner, self.into)

    def _follow(self):
        """Look up anew whatever now counts for somebody else."""
        for entity, one in self.standing.items():
            if one.is_recorded and self.root_of(one.named) != one.learner:
                self._resolve(entity, one.work)

    def _resolve(self, entity, work):
        """Say anew what a source said before, with its version, so that it wins against that."""
        before = self.standing[entity]
        now = Standing(
            version=before.version,
            content_hash=resolved_anew(self._said(before.named, work), before.content_hash),
            learner=self.root_of(before.named),
            is_recorded=True,
            named=before.named,
            work=work,
        )
        self._record(entity, before, now, RetractionReason.LEARNER_MERGED)

    def _record(self, entity, before, now, reason):
        """Publish what stands now, and that whoever had it before has it no longer."""
        if before and before.is_recorded and before.learner != now.learner:
            self._publish_retraction(entity, before.learner, now.version, now.content_hash, reason)
        event = recorded(
            entity,
            version=now.version,
            learner=now.learner,
            district=self.district,
            position=len(self.facts) + 1,
            **now.work,
        )
        event.content_hash = now.content_hash
        self.facts.append(event)
        self.standing[entity] = now

    def _publish_retraction(self, entity, learner, version, said, reason):
        event = retracted(
            entity,
            version=version,
            learner=learner,
            district=self.district,
            position=len(self.facts) + 1,
        )
        event.content_hash = said
        event.retracted.reason = int(reason)
        self.facts.append(event)

    def _said(self, learner, work):
        """Return the tie-break of what a source says."""
        return content_hash(f"{self.root_of(learner)} {sorted(work.items())}")
