"""Where what people ask for is kept, and what it is read against."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from services.scheduler.domain.asking.bookings import Booking
from services.scheduler.domain.asking.needs import SeenNeed
from services.scheduler.domain.asking.proposals import Proposal
from services.scheduler.domain.asking.rankings import Answer, Ranking
from services.scheduler.domain.asking.requests import AdultRequest, Outcome
from services.scheduler.domain.asking.settling import RequestWeek
from services.scheduler.domain.asking.short_list import Lists
from services.scheduler.domain.asking.windows import ChoiceWindow, Uptime
from services.scheduler.domain.resources import Setting
from services.scheduler.ports.upstream import Known

S = TypeVar("S", bound=Setting)
Value = str | date | bool


class Filed(Protocol[S]):
    """Records of one kind in one district, each with an id of its school."""

    async def standing(self, school_id: str, ids: Collection[str]) -> Mapping[str, S]:
        """Return those of the ids that the school has, by id."""
        ...

    async def keep(self, changed: Sequence[S], change_time: datetime) -> None:
        """Keep the records as they are given."""
        ...

    async def matching(
        self,
        school_id: str,
        where: Mapping[str, Value | Collection[str]],
        *,
        after: str = "",
        limit: int,
    ) -> Sequence[S]:
        """Return up to `limit` records with an id above `after`, by id, whose fields are so.

        A collection stands for any of its values; where the field is when a record ends
        (`expire_date`) a day stands for any after it, and where it is when one was made
        (`create_time`) a time for any from it on.
        """
        ...


class Windows(Protocol):
    """The times for choosing of one district's schools."""

    async def of(
        self, school_id: str, monday: date, *, share: bool = False, lock: bool = False
    ) -> ChoiceWindow | None:
        """Return a week's window, or None.

        `share`: held against who closes it, beside others who write; `lock`: against both.
        """
        ...

    async def among(self, school_id: str, mondays: Collection[date]) -> Mapping[date, ChoiceWindow]:
        """Return the windows of those of these weeks that have one, by week."""
        ...

    async def before(self, school_id: str, monday: date, since: date) -> date | None:
        """Return the newest Monday before, not before `since`, for which there was a window."""
        ...

    async def keep(self, window: ChoiceWindow) -> None:
        """Keep a window as it is given."""
        ...


class Rankings(Protocol):
    """What learners sent, and what adults said of it."""

    async def before(
        self, school_id: str, monday: date, learner_id: str, request_id: str
    ) -> tuple[Ranking | None, Ranking | None]:
        """Return the learner's sending of this request id and their newest; None where none is."""
        ...

    async def newest(
        self, school_id: str, monday: date, learner_ids: Collection[str] | None = None
    ) -> Mapping[str, Ranking]:
        """Return the newest sending of each learner, or of these, by learner."""
        ...

    async def senders(
        self, school_id: str, mondays: Collection[date]
    ) -> Collection[tuple[date, str]]:
        """Return Monday and learner of each who sent anything for one of these weeks."""
        ...

    async def add(self, ranking: Ranking) -> Ranking:
        """Keep a sending; return it with its number."""
        ...

    async def answers(
        self, school_id: str, monday: date, learner_ids: Collection[str] | None = None
    ) -> Sequence[Answer]:
        """Return what adults said of the rankings of a week, or of these learners."""
        ...

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Keep what an adult said, in place of what was said of the same sending before."""
        ...


class Outcomes(Protocol):
    """What became of adults' requests; outcomes are added and never changed."""

    async def newest(self, school_id: str, request_ids: Collection[str]) -> Mapping[str, Outcome]:
        """Return the newest outcome of each request, by request."""
        ...

    async def history(
        self, school_id: str, request_id: str, *, before: int, limit: int
    ) -> Sequence[Outcome]:
        """Return up to `limit` outcomes numbered below `before` (0: all), newest first."""
        ...

    async def add(
        self, school_id: str, outcomes: Sequence[Outcome], requests: Mapping[str, AdultRequest]
    ) -> None:
        """Keep outcomes, and say so to others; `requests`: those that they are of, by id."""
        ...


class RequestWeeks(Protocol):
    """The weeks of one district in which something is asked for."""

    async def of(self, school_id: str, monday: date) -> RequestWeek | None:
        """Return a week, or None where nobody has asked for anything in it."""
        ...

    async def keep(self, week: RequestWeek) -> None:
        """Keep a week as it is given; its revision never goes back."""
        ...

    async def hasten(self, school_id: str, due_time: datetime) -> None:
        """Have each of the school's weeks settled by then, unless it is due earlier."""
        ...


class RequestWeekQueue(Protocol):
    """The weeks of every district, as planners look at them."""

    async def due(self, now: datetime, *, limit: int) -> Sequence[tuple[str, str, date]]:
        """Return up to `limit` (district, school, Monday) that are due and not over."""
        ...


class AskingView(Protocol):
    """What people ask for in one district, as one transaction sees it."""

    @property
    def windows(self) -> Windows:
        """The times for choosing."""
        ...

    @property
    def rankings(self) -> Rankings:
        """The learners' choices."""
        ...

    @property
    def requests(self) -> Filed[AdultRequest]:
        """The adults' requests."""
        ...

    @property
    def outcomes(self) -> Outcomes:
        """What became of them."""
        ...

    @property
    def weeks(self) -> RequestWeeks:
        """The weeks that these requests are of."""
        ...

    @property
    def needs(self) -> Filed[SeenNeed]:
        """The needs that people see."""
        ...

    @property
    def bookings(self) -> Filed[Booking]:
        """The re-assessments and coaching that are asked for."""
        ...

    @property
    def proposals(self) -> Filed[Proposal]:
        """The sessions that learners propose."""
        ...


class UptimeBook(Protocol):
    """When some process of the service could take rankings."""

    async def beat(self, uptime: Uptime) -> None:
        """Say that a process can take rankings now; drops what is too old to be asked for."""
        ...

    async def within(self, begin: datetime, end: datetime) -> Sequence[Uptime]:
        """Return the uptimes that share an instant with a span."""
        ...


class SchoolBook(Protocol):
    """What other services say of schools, kept for a moment."""

    async def known(self, district: str, school_id: str) -> Known:
        """Return what is known of a school; raises as `ports.upstream` says."""
        ...


class ShortListBook(Protocol):
    """The short lists of schools, kept for a moment."""

    async def lists(self, district: str, school_id: str, monday: date) -> Lists:
        """Return the lists of a school and week; raises SchedulerError where none can be made."""
        ...
