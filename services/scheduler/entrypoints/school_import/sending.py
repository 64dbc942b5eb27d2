"""Sends the rows of files in batches; every row has an answer of its own.

What is kept is known by its id, so that a repeat changes nothing. A batch is cut where it would be
larger than a call may be. Where a call is refused as a whole, the file stops there and the next one
goes on; where the service does not answer, all stop.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf.message import Message

from services.common.ids import random_id
from services.common.rpc.command_line import said
from services.scheduler.adapters.wire.names import SCHOOL
from services.scheduler.domain.resources import MAX_BATCH
from services.scheduler.entrypoints.school_import.files import SchoolFile
from services.scheduler.entrypoints.school_import.form import FileKind, School
from services.scheduler.entrypoints.school_import.pieces import (
    Piece,
    Refused,
    readable,
    refused_piece,
)

MAX_BATCH_BYTES: Final = 900_000
"""A call holds 1 MiB at most."""
MAX_PAGES: Final = 10_000
PAGE_SIZE: Final = 500
_NO_ANSWER: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNAUTHENTICATED,
    }
)


@dataclass(kw_only=True)
class Outcome:
    """What became of a file. `stopped`: why the rows after those counted were not sent."""

    file: SchoolFile
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refused] = field(default_factory=list)
    stopped: str = ""

    @property
    def kept(self) -> int:
        """How many rows stand."""
        return self.new + self.changed + self.same


@dataclass(kw_only=True)
class Import:
    """One import into a school. `check`: keep nothing, and say what would become of each row."""

    channel: grpc.aio.Channel
    school: School
    check: bool = False
    on_rows: Callable[[int], None] = lambda _count: None
    known: dict[str, set[str]] = field(default_factory=dict)
    """By kind, the names that stand, or would after the files before."""

    async def run(self, files: Sequence[SchoolFile]) -> list[Outcome]:
        """Send every file; return what became of each that was begun."""
        outcomes: list[Outcome] = []
        for file in files:
            outcome = Outcome(file=file)
            outcomes.append(outcome)
            try:
                await self._send(outcome)
            except grpc.aio.AioRpcError as error:
                outcome.stopped = said(error)
                if error.code() in _NO_ANSWER:
                    break
        return outcomes

    async def _send(self, outcome: Outcome) -> None:
        kind = outcome.file.kind
        stub = kind.stub(self.channel)
        standing = await self._standing(kind, stub)
        self.known.setdefault(kind.name, set()).update(standing)
        pieces, refused = readable(outcome.file, self.school)
        outcome.refused += refused
        self.on_rows(len(refused))
        for batch in _batches(pieces):
            await self._send_batch(outcome, stub, batch, standing)
            self.on_rows(sum(len(one.rows) for one in batch))

    async def _send_batch(
        self,
        outcome: Outcome,
        stub: Any,  # noqa: ANN401  (a stub of the kind's service)
        batch: Sequence[Piece],
        standing: Mapping[str, int],
    ) -> None:
        kind = outcome.file.kind
        request = kind.request(
            parent=SCHOOL.format(self.school.district, self.school.school_id),
            request_id=random_id(),
            allow_partial=True,
            validate_only=self.check,
            **{kind.rows: [one.message for one in batch]},
        )
        answer = await getattr(stub, kind.upsert)(request)
        refused = {one.index: one for one in answer.refused}
        kept = iter(getattr(answer, kind.rows))
        for index, piece in enumerate(batch):
            why = refused.get(index)
            if why is None:
                one = next(kept)
                _count(outcome, one, standing, len(piece.rows))
                self.known[kind.name].add(one.name)
            elif self.check and self._comes_along(kind, why.reason, piece.message):
                outcome.new += len(piece.rows)
                self.known[kind.name].add(_name_of(piece.message))
            else:
                outcome.refused += refused_piece(kind, piece, why)

    def _comes_along(self, kind: FileKind, reason: str, message: Message) -> bool:
        """Whether what a checked row lacks is brought by a file before, which a check keeps not."""
        brought = self.known.get(kind.rests_on.get(reason, ""), set())
        named = [getattr(message, one, "") for one in ("room", "offer", "bell_schedule")]
        named += list(getattr(message, "other_rooms", ()))
        named += [one.offer for one in getattr(message, "opt_outs", ())]
        return bool(brought) and all(name in brought for name in named if name)

    async def _standing(self, kind: FileKind, stub: Any) -> dict[str, int]:  # noqa: ANN401
        """Return the versions of what stands, by name."""
        request = kind.page_request(
            parent=SCHOOL.format(self.school.district, self.school.school_id), page_size=PAGE_SIZE
        )
        found: dict[str, int] = {}
        for _ in range(MAX_PAGES):
            page = await getattr(stub, kind.listing)(request)
            found |= {one.name: one.version for one in getattr(page, kind.rows)}
            request.page_token = page.next_page_token
            if not request.page_token:
                break
        return found


def _batches(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    batch: list[Piece] = []
    size = 0
    for one in pieces:
        added = one.message.ByteSize()
        if batch and (len(batch) == MAX_BATCH or size + added > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += added
    if batch:
        yield batch


def _count(outcome: Outcome, one: Any, standing: Mapping[str, int], rows: int) -> None:  # noqa: ANN401
    version = standing.get(one.name)
    if version is None:
        outcome.new += rows
    elif version == one.version:
        outcome.same += rows
    else:
        outcome.changed += rows


def _name_of(message: Any) -> str:  # noqa: ANN401  (every row's message has a name)
    name: str = message.name
    return name
