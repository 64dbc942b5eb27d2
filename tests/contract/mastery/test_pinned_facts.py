"""The bytes of every form of fact that mastery ever published, which decode for ever.

A file under tests/contract/pinned is never changed: a new form of a fact gets a new file.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from trellis.mastery.v1 import mastery_pb2

from services.mastery.adapters.wire.mastery import event_to
from services.mastery.domain.model import (
    Decision,
    Estimate,
    EstimateMicro,
    EvidenceSummary,
    Mastery,
    RuleChoice,
)
from services.mastery.domain.published_status import Basis, PublishedStatus
from services.mastery.ports.publishing import ChangedMastery, MarkedKey

PINNED = Path(__file__).parents[1] / "pinned" / "trellis.mastery.v1"
KEY = MarkedKey(district="henry", learner="0f" * 16, competency="6.rp.1")
PROFICIENT = Mastery(
    decision=Decision.PROFICIENT,
    credit_level_milli=4_000,
    current_level_milli=3_300,
    estimate=Estimate(
        m=2.1, v=1.0, success=0.85, p_half=0.95, p_seven=0.8, p_eight=0.7, p_nine=0.4
    ),
    micro=EstimateMicro(
        success=850_000, p_half=950_000, p_seven=800_000, p_eight=700_000, p_nine=400_000
    ),
    summary=EvidenceSummary(
        evidence_count=6,
        work_count=6,
        test_count=0,
        item_count=5,
        occasion_count=3,
        day_count=3,
        newest_time_us=1_795_000_000_250_000,
        newest_local_day=20_775,
        evidence=(bytes(range(16)), bytes(range(16, 32))),
    ),
    needs_reteach=False,
    ready_to_reassess=False,
    refresh_due=True,
    explanation="Highest: 4, of one occasion.",
    as_of_us=1_795_300_000_000_000,
    version=42,
    credit_rule=RuleChoice(name="highest"),
    current_rule=RuleChoice(name="decaying_average", parameter=65),
)
NOTHING = EvidenceSummary(
    evidence_count=0,
    work_count=0,
    test_count=0,
    item_count=0,
    occasion_count=0,
    day_count=0,
    newest_time_us=None,
    newest_local_day=None,
    evidence=(),
)
INSUFFICIENT = replace(
    PROFICIENT,
    decision=Decision.INSUFFICIENT,
    credit_level_milli=None,
    current_level_milli=None,
    summary=NOTHING,
    refresh_due=False,
    explanation="No evidence yet.",
)
FORMS = {"changed": PROFICIENT, "changed_to_insufficient": INSUFFICIENT}
HELD = ChangedMastery(
    key=KEY,
    mastery=replace(PROFICIENT, decision=Decision.APPROACHING, policy_version=3),
    published=PublishedStatus(
        status=Decision.PROFICIENT,
        since_us=1_795_200_000_000_000,
        flip_number=5,
        explanation="From approaching to proficient: level 3.3 and 70 % chance of 8 in 10.",
        version=42,
        policy_version=3,
        reading=b"12345678",
        basis=Basis(newest_us=1_795_000_000_250_000, r_sum=2_000_000),
        told_flip=4,
    ),
    flipped=True,
)
"""As a projector publishes it: with the published status."""


def bytes_of(mastery: Mastery) -> bytes:
    """Return the bytes of a fact as they are published today."""
    event = event_to(ChangedMastery(key=KEY, mastery=mastery))
    return event.SerializeToString(deterministic=True)


def pinned(name: str) -> bytes:
    """Return bytes that were published once."""
    return bytes.fromhex((PINNED / f"{name}.hex").read_text(encoding="ascii"))


@pytest.mark.parametrize("name", FORMS)
def test_a_fact_has_the_bytes_it_always_had(name: str) -> None:
    """What is published today is, byte for byte, what was published at first."""
    assert bytes_of(FORMS[name]) == pinned(name)


def test_a_fact_with_a_published_status_has_the_bytes_it_always_had() -> None:
    """What stands beside the decision, and no more of it than readers need."""
    assert event_to(HELD).SerializeToString(deterministic=True) == pinned("changed_with_status")


def test_the_pinned_fact_with_a_published_status_decodes() -> None:
    """The status, since when, by which flip and why; and that it is news."""
    changed = mastery_pb2.MasteryEvent.FromString(pinned("changed_with_status")).changed
    published = changed.mastery.published_status
    assert (changed.flipped, published.flip_number) == (True, 5)
    assert published.status == mastery_pb2.DECISION_PROFICIENT
    assert changed.mastery.decision == mastery_pb2.DECISION_APPROACHING
    assert published.since_time.seconds == 1_795_200_000
    assert published.explanation.startswith("From approaching to proficient")


def test_the_pinned_fact_decodes() -> None:
    """A reader of today understands what stands in the topic, with the rules of its levels."""
    event = mastery_pb2.MasteryEvent.FromString(pinned("changed"))
    assert (event.version, event.name) == (42, event.changed.mastery.name)
    mastery = event.changed.mastery
    assert (mastery.credit_level_milli, mastery.current_level_milli) == (4_000, 3_300)
    assert mastery.credit_rule == mastery_pb2.Rule(name="highest", version=1)
    assert mastery.current_rule == mastery_pb2.Rule(
        name="decaying_average", version=1, parameter=65
    )


def test_the_pinned_fact_without_enough_to_say_decodes() -> None:
    """Absent is not zero: neither levels nor their rules are there, nor a newest time."""
    mastery = mastery_pb2.MasteryEvent.FromString(pinned("changed_to_insufficient")).changed.mastery
    for field in ("credit_level_milli", "current_level_milli", "credit_rule", "current_rule"):
        assert not mastery.HasField(field)
    assert not mastery.summary.HasField("newest_time")
