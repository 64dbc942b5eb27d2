"""Who is who in the roster: whom an id of Trellis, or a number of the SIS, in a cell names.

The roster of the district is read once, before anything is sent, and nothing of it is kept but ids.
A name is never read from it: a cell that holds one names nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import grpc.aio
from trellis.roster.v1 import roster_pb2, roster_service_pb2, roster_service_pb2_grpc

from services.scheduler.adapters.wire.names import ADULT, LEARNER, SCHOOL
from services.scheduler.entrypoints.school_import.columns import CellError, Who

READ_SECONDS: Final = 120.0
REFERENCES_PER_CALL: Final = 500
MAX_SOURCES: Final = 20
"""So many systems of the roster are asked for how they call somebody."""
MAX_NUMBER_LENGTH: Final = 200
_PATTERNS: Final = {Who.LEARNER: LEARNER, Who.ADULT: ADULT}
_KINDS: Final = {
    Who.LEARNER: roster_service_pb2.SUBJECT_KIND_LEARNER,
    Who.ADULT: roster_service_pb2.SUBJECT_KIND_ADULT,
}

Named = Mapping[Who, frozenset[str]]
"""What the cells of an import hold, by whom they name."""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Whom each text means: ids by the text, those of the school and those of all the district."""

    district: str
    here: Mapping[tuple[Who, str], frozenset[str]]
    everywhere: Mapping[tuple[Who, str], frozenset[str]]

    def id_of(self, who: Who, text: str, column: str) -> str:
        """Return the id of whom a cell names; somebody of the school goes before all others.

        Raises CellError where it names nobody, or several.
        """
        found = self.here.get((who, text)) or self.everywhere.get((who, text)) or frozenset()
        if len(found) == 1:
            return next(iter(found))
        if found:
            name = _PATTERNS[who].format(self.district, "x").removesuffix("x")
            raise CellError(
                column,
                f"means {len(found)} {who.value}s of the roster.",
                f"Write the whole name in Trellis of the one who is meant, as in {name}….",
            )
        raise CellError(
            column,
            f"names no {who.value} of the roster.",
            "Write the id in Trellis, or the number that the SIS has for them; who is new comes"
            " with the roster first.",
        )


async def read_roster(
    channel: grpc.aio.Channel, district: str, school_id: str, named: Named
) -> Roster:
    """Return whom the texts mean; raises grpc.aio.AioRpcError where the roster does not answer."""
    stub = roster_service_pb2_grpc.RosterServiceStub(channel)
    read = _Read(district=district, school=SCHOOL.format(district, school_id))
    request = roster_service_pb2.StreamRosterRequest()
    async for run in stub.StreamRoster(request, timeout=READ_SECONDS):
        read.add_adults(run.adults)
        read.add_learners(run.learners)
    for who, texts in named.items():
        await _find_aliases(stub, read, who, sorted(texts))
    return Roster(
        district=district,
        here=_only(read, read.here),
        everywhere=_only(read, read.here | read.elsewhere),
    )


@dataclass(kw_only=True)
class _Read:
    """What has been read: names by text, who is of the school, who was merged into whom."""

    district: str
    school: str
    names: dict[tuple[Who, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    here: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    merged_into: dict[str, str] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    def add_adults(self, adults: Iterable[roster_pb2.Adult]) -> None:
        for one in adults:
            self._add(Who.ADULT, one.name, one.school)

    def add_learners(self, learners: Iterable[roster_pb2.Learner]) -> None:
        for one in learners:
            self._add(Who.LEARNER, one.name, one.school)
            self.names[Who.LEARNER, one.source_id].add(one.name)
            self.sources.add(one.source)
            if one.merged_into:
                self.merged_into[one.name] = one.merged_into

    def _add(self, who: Who, name: str, school: str) -> None:
        self.names[who, name.rpartition("/")[2]].add(name)
        (self.here if school == self.school else self.elsewhere).add(name)


async def _find_aliases(
    stub: roster_service_pb2_grpc.RosterServiceStub, read: _Read, who: Who, texts: Sequence[str]
) -> None:
    """Ask whom the texts mean as numbers of the district, and as ids of the systems it knows."""
    fit = [one for one in texts if len(one) <= MAX_NUMBER_LENGTH]
    references = [
        (one, roster_pb2.Reference(kind=kind, value=one, system=system))
        for kind, system in (
            (roster_pb2.REFERENCE_KIND_SIS_NUMBER, ""),
            *((roster_pb2.REFERENCE_KIND_SOURCED_ID, one) for one in _sources(read)),
        )
        for one in fit
    ]
    for start in range(0, len(references), REFERENCES_PER_CALL):
        batch = references[start : start + REFERENCES_PER_CALL]
        request = roster_service_pb2.FindSubjectsRequest(
            kind=_KINDS[who], references=[reference for _, reference in batch]
        )
        answer = await stub.FindSubjects(request)
        for (text, _), subject in zip(batch, answer.subjects, strict=True):
            if subject:
                read.names[who, text].add(subject)


def _sources(read: _Read) -> Sequence[str]:
    return sorted(one for one in read.sources if one)[:MAX_SOURCES]


def _only(read: _Read, people: set[str]) -> dict[tuple[Who, str], frozenset[str]]:
    """Return the ids of these people by text; who was merged is whom they were merged into."""
    found = {}
    for key, names in read.names.items():
        whole = {_survivor(read, name) for name in names}
        ids = frozenset(name.rpartition("/")[2] for name in whole if name in people)
        if ids:
            found[key] = ids
    return found


def _survivor(read: _Read, name: str) -> str:
    seen = {name}
    while (into := read.merged_into.get(name)) is not None and into not in seen:
        seen.add(into)
        name = into
    return name
