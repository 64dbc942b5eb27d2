"""The steps of a week's cycle, in their order, and when each is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum


class Step(Enum):
    """What the clock starts, in the order of a week; the values are those of the tables."""

    OPEN_RANKING = "open_ranking"
    """Learners may rank."""
    CLOSE_RANKING = "close_ranking"
    """No more rankings; evidence of work after this instant is not read (as-of)."""
    DRAFT = "draft"
    """The draft is planned, with its capacity report."""
    END_REVIEW = "end_review"
    """No more seats are accepted or moved."""
    FINAL_RUN = "final_run"
    """What nobody accepted is planned once more."""
    REMIND_SIGN_OFF = "remind_sign_off"
    """Who signs off is told that it is due."""
    PUBLISH = "publish"
    """The signed week is published; unsigned, the school's stated fall-back stands."""
    LOCK = "lock"
    """The week begins: it is past what anybody changes in advance."""


@dataclass(frozen=True, kw_only=True)
class CycleTimes:
    """When the steps of a school's week are due, as aware instants in UTC.

    `no_week` says why there is none (a whole week of holidays), and then nothing is due.
    """

    school_id: str
    monday: date
    due: Mapping[Step, datetime]
    no_week: str = ""
    notes: tuple[str, ...] = ()
    """Sentences for people, one for each step that a holiday or the calendar moved."""

    @property
    def as_of(self) -> datetime:
        """The instant after which evidence is not read."""
        return self.due[Step.CLOSE_RANKING]
