"""MasteryService on gRPC: a request becomes a question, what the handler returns a response.

The district is the credential's, never the request's. What is raised goes through errors.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import grpc.aio
from trellis.mastery.v1 import mastery_pb2, mastery_service_pb2, mastery_service_pb2_grpc

from services.common.clock import Clock
from services.common.ids import is_id
from services.common.rpc.credentials import require_district
from services.mastery.adapters.wire.mastery import (
    LEARNER,
    key_from,
    learner_from,
    mastery_to,
    micros_from,
    need_to,
    roll_up_from,
)
from services.mastery.adapters.wire.page_tokens import page_token_to, place_from
from services.mastery.adapters.wire.roll_ups import roll_up_to
from services.mastery.adapters.wire.status_flips import (
    flip_to,
    page_token_from,
    page_token_of,
    whose_from,
)
from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.moments import micros_of
from services.mastery.entrypoints.scopes import MASTERY_READ
from services.mastery.handlers.freshness import FreshnessWait
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import (
    KeyedMastery,
    Needs,
    get_masteries,
    hash_state,
    list_masteries,
    stream_needs,
)
from services.mastery.handlers.roll_ups import get_roll_up, list_roll_ups
from services.mastery.handlers.status_flips import list_flips
from services.mastery.ports.facts import Facts
from services.mastery.ports.freshness import Watermarks
from services.mastery.ports.published_statuses import FlipSelection, StatusFlips
from services.mastery.ports.states import States

_MASTERIES: Final = "mastery"
_ROLL_UPS: Final = "roll_up"

Context = grpc.aio.ServicerContext[Any, Any]
WithTime = (
    mastery_service_pb2.GetMasteryRequest
    | mastery_service_pb2.BatchGetMasteryRequest
    | mastery_service_pb2.ListMasteryRequest
    | mastery_service_pb2.GetRollUpRequest
    | mastery_service_pb2.ListRollUpsRequest
)
WithPosition = (
    mastery_service_pb2.GetMasteryRequest
    | mastery_service_pb2.BatchGetMasteryRequest
    | mastery_service_pb2.ListMasteryRequest
    | mastery_service_pb2.StreamNeedsRequest
)


class MasteryServicer(mastery_service_pb2_grpc.MasteryServiceServicer):
    """The RPCs of MasteryService."""

    def __init__(
        self,
        *,
        facts: Facts,
        states: States,
        flips: StatusFlips,
        watermarks: Watermarks,
        clock: Clock,
    ) -> None:
        self._facts = facts
        self._freshness = FreshnessWait(watermarks)
        self._states = states
        self._flips = flips
        self._clock = clock
        self._policies = PolicyCache()

    async def GetMastery(  # noqa: N802
        self, request: mastery_service_pb2.GetMasteryRequest, context: Context
    ) -> mastery_service_pb2.GetMasteryResponse:
        """Return one learner's mastery of one competency."""
        _, district = require_district(MASTERY_READ)
        key = key_from(district, request.name, field="name")
        asked_us = _asked_us(request)
        await self._fresh(request, context, district, [key[0]])
        found = await get_masteries(
            district,
            [key],
            as_of_us=self._as_of_us(asked_us),
            facts=self._facts,
            policies=self._policies,
            min_position=request.min_position,
        )
        return mastery_service_pb2.GetMasteryResponse(
            mastery=_mastery(district, found.masteries[0], asked_us), position=found.position
        )

    async def BatchGetMastery(  # noqa: N802
        self, request: mastery_service_pb2.BatchGetMasteryRequest, context: Context
    ) -> mastery_service_pb2.BatchGetMasteryResponse:
        """Return up to 500 masteries, in the order of the request."""
        _, district = require_district(MASTERY_READ)
        keys = [
            key_from(district, name, field=f"names[{place}]")
            for place, name in enumerate(request.names)
        ]
        asked_us = _asked_us(request)
        await self._fresh(request, context, district, [key[0] for key in keys])
        found = await get_masteries(
            district,
            keys,
            as_of_us=self._as_of_us(asked_us),
            facts=self._facts,
            policies=self._policies,
            min_position=request.min_position,
        )
        return mastery_service_pb2.BatchGetMasteryResponse(
            masteries=[_mastery(district, one, asked_us) for one in found.masteries],
            position=found.position,
        )

    async def ListMastery(  # noqa: N802
        self, request: mastery_service_pb2.ListMasteryRequest, context: Context
    ) -> mastery_service_pb2.ListMasteryResponse:
        """List a learner's masteries by competency."""
        _, district = require_district(MASTERY_READ)
        learner = learner_from(district, request.parent, field="parent")
        after = _place_from(request.page_token, _MASTERIES)
        asked_us = _asked_us(request)
        await self._fresh(request, context, district, [learner])
        page = await list_masteries(
            district,
            learner,
            after=after,
            page_size=request.page_size,
            as_of_us=self._as_of_us(asked_us),
            facts=self._facts,
            policies=self._policies,
            min_position=request.min_position,
        )
        return mastery_service_pb2.ListMasteryResponse(
            masteries=[_mastery(district, one, asked_us) for one in page.masteries],
            next_page_token=_place_to(page.next_after, _MASTERIES),
            position=page.position,
        )

    async def ListStatusFlips(  # noqa: N802
        self, request: mastery_service_pb2.ListStatusFlipsRequest, context: Context
    ) -> mastery_service_pb2.ListStatusFlipsResponse:
        """List when and why published statuses changed, the newest first."""
        _, district = require_district(MASTERY_READ)
        start_us, end_us = 0, micros_of(self._clock.now()) + 1
        if request.HasField("start_time"):
            start_us = micros_from(request.start_time, field="start_time")
        if request.HasField("end_time"):
            end_us = micros_from(request.end_time, field="end_time")
        learner = whose_from(district, request.parent, field="parent")
        page = await list_flips(
            district,
            FlipSelection(learner=learner, start_us=start_us, end_us=end_us),
            before=page_token_from(request.page_token),
            page_size=request.page_size,
            flips=self._flips,
        )
        return mastery_service_pb2.ListStatusFlipsResponse(
            flips=[flip_to(district, one) for one in page.flips],
            next_page_token=page_token_of(page.next_before),
        )

    async def StreamNeeds(  # noqa: N802
        self, request: mastery_service_pb2.StreamNeedsRequest, context: Context
    ) -> AsyncIterator[mastery_service_pb2.StreamNeedsResponse]:
        """Stream, learner by learner, every need as of a time."""
        _, district = require_district(MASTERY_READ)
        if not request.HasField("as_of_time"):
            raise InvalidRequestError(field="as_of_time", message="is missing.")
        learners = [
            learner_from(district, name, field=f"learners[{place}]")
            for place, name in enumerate(request.learners)
        ]
        as_of_us = micros_from(request.as_of_time, field="as_of_time")
        await self._fresh(request, context, district, learners)
        async for part in stream_needs(
            district,
            learners,
            as_of_us=as_of_us,
            facts=self._facts,
            policies=self._policies,
            min_position=request.min_position,
        ):
            yield mastery_service_pb2.StreamNeedsResponse(
                learners=[_learner_needs(district, needs) for needs in part.learners],
                position=part.position,
            )

    async def GetRollUp(  # noqa: N802
        self, request: mastery_service_pb2.GetRollUpRequest, context: Context
    ) -> mastery_service_pb2.GetRollUpResponse:
        """Return whether a learner has reached a broad competency."""
        _, district = require_district(MASTERY_READ)
        learner, competency = roll_up_from(district, request.name, field="name")
        found = await get_roll_up(
            district,
            learner,
            competency,
            as_of_us=self._as_of_us(_asked_us(request)),
            facts=self._facts,
            policies=self._policies,
        )
        return mastery_service_pb2.GetRollUpResponse(roll_up=roll_up_to(district, found))

    async def ListRollUps(  # noqa: N802
        self, request: mastery_service_pb2.ListRollUpsRequest, context: Context
    ) -> mastery_service_pb2.ListRollUpsResponse:
        """List every broad competency of the policy, reached by a learner or not."""
        _, district = require_district(MASTERY_READ)
        page = await list_roll_ups(
            district,
            learner_from(district, request.parent, field="parent"),
            after=_place_from(request.page_token, _ROLL_UPS),
            page_size=request.page_size,
            as_of_us=self._as_of_us(_asked_us(request)),
            facts=self._facts,
            policies=self._policies,
        )
        return mastery_service_pb2.ListRollUpsResponse(
            roll_ups=[roll_up_to(district, one) for one in page.roll_ups],
            next_page_token=_place_to(page.next_after, _ROLL_UPS),
        )

    async def GetStateHash(  # noqa: N802
        self, request: mastery_service_pb2.GetStateHashRequest, context: Context
    ) -> mastery_service_pb2.GetStateHashResponse:
        """Return how far the fold has come and the hash of the district's state."""
        _, district = require_district(MASTERY_READ)
        hashed = await hash_state(district, states=self._states)
        return mastery_service_pb2.GetStateHashResponse(
            state_hash=hashed.state_hash,
            evidence_count=hashed.standing.evidence_count,
            alignment_count=hashed.standing.alignment_count,
            ledger_position=hashed.standing.ledger_position,
            position=hashed.position,
        )

    async def _fresh(
        self, request: WithPosition, context: Context, district: str, learners: Sequence[str]
    ) -> None:
        """Wait for the position that a request asks for; the read looks again.

        Called when names, tokens and times of the request have been read, so that none of these is
        refused after a wait.
        """
        if request.min_position < 0:
            raise InvalidRequestError(field="min_position", message="is negative.")
        await self._freshness.wait(
            district, learners, request.min_position, remaining_seconds=context.time_remaining()
        )

    def _as_of_us(self, asked_us: int | None) -> int:
        """Return the time asked for, else now: after any wait, so that nothing new is left out."""
        return micros_of(self._clock.now()) if asked_us is None else asked_us


def _asked_us(request: WithTime) -> int | None:
    """Return the time that a request asks for, None for now."""
    if not request.HasField("as_of_time"):
        return None
    return micros_from(request.as_of_time, field="as_of_time")


def _mastery(district: str, keyed: KeyedMastery, asked_us: int | None) -> mastery_pb2.Mastery:
    """Return a mastery; what was published later than the time asked for is left out."""
    published = keyed.published
    if published is not None and asked_us is not None and published.since_us > asked_us:
        published = None
    return mastery_to(district, keyed.learner, keyed.competency, keyed.mastery, published)


def _learner_needs(district: str, needs: Needs) -> mastery_service_pb2.LearnerNeeds:
    return mastery_service_pb2.LearnerNeeds(
        learner=LEARNER.format(district, needs.learner),
        needs=[need_to(district, need, needs.policy_version) for need in needs.needs],
    )


def _place_to(competency: str | None, listed: str) -> str:
    """Return the page token after a competency; empty for none."""
    return "" if competency is None else page_token_to(listed, competency)


def _place_from(token: str, listed: str) -> str:
    """Return the competency of a page token; of an empty one, what comes before all."""
    return place_from(token, listed, is_id) if token else ""
