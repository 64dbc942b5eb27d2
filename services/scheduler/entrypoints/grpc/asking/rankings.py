"""The RPCs of RequestService for windows, short lists and rankings."""

from trellis.scheduler.v1 import request_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.adapters.wire import asking as wire
from services.scheduler.adapters.wire.names import CHOICE_WINDOW, RANKING, parse_monday, time_in
from services.scheduler.adapters.wire.page_tokens import place_from, place_to
from services.scheduler.domain.access import Action, may_at_all, require_allowed
from services.scheduler.domain.errors import InvalidRequestError, NotAllowedError
from services.scheduler.entrypoints.grpc.asking.calls import (
    Calls,
    Context,
    learner_in,
    of_week,
    require_any,
    require_on,
    school_of,
)
from services.scheduler.handlers.asking import rankings as handlers
from services.scheduler.handlers.asking.windows import extend_window, get_window

READERS = (Action.RANK, Action.CONFIRM_RANKING)
"""Who may do one of these for a learner may read the learner's list and ranking."""


class RankingsRpcs(Calls):
    """The part of the servicer for what learners choose."""

    async def GetChoiceWindow(  # noqa: N802
        self, request: messages.GetChoiceWindowRequest, context: Context
    ) -> messages.GetChoiceWindowResponse:
        """Return when learners may choose."""
        by, (monday,) = await self._on(CHOICE_WINDOW, request.name)
        if not by.actor.roles:
            raise NotAllowedError(action=Action.RANK.value)
        window = await get_window(
            by.district, by.school_id, parse_monday("name", monday), store=self._desk.store
        )
        return messages.GetChoiceWindowResponse(window=wire.window_to(by.district, window))

    async def ExtendChoiceWindow(  # noqa: N802
        self, request: messages.ExtendChoiceWindowRequest, context: Context
    ) -> messages.ExtendChoiceWindowResponse:
        """Give learners more time."""
        by, (monday,) = await self._on(CHOICE_WINDOW, request.name, request)
        require_allowed(by.actor, Action.EXTEND_WINDOW)
        if not request.HasField("close_time"):
            raise InvalidRequestError(field="close_time", message="is missing")
        window = await extend_window(
            self._desk,
            by,
            parse_monday("name", monday),
            time_in("close_time", request.close_time),
            request.reason,
        )
        return messages.ExtendChoiceWindowResponse(window=wire.window_to(by.district, window))

    async def GetShortList(  # noqa: N802
        self, request: messages.GetShortListRequest, context: Context
    ) -> messages.GetShortListResponse:
        """Return what a learner may choose from."""
        by, monday = await self._in_week("parent", request.parent)
        learner_id = learner_in(by, request.learner)
        require_any(by, READERS, learner_id)
        found = await handlers.list_for(self._desk, by, monday, learner_id)
        return messages.GetShortListResponse(short_list=wire.short_list_to(school_of(by), found))

    async def SubmitRanking(  # noqa: N802
        self, request: messages.SubmitRankingRequest, context: Context
    ) -> messages.SubmitRankingResponse:
        """Keep a learner's choices."""
        by, ids = await self._on(RANKING, request.name, request)
        monday, learner_id = of_week(ids)
        require_on(by, Action.RANK, learner_id)
        kept = await handlers.submit(
            self._desk,
            by,
            handlers.Submit(
                monday=monday,
                learner_id=learner_id,
                choices=tuple(
                    wire.choice_from(school_of(by), f"choices[{place}]", one)
                    for place, one in enumerate(request.choices)
                ),
            ),
        )
        return messages.SubmitRankingResponse(ranking=wire.standing_to(school_of(by), ids[0], kept))

    async def GetRanking(  # noqa: N802
        self, request: messages.GetRankingRequest, context: Context
    ) -> messages.GetRankingResponse:
        """Return what stands for a learner."""
        by, ids = await self._on(RANKING, request.name)
        monday, learner_id = of_week(ids)
        require_any(by, READERS, learner_id)
        found = await handlers.get_ranking(self._desk, by, monday, learner_id)
        return messages.GetRankingResponse(ranking=wire.standing_to(school_of(by), ids[0], found))

    async def ListRankings(  # noqa: N802
        self, request: messages.ListRankingsRequest, context: Context
    ) -> messages.ListRankingsResponse:
        """List what stands for the learners whose rankings the caller may confirm."""
        by, monday = await self._in_week("parent", request.parent)
        # An empty page would say that nobody has ranked.
        if not may_at_all(by.actor, Action.CONFIRM_RANKING):
            raise NotAllowedError(action=Action.CONFIRM_RANKING.value)
        page = await handlers.list_rankings(
            self._desk,
            by,
            monday,
            after=place_from(request.page_token),
            page_size=request.page_size,
            open_only=request.open_only,
        )
        return messages.ListRankingsResponse(
            rankings=[
                wire.standing_to(school_of(by), monday.isoformat(), one) for one in page.standings
            ],
            next_page_token=place_to(page.next_after),
        )

    async def BatchConfirmRankings(  # noqa: N802
        self, request: messages.BatchConfirmRankingsRequest, context: Context
    ) -> messages.BatchConfirmRankingsResponse:
        """Confirm the choices of learners, all or none."""
        by, monday = await self._in_week("parent", request.parent, request)
        read = [
            self._read(request.parent, place, one) for place, one in enumerate(request.rankings)
        ]
        for one in read:
            require_on(by, Action.CONFIRM_RANKING, one.learner_id)
        found = await handlers.confirm(self._desk, by, monday, read)
        return messages.BatchConfirmRankingsResponse(
            rankings=[wire.standing_to(school_of(by), monday.isoformat(), one) for one in found]
        )

    async def AnswerRanking(  # noqa: N802
        self, request: messages.AnswerRankingRequest, context: Context
    ) -> messages.AnswerRankingResponse:
        """Answer a learner's choices with a sentence."""
        by, ids = await self._on(RANKING, request.ranking.name, request)
        monday, learner_id = of_week(ids)
        require_on(by, Action.CONFIRM_RANKING, learner_id)
        read = handlers.ReadRanking(learner_id=learner_id, number=request.ranking.number)
        found = await handlers.answer(self._desk, by, monday, read, request.sentence)
        return messages.AnswerRankingResponse(
            ranking=wire.standing_to(school_of(by), ids[0], found)
        )

    def _read(self, parent: str, place: int, read: request_pb2.ReadRanking) -> handlers.ReadRanking:
        field, name = f"rankings[{place}].name", read.name
        if not RANKING.matches(name) or not name.startswith(f"{parent}/"):
            raise InvalidRequestError(
                field=field, message="is no ranking of the week", hint=f"send {RANKING.pattern}"
            )
        return handlers.ReadRanking(learner_id=RANKING.parse(name)[-1], number=read.number)
