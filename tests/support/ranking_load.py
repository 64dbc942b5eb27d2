"""A whole middle school ranks in the last minute: sends rankings, and looks at what was kept.

Every learner sends one ranking after the other, as a person does, while all the others do the same,
each with a credential of their own: who they are is asked of the roster, as it is in life.
Each is sent under a request id of its own; some are sent again, as a client does that lost its
answer.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import grpc.aio
from trellis.scheduler.v1 import request_pb2, request_service_pb2_grpc
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.common.rpc.client import connect, reason_of
from services.scheduler.domain.asking.short_list import lists_of, short_list
from services.scheduler.domain.model import Problem
from tests.support.scheduler_world import DISTRICT, learner_token, school_name, week_name
from tests.support.schools import MIDDLE_SCHOOL

LAST_MINUTE_SCHOOL = replace(MIDDLE_SCHOOL, withdrawn_share=0.0, absent_share=0.0)
"""853 learners, all of whom are there."""
AT_ONCE = 100
"""Calls at work: below what a server takes at once."""
CHANNELS = 4
CALL_SECONDS = 60.0
REPEATED_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One ranking that is sent, `due_seconds` after the start; 0: as fast as it goes."""

    learner_id: str
    place: int
    """Counts the sendings of the learner from 1."""
    offers: tuple[str, ...]
    due_seconds: float = 0.0
    repeated: bool = False

    @property
    def request_id(self) -> str:
        """Return the id of the sending."""
        return f"{self.learner_id}-{self.place}"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A sending with its answer; times of `time.perf_counter`."""

    sending: Sending
    begin: float
    end: float
    ranking: request_pb2.Ranking | None = None
    reason: str = ""


@dataclass(kw_only=True)
class Load:
    """Rankings on their way to a server."""

    problem: Problem
    target: str
    answered: list[Answered] = field(default_factory=list)

    async def send(self, sendings: Sequence[Sending]) -> None:
        """Send everything; each learner's in their order, all learners' beside each other."""
        by_learner: dict[str, list[Sending]] = defaultdict(list)
        for one in sendings:
            by_learner[one.learner_id].append(one)
        channels = [
            connect(self.target, None, timeout_seconds=CALL_SECONDS) for _ in range(CHANNELS)
        ]
        gate = asyncio.Semaphore(AT_ONCE)
        start = time.perf_counter()
        try:
            await asyncio.gather(
                *(
                    self._send_one_by_one(mine, channels[n % CHANNELS], gate, start)
                    for n, mine in enumerate(by_learner.values())
                )
            )
        finally:
            for channel in channels:
                await channel.close()

    async def _send_one_by_one(
        self,
        sendings: Sequence[Sending],
        channel: grpc.aio.Channel,
        gate: asyncio.Semaphore,
        start: float,
    ) -> None:
        stub = request_service_pb2_grpc.RequestServiceStub(channel)
        for one in sendings:
            await asyncio.sleep(max(start + one.due_seconds - time.perf_counter(), 0))
            # What is due is due: a sending that has to wait for its turn has been waiting since.
            due = start + one.due_seconds if one.due_seconds else None
            for _ in range(2 if one.repeated else 1):
                async with gate:
                    self.answered.append(await self._send(stub, one, due))
                due = None

    async def _send(
        self,
        stub: request_service_pb2_grpc.RequestServiceStub,
        one: Sending,
        due: float | None,
    ) -> Answered:
        request = messages.SubmitRankingRequest(
            name=f"{week_name(self.problem)}/rankings/{one.learner_id}",
            choices=[
                request_pb2.RankedChoice(offer=f"{school_name(self.problem)}/offers/{each}")
                for each in one.offers
            ],
            request_id=one.request_id,
        )
        begin = due or time.perf_counter()
        try:
            found = await stub.SubmitRanking(request, metadata=_credential(one.learner_id))
        except grpc.aio.AioRpcError as error:
            reason = reason_of(error) or error.code().name
            return Answered(sending=one, begin=begin, end=time.perf_counter(), reason=reason)
        return Answered(sending=one, begin=begin, end=time.perf_counter(), ranking=found.ranking)


def _credential(learner_id: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {learner_token(learner_id)}"),)


def sendings_of(problem: Problem, count: int, *, within_seconds: float = 0.0) -> list[Sending]:
    """Return sendings of all learners, evenly; within a time, or as fast as it goes."""
    rng = random.Random(7)
    lists = lists_of(problem)
    learners = [one.learner_id for one in problem.learners]
    clubs = {
        one: [way.offer_id for way in found.enrichment]
        for one in learners
        if (found := short_list(lists, one)) is not None
    }
    places: dict[str, int] = defaultdict(int)
    dues = sorted(rng.uniform(0, within_seconds) for _ in range(count)) if within_seconds else None
    found = []
    for number in range(count):
        learner_id = learners[number % len(learners)]
        places[learner_id] += 1
        found.append(
            Sending(
                learner_id=learner_id,
                place=places[learner_id],
                offers=tuple(rng.sample(clubs[learner_id], 5)),
                due_seconds=dues[number] if dues else 0.0,
                repeated=rng.random() < REPEATED_SHARE,
            )
        )
    return found


def milliseconds(answered: Sequence[Answered]) -> list[float]:
    """Return how long each answer took, shortest first."""
    return sorted((one.end - one.begin) * 1000 for one in answered)


def share(sorted_values: Sequence[float], ratio: float) -> float:
    """Return the value below which a share of them lies."""
    return sorted_values[min(int(len(sorted_values) * ratio), len(sorted_values) - 1)]


async def kept_in(database: object) -> list[dict[str, object]]:
    """Return every sending that the database holds, in the order in which they were written."""
    async with database.transaction(DISTRICT, read_only=True) as connection:  # type: ignore[attr-defined]
        rows = await connection.fetch(
            "SELECT learner_id, version, number, request_id, receive_time FROM ranking"
            " WHERE district = $1 ORDER BY number",
            DISTRICT,
        )
    return [dict(row) for row in rows]


def what_is_wrong(
    answered: Sequence[Answered], kept: Sequence[dict[str, object]], close_time: datetime
) -> list[str]:
    """Return each way in which what was kept is not what was answered, in words.

    What was answered is there once, under the number of its answer; nothing else is there; what was
    received after the close is not; each learner's sendings stand in their order; and of any two,
    the one that was answered before the other began has the smaller number.
    """
    rows = {str(one["request_id"]): one for one in kept}
    wrong = [] if len(rows) == len(kept) else ["a sending is kept twice"]
    told: dict[str, int] = {}
    for one in answered:
        if one.ranking is None:
            if one.sending.request_id in rows and one.reason == "WINDOW_CLOSED":
                wrong.append(f"{one.sending.request_id} was refused and is kept")
            continue
        number = told.setdefault(one.sending.request_id, one.ranking.number)
        row = rows.get(one.sending.request_id)
        if row is None:
            wrong.append(f"{one.sending.request_id} was answered and is lost")
        elif (row["number"], row["version"]) != (number, one.ranking.version) or (
            number != one.ranking.number
        ):
            wrong.append(f"{one.sending.request_id} is not what was answered")
    wrong += [f"{name} is kept and was never answered" for name in rows.keys() - told.keys()]
    wrong += _out_of_order(answered, kept)
    wrong += [
        f"{one['request_id']} was received after the close"
        for one in kept
        if one["receive_time"] >= close_time  # type: ignore[operator]
    ]
    return wrong


def _out_of_order(answered: Sequence[Answered], kept: Sequence[dict[str, object]]) -> list[str]:
    wrong = []
    versions: dict[object, int] = defaultdict(int)
    for one in kept:
        versions[one["learner_id"]] += 1
        if one["version"] != versions[one["learner_id"]]:
            wrong.append(f"{one['request_id']} is out of its learner's order")
    first = {}
    for one in answered:
        if one.ranking is not None:
            first.setdefault(one.sending.request_id, one)
    newest = 0
    begun = sorted(first.values(), key=lambda one: one.begin)
    ended = sorted(first.values(), key=lambda one: one.end)
    place = 0
    for one in begun:
        while place < len(ended) and ended[place].end < one.begin:
            newest = max(newest, ended[place].ranking.number)
            place += 1
        if one.ranking.number <= newest:
            wrong.append(f"{one.sending.request_id} was begun later and is written earlier")
    return wrong
