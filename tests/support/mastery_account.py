"""The plain account with epochs, and the same facts as the second implementation reads them.

Epochs are looked up piece by piece, with loops. What the account shares with the fold is the
contribution of one piece, once its difficulty and its weight are known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from trellis.evidence.v1 import evidence_pb2

from services.mastery.domain.contribution import contribute, source_weight_milli
from tests.support import mastery_reference as reference
from tests.support.mastery_events import StandingEvidence, is_test, occasion_of

DOK_D64 = {0: 0, 1: -26, 2: 0, 3: 26, 4: 51}
PRACTICE_MILLI = 500
WINDOW = 32


@dataclass(kw_only=True)
class PlainEpoch:
    """An epoch: difficulties by item and by competency, and what a quiz weighs.

    `has_difficulties` False: before the first calibration. `is_folded` False: it waits for a
    rebuild.
    """

    version: int
    effective_us: int
    has_difficulties: bool = True
    items: dict = field(default_factory=dict)
    references: dict = field(default_factory=dict)
    reference_d64: int = 0
    quiz_milli: int = 1_000
    is_folded: bool = True


def accepted(events, seals):
    """Return the events that are folded where seals (horizon, position) keep late ones out.

    Each is judged in the order of positions, by the seals below its own and by what stands then.
    """
    standing, found = {}, []
    for event in sorted(events, key=lambda one: one.ledger_position):
        key, rank = (event.learner, event.evidence_id), (event.version, event.content_hash)
        stands = standing.get(key)
        if stands is not None and rank <= (stands.version, stands.content_hash):
            continue
        horizons = [
            horizon_us for horizon_us, position in seals if position < event.ledger_position
        ]
        works = [one for one in (event, stands) if one is not None and counts(one)]
        if any(time_us(one) < horizon_us for one in works for horizon_us in horizons):
            continue
        standing[key] = event
        found.append(event)
    return found


def counts(event):
    """Return whether an event says of work that counts."""
    return event.HasField("recorded") and event.recorded.HasField("score")


def in_force(epochs, at_us):
    """Return the epoch that work of a time is read with, None before the first."""
    effective = [one for one in epochs if one.effective_us <= at_us]
    return max(effective, key=lambda one: (one.effective_us, one.version), default=None)


class Account(StandingEvidence):
    """Every event ever sent, and the state that follows with these epochs."""

    def __init__(self, events, epochs=()):
        super().__init__(events)
        self._epochs = [one for one in epochs if one.is_folded]

    def windows(self):
        """Return {learner name: newest 32 outside external tests}, (time, id, r, i) each."""
        found = {event.learner: [] for event in self.live}
        for event in self.live:
            if not is_test(event):
                piece = (time_us(event), event.evidence_id, *self.contribution(event))
                found[event.learner].append(piece)
        return {learner: sorted(pieces, reverse=True)[:WINDOW] for learner, pieces in found.items()}

    def contribution(self, event):
        """Return (r, i) of one observation, whole, by the epoch of its time."""
        epoch = in_force(self._epochs, time_us(event))
        if epoch is None:
            return super().contribution(event)
        fact = event.recorded
        r, i = contribute(
            score=np.array([fact.score]),
            scale=np.array([fact.score_scale]),
            kind=np.array([fact.kind]),
            purpose=np.array([fact.purpose]),
            dok=np.array([fact.dok]),
            items_on_competency=np.array([fact.assessment_items_on_competency]),
            d64=np.array([difficulty(fact, epoch)]),
            weight_milli=np.array([weight_milli(fact, epoch)]),
        )
        return int(r[0]), int(i[0])


def time_us(event):
    """Return when the work of an event was done."""
    return event.occur_time.seconds * 1_000_000 + event.occur_time.nanos // 1_000


def difficulty(fact, epoch):
    """Return how hard a piece is: its item, else what its competencies and its depth say."""
    if fact.item in epoch.items:
        return epoch.items[fact.item]
    if not epoch.has_difficulties:
        return DOK_D64[fact.dok]
    known = [
        epoch.references.get(one.competency.rpartition("/")[2], epoch.reference_d64)
        for one in fact.alignments
    ]
    return reference.half_up(Fraction(sum(known), len(known))) + DOK_D64[fact.dok]


def weight_milli(fact, epoch):
    """Return what a piece weighs in thousandths."""
    if fact.kind != evidence_pb2.KIND_QUIZ:
        return source_weight_milli(fact.kind, fact.purpose)
    practised = fact.purpose == evidence_pb2.PURPOSE_PRACTICE
    return min(epoch.quiz_milli, PRACTICE_MILLI) if practised else epoch.quiz_milli


def revisions_of(events):
    """Return events as `mastery_reference` takes them."""
    return [_revision(event) for event in events]


def _revision(event):
    live = counts(event)
    revision = {
        "evidence_id": event.evidence_id,
        "version": event.version,
        "content_hash": event.content_hash,
        "learner": event.learner.rpartition("/")[2],
        "live": live,
    }
    return revision | _work(event) if live else revision


def _work(event):
    fact = event.recorded
    return {
        "occur_time_us": time_us(event),
        "local_day": fact.local_day,
        "alignments": {
            one.competency.rpartition("/")[2]: one.weight_milli for one in fact.alignments
        },
        "score": fact.score,
        "scale": _word(evidence_pb2.ScoreScale, fact.score_scale, "SCORE_SCALE_"),
        "kind": _word(evidence_pb2.Kind, fact.kind, "KIND_"),
        "purpose": _word(evidence_pb2.Purpose, fact.purpose, "PURPOSE_"),
        "dok": fact.dok or None,
        "timed": fact.timed if fact.HasField("timed") else None,
        "item": fact.item or None,
        "assessment": occasion_of(event).removeprefix("external:"),
        "items_on_competency": fact.assessment_items_on_competency or None,
    }


def _word(enum, number, prefix):
    return enum.Name(number).removeprefix(prefix).lower()
