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
from services.scheduler.entrypoints.school_import.columns import CellError, shape_of
from services.scheduler.entrypoints.school_import.files import Row, SchoolFile
from services.scheduler.entrypoints.school_import.kinds import FileKind, School

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


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row that was not kept: where, the shape of what stands there, why, what to do."""

    row: Row
    column: str
    shape: str
    why: str
    hint: str


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
        rows = self._readable(outcome)
        for batch in _batches(list(rows)):
            await self._send_batch(outcome, stub, batch, standing)
            self.on_rows(len(batch))

    def _readable(self, outcome: Outcome) -> Iterator[tuple[Row, Message]]:
        """Yield the rows that can be read, with their messages; the others are refused."""
        kind = outcome.file.kind
        first: dict[str, int] = {}
        for row in outcome.file.rows:
            try:
                yield row, _message(kind, self.school, row, first)
            except CellError as error:
                outcome.refused.append(_of_cell(row, error))
                self.on_rows(1)

    async def _send_batch(
        self,
        outcome: Outcome,
        stub: Any,  # noqa: ANN401  (a stub of the kind's service)
        batch: Sequence[tuple[Row, Message]],
        standing: Mapping[str, int],
    ) -> None:
        kind = outcome.file.kind
        request = kind.request(
            parent=SCHOOL.format(self.school.district, self.school.school_id),
            request_id=random_id(),
            allow_partial=True,
            validate_only=self.check,
            **{kind.rows: [message for _, message in batch]},
        )
        answer = await getattr(stub, kind.upsert)(request)
        for one in getattr(answer, kind.rows):
            _count(outcome, one, standing)
            self.known[kind.name].add(one.name)
        for refused in answer.refused:
            row, message = batch[refused.index]
            if self.check and self._comes_along(kind, refused.reason, message):
                outcome.new += 1
                self.known[kind.name].add(_name_of(message))
            else:
                outcome.refused.append(_of_answer(kind, row, refused))

    def _comes_along(self, kind: FileKind, reason: str, message: Message) -> bool:
        """Whether what a checked row lacks is brought by a file before, which a check keeps not."""
        brought = self.known.get(kind.rests_on.get(reason, ""), set())
        named = [getattr(message, one, "") for one in ("room", "offer")]
        named += list(getattr(message, "other_rooms", ()))
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


def _message(kind: FileKind, school: School, row: Row, first: dict[str, int]) -> Message:
    """Return the message of a row; raises CellError."""
    if row.too_long:
        raise CellError(
            "", "has more cells than the heading.", "Put a text with a comma in it into quotes."
        )
    if all(row.cells.text(one.name) == one.example for one in kind.columns):
        raise CellError("", "is the example of the template.", "Remove it, or write your own.")
    for column in kind.columns:
        if column.needed:
            row.cells.needed(column.name)
    message = kind.message_of(school, row.cells)
    before = first.setdefault(_name_of(message), row.line)
    if before != row.line:
        raise CellError(kind.key, f"is that of line {before} too.", "Keep one of the two rows.")
    return message


def _name_of(message: Any) -> str:  # noqa: ANN401  (every row's message has a name)
    name: str = message.name
    return name


def _batches(rows: Sequence[tuple[Row, Message]]) -> Iterator[Sequence[tuple[Row, Message]]]:
    batch: list[tuple[Row, Message]] = []
    size = 0
    for row, message in rows:
        added = message.ByteSize()
        if batch and (len(batch) == MAX_BATCH or size + added > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((row, message))
        size += added
    if batch:
        yield batch


def _count(outcome: Outcome, one: Any, standing: Mapping[str, int]) -> None:  # noqa: ANN401
    version = standing.get(one.name)
    if version is None:
        outcome.new += 1
    elif version == one.version:
        outcome.same += 1
    else:
        outcome.changed += 1


def _of_cell(row: Row, error: CellError) -> Refused:
    shape = shape_of(row.cells.text(error.column)) if error.column else f"{len(row.raw)} cells"
    return Refused(row=row, column=error.column, shape=shape, why=error.why, hint=error.hint)


def _of_answer(kind: FileKind, row: Row, refused: Any) -> Refused:  # noqa: ANN401
    column = kind.column_of(refused.field)
    return Refused(
        row=row,
        column=column,
        shape=shape_of(row.cells.text(column)),
        why=refused.message,
        hint=refused.hint,
    )
