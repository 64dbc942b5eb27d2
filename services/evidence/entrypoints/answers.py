"""What every way of sending records shares: whose sources a sender may name, what is counted."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from services.common.metrics import counter
from services.common.rpc.credentials import EVERYTHING, Credential
from services.evidence.domain.model import Answer, Outcome

RECORDS: Final = counter(
    "evidence_records",
    "Records answered, by outcome. Look at the quarantine when REFUSED grows, at the sources when"
    " nothing grows.",
    ["outcome"],
)
REFUSALS: Final = counter(
    "evidence_refused_records",
    "Records refused, by reason; docs/data-dictionary.md says what to do about each.",
    ["reason"],
)


class AllowedSources:
    """The sources that a credential may send for, as something that a source can be in."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def __contains__(self, source: object) -> bool:
        return isinstance(source, str) and self._credential.may_send_for(source)


def only_source(credential: Credential) -> str:
    """Return the one source that a credential speaks for; empty where it speaks for several."""
    if len(credential.sources) != 1 or EVERYTHING in credential.sources:
        return ""
    return next(iter(credential.sources))


def count_answers(answers: Iterable[Answer]) -> None:
    """Count what became of records."""
    outcomes: Counter[Outcome] = Counter()
    for answer in answers:
        outcomes[answer.outcome] += 1
        if answer.refusal is not None and answer.outcome is Outcome.REFUSED:
            REFUSALS.labels(answer.refusal.reason.name).inc()
    for outcome, count in outcomes.items():
        RECORDS.labels(outcome.name).inc(count)
