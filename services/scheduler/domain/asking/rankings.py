"""Learners' ranked choices: every sending is kept, the newest of a learner and week stands.

What an adult says of a ranking is of that sending: a ranking that was sent anew is confirmed anew.
Who sent nothing has last week's choices, and is never said to have forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from services.scheduler.domain.resources import check_id, check_set, refuse

MAX_CHOICES = 5
MAX_CHOICE_SLOTS = 64
MAX_SENDINGS = 100
"""A learner may send so often for one week: more is a program that errs."""
WEEKS_CARRIED = 4
"""The week before is the newest of the last weeks that had a window: holidays lie between."""


@dataclass(frozen=True, kw_only=True)
class RankedChoice:
    """What is chosen: an offer, an offer for a competency, or (no offer) to show one again."""

    offer_id: str = ""
    competency_id: str = ""
    slot_ids: tuple[str, ...] = ()
    """When; empty: in any slot."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """One sending of a learner's choices, dearest first.

    `number` orders all sendings of a school as they were written: no two have the same, and it
    never changes. `version` counts those of one learner and week from 1.
    """

    school_id: str
    monday: date
    learner_id: str
    choices: tuple[RankedChoice, ...]
    actor: str
    """Who sent it, as a resource name: the learner, their family, an adult for them."""
    request_id: str
    digest: bytes
    receive_time: datetime
    version: int = 0
    number: int = 0


class AnswerState(Enum):
    """What an adult said of a ranking; the values are those of the tables."""

    CONFIRMED = "confirmed"
    ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a named adult said of one sending. `version` 0: of last week's choices that stand."""

    school_id: str
    monday: date
    learner_id: str
    version: int
    state: AnswerState
    actor: str
    answer_time: datetime
    sentence: str = ""
    """For the learner to read; empty where it was confirmed without words."""


class Source(Enum):
    """Where the choices of a learner come from."""

    SENT = "sent"
    LAST_WEEK = "last_week"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands for a learner in a week: their ranking, last week's, or none; and an answer."""

    learner_id: str
    source: Source
    ranking: Ranking | None = None
    answer: Answer | None = None

    @property
    def version(self) -> int:
        """Return the version that an answer is of."""
        if self.source is Source.SENT and self.ranking is not None:
            return self.ranking.version
        return 0

    @property
    def is_confirmed(self) -> bool:
        """Whether an adult has confirmed the choices."""
        return self.answer is not None and self.answer.state is AnswerState.CONFIRMED


def checked_choices(
    choices: Sequence[RankedChoice], lawful: Mapping[tuple[str, str], frozenset[str]]
) -> tuple[RankedChoice, ...]:
    """Return the choices as they are kept; raises InvalidSettingError.

    `lawful`: what the learner may choose, by offer and competency, with the slots of each.
    """
    if not 1 <= len(choices) <= MAX_CHOICES:
        refuse(
            "choices", "OUT_OF_RANGE", f"holds {len(choices)}.", f"Send 1 to {MAX_CHOICES} choices."
        )
    checked = tuple(_checked(f"choices[{place}]", one, lawful) for place, one in enumerate(choices))
    if len(set(checked)) < len(checked):
        refuse("choices", "DUPLICATE", "holds a choice twice.", "Send each choice once.")
    return checked


def standing_of(
    learner_id: str, sent: Ranking | None, last_week: Ranking | None, answers: Sequence[Answer]
) -> Standing:
    """Return what stands for a learner; `answers`: those of the week, in any order."""
    ranking = sent or last_week
    source = Source.SENT if sent else Source.LAST_WEEK if last_week else Source.NONE
    version = sent.version if sent else 0
    answer = next((one for one in answers if one.version == version), None)
    return Standing(learner_id=learner_id, source=source, ranking=ranking, answer=answer)


def _checked(
    place: str, choice: RankedChoice, lawful: Mapping[tuple[str, str], frozenset[str]]
) -> RankedChoice:
    if choice.offer_id:
        check_id(f"{place}.offer", choice.offer_id)
    slots = check_set(f"{place}.slot_ids", choice.slot_ids, most=MAX_CHOICE_SLOTS)
    known = lawful.get((choice.offer_id, choice.competency_id))
    if known is None:
        refuse(
            place,
            "NOT_ON_SHORT_LIST",
            "is not on the learner's short list.",
            "Read the list again, and choose from it; propose a session for what is not on it.",
        )
    assert known is not None
    if not known.issuperset(slots):
        refuse(
            f"{place}.slot_ids",
            "NOT_HELD_THEN",
            "names a time at which it is not held for the learner.",
            "Send times from the short list, or none for any time.",
        )
    return RankedChoice(
        offer_id=choice.offer_id, competency_id=choice.competency_id, slot_ids=slots
    )
