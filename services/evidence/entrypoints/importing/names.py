"""Names for what a file speaks of: registers learners and competencies, or only looks them up.

Registering creates what is missing and leaves what is there: a name that a person has set since, a
withdrawal, a move to another school or a better label outlives every import.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

import grpc
import grpc.aio
from trellis.framework.v1 import framework_pb2, framework_service_pb2, framework_service_pb2_grpc
from trellis.roster.v1 import roster_pb2, roster_service_pb2, roster_service_pb2_grpc

from services.common.ids import is_id
from services.evidence.entrypoints.importing.mapping import Mapping
from services.evidence.entrypoints.importing.mapping_parts import FrameworkPart
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.sending import Caller

MAX_ENTITIES: Final = 500
MAX_ID_LENGTH: Final = 64
MAX_LABEL_LENGTH: Final = 300
MAX_PAGES: Final = 100_000

_NO_ID = re.compile(r"[^A-Za-z0-9._-]+")

E = TypeVar("E")
K = TypeVar("K")


class Names(Protocol):
    """Gives each learner and competency of a file its resource name."""

    @property
    def learners(self) -> int:
        """Return how many learners have a name."""
        ...

    @property
    def competencies(self) -> int:
        """Return how many competencies have a name."""
        ...

    async def prepare(self) -> None:
        """Do what has to be done once, before the first row."""
        ...

    async def know(self, rows: Sequence[Row]) -> None:
        """See to it that what these rows speak of has names, where that is possible."""
        ...

    def learner(self, row: Row) -> str:
        """Return the learner's resource name, empty where there is none."""
        ...

    def competency(self, value: str) -> str:
        """Return the resource name of a competency, empty where there is none."""
        ...


def competency_id(mapping: Mapping, value: str) -> str:
    """Return the id of a value of the competencies' column.

    A text that cannot be an id is made one, with a part of its hash so that no two share one.
    """
    text = mapping.made_competencies.id.replace("{value}", value)
    if is_id(text):
        return text
    tail = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{_NO_ID.sub('-', text)[: MAX_ID_LENGTH - 9]}-{tail}"


class RegisteredNames:
    """Registers what is new on the way, in batches; what is refused has no name and no row."""

    def __init__(
        self, channel: grpc.aio.Channel, mapping: Mapping, district: str, caller: Caller
    ) -> None:
        """Take an open channel, the mapping, the credential's district and how to call."""
        self._roster = roster_service_pb2_grpc.RosterServiceStub(channel)
        self._frameworks = framework_service_pb2_grpc.FrameworkServiceStub(channel)
        self._mapping = mapping
        self._district = f"districts/{district}"
        self._call = caller.call
        self._learners: dict[str, str] = {}
        self._competencies: dict[str, str] = {}

    @property
    def learners(self) -> int:
        """Return how many learners have a name."""
        return len(self._learners)

    @property
    def competencies(self) -> int:
        """Return how many competencies have a name."""
        return len(self._competencies)

    async def prepare(self) -> None:
        """Register the mapping's schools and its framework, where it has any."""
        schools = [
            roster_pb2.School(
                name=f"{self._district}/schools/{school.id}",
                display_name=school.display_name,
                time_zone=school.time_zone,
            )
            for school in self._mapping.schools
        ]
        if schools:
            await self._call(
                self._roster.BatchUpsertSchools,
                roster_service_pb2.BatchUpsertSchoolsRequest(schools=schools, create_only=True),
            )
        if self._mapping.competencies is not None:
            await self._register(self._mapping.competencies.framework)

    async def _register(self, framework: FrameworkPart) -> None:
        await self._call(
            self._frameworks.BatchUpsertFrameworks,
            framework_service_pb2.BatchUpsertFrameworksRequest(
                frameworks=[
                    framework_pb2.Framework(
                        name=f"{self._district}/frameworks/{framework.id}",
                        display_name=framework.display_name,
                    )
                ],
                create_only=True,
            ),
        )

    async def know(self, rows: Sequence[Row]) -> None:
        """Register the learners and competencies of these rows that are new."""
        learners = {row.learner: row for row in rows if row.learner and row.school}
        new = {one: row for one, row in learners.items() if one not in self._learners}
        await _upsert_all(list(new.items()), self._upsert_learners)
        values = {value for row in rows for value in row.competencies}
        unknown = sorted(values - self._competencies.keys())
        await _upsert_all(unknown, self._upsert_competencies)

    def learner(self, row: Row) -> str:
        """Return the learner's resource name, empty where it was refused."""
        return self._learners.get(row.learner, "")

    def competency(self, value: str) -> str:
        """Return the competency's resource name, empty where it was refused."""
        return self._competencies.get(value, "")

    async def _upsert_learners(self, learners: Sequence[tuple[str, Row]]) -> None:
        assert self._mapping.learner is not None
        grade = self._mapping.learner.grade
        response = await self._call(
            self._roster.BatchUpsertLearners,
            roster_service_pb2.BatchUpsertLearnersRequest(
                learners=[
                    roster_pb2.Learner(
                        source=self._mapping.source,
                        source_id=source_id,
                        school=f"{self._district}/schools/{row.school}",
                        grade=grade,
                        state=roster_pb2.Learner.STATE_ENROLLED,
                    )
                    for source_id, row in learners
                ],
                create_only=True,
            ),
        )
        for (source_id, _), learner in zip(learners, response.learners, strict=True):
            self._learners[source_id] = learner.name

    async def _upsert_competencies(self, values: Sequence[str]) -> None:
        part = self._mapping.made_competencies
        ids = {value: competency_id(self._mapping, value) for value in values}
        await self._call(
            self._frameworks.BatchUpsertCompetencies,
            framework_service_pb2.BatchUpsertCompetenciesRequest(
                competencies=[
                    framework_pb2.Competency(
                        name=f"{self._district}/competencies/{ids[value]}",
                        framework=f"{self._district}/frameworks/{part.framework.id}",
                        code=ids[value],
                        label=part.label.replace("{value}", value)[:MAX_LABEL_LENGTH],
                        subject=part.subject,
                    )
                    for value in values
                ],
                create_only=True,
            ),
        )
        self._competencies.update(
            {value: f"{self._district}/competencies/{one}" for value, one in ids.items()}
        )


class KnownNames:
    """Looks up what the district has, and registers nothing: for a check."""

    def __init__(
        self, channel: grpc.aio.Channel, mapping: Mapping, district: str, caller: Caller
    ) -> None:
        """Take an open channel, the mapping, the credential's district and how to call."""
        self._roster = roster_service_pb2_grpc.RosterServiceStub(channel)
        self._frameworks = framework_service_pb2_grpc.FrameworkServiceStub(channel)
        self._mapping = mapping
        self._district = f"districts/{district}"
        self._call = caller.call
        self._learners: dict[str, str] = {}
        self._competencies: set[str] = set()
        self.learners = 0
        self.competencies = 0

    async def prepare(self) -> None:
        """List what the mapping names: the learners of its source, the district's competencies.

        What it names by reference is looked up by the service, for each record.
        """
        if self._mapping.learner is not None:
            await self._list_learners()
        if self._mapping.competencies is not None:
            await self._list_competencies()

    async def _list_learners(self) -> None:
        token = ""
        for _ in range(MAX_PAGES):
            request = roster_service_pb2.ListLearnersRequest(
                page_size=MAX_ENTITIES, page_token=token
            )
            page = await self._call(self._roster.ListLearners, request)
            for one in page.learners:
                if one.source == self._mapping.source:
                    self._learners[one.source_id] = one.name
            token = page.next_page_token
            if not token:
                break

    async def _list_competencies(self) -> None:
        token = ""
        for _ in range(MAX_PAGES):
            listing = framework_service_pb2.ListCompetenciesRequest(
                page_size=MAX_ENTITIES, page_token=token
            )
            found = await self._call(self._frameworks.ListCompetencies, listing)
            self._competencies |= {one.name for one in found.competencies}
            token = found.next_page_token
            if not token:
                break

    async def know(self, rows: Sequence[Row]) -> None:
        """Do nothing: a check registers nobody."""

    def learner(self, row: Row) -> str:
        """Return the learner's resource name, empty where the district has none."""
        return self._learners.get(row.learner, "")

    def competency(self, value: str) -> str:
        """Return the competency's resource name, empty where the district has none."""
        name = f"{self._district}/competencies/{competency_id(self._mapping, value)}"
        return name if name in self._competencies else ""


async def _upsert_all(
    entities: Sequence[E], upsert: Callable[[Sequence[E]], Awaitable[None]]
) -> None:
    """Upsert in batches; of a refused batch each entity alone, and leave out what is refused."""
    for batch in _batches(entities):
        try:
            await upsert(batch)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                raise
            for one in batch if len(batch) > 1 else ():
                await _upsert_all([one], upsert)


def _batches(entities: Sequence[E]) -> Iterable[Sequence[E]]:
    for begin in range(0, len(entities), MAX_ENTITIES):
        yield entities[begin : begin + MAX_ENTITIES]
