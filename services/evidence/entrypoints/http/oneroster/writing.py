"""The PUTs, DELETEs and POSTs of OneRoster's gradebook and assessment results.

An object belongs to the source of the credential that made it (`Credential.own_source`); nobody
else changes or deletes it. What a request says is kept whole or not at all; what is refused goes
into quarantine, and the answer says which field is wrong.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.oneroster.allocation import allocated_id
from services.evidence.domain.oneroster.fields import Service, Version
from services.evidence.domain.oneroster.json_binding import read_object
from services.evidence.domain.oneroster.listings import all_of
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json, ObjectKey
from services.evidence.entrypoints.http.json_body import read_json_object
from services.evidence.entrypoints.http.oneroster.answers import json_answer, status_answer
from services.evidence.entrypoints.http.oneroster.paths import POSTED, Path, base_path, template
from services.evidence.entrypoints.http.oneroster.reading import (
    ids_of,
    require_ways,
    unknown_object,
)
from services.evidence.entrypoints.http.oneroster.scopes import (
    SCOPE_TO_POST,
    require_one_of,
    scope_to_delete,
    scope_to_put,
)
from services.evidence.ports.source_objects import (
    Change,
    ObjectReader,
    ObjectWrite,
    ObjectWriter,
)

WRITABLE: Final = (
    Collection.CATEGORIES,
    Collection.LINE_ITEMS,
    Collection.RESULTS,
    Collection.SCORE_SCALES,
    Collection.ASSESSMENT_LINE_ITEMS,
    Collection.ASSESSMENT_RESULTS,
)

MAXIMUM_POSTED: Final = 500
"""Objects in one POST, as records in one batch: all are kept in one transaction."""

SOURCED_ID: Final = "sourcedId"

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class _Caller:
    """For which district and source a request writes."""

    district: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Writing:
    """The paths on which objects are kept and deleted."""

    reader: ObjectReader
    writer: ObjectWriter

    def routes(self) -> list[Route]:
        """Return the routes of PUT, DELETE and POST; they stand beside those of GET."""
        base = base_path(Version.V1_2, Service.GRADEBOOK)
        posts = [
            Route(base + template(path), self._post(path, known), methods=["POST"])
            for path, known in sorted(POSTED.items(), key=lambda one: -len(one[0]))
        ]
        singles = [(base + template((one.value,), single=True), one) for one in WRITABLE]
        puts = [Route(path, self._put(one), methods=["PUT"]) for path, one in singles]
        deletes = [Route(path, self._delete(one), methods=["DELETE"]) for path, one in singles]
        return [*posts, *puts, *deletes]

    def _put(self, collection: Collection) -> Endpoint:
        async def put(request: Request) -> Response:
            caller = _caller(scope_to_put(collection))
            body, document = await read_json_object(request)
            (object_id,) = ids_of(request, collection)
            try:
                sent = _enveloped(body, SCHEMA[collection].singular)
                write = _write(collection, _with_id(sent, object_id), caller, document)
                if write.key.id != object_id:
                    # Reading takes spaces off an id; at this address nobody would find the object.
                    raise _malformed(SOURCED_ID, "sourcedId has spaces around it.")
            except RefusedError as error:
                return await self._refused(caller, document, error.refusal)
            return await self._keep(caller, [write])

        return put

    def _delete(self, collection: Collection) -> Endpoint:
        async def delete(request: Request) -> Response:
            caller = _caller(scope_to_delete(collection))
            (object_id,) = ids_of(request, collection)
            if await self.reader.one(caller.district, all_of(collection), object_id) is None:
                raise unknown_object(collection)
            key = ObjectKey(collection=collection, id=object_id)
            written = await self.writer.delete(caller.district, caller.source, key)
            if written.refusal is not None:
                return _refusal_answer(written.refusal)
            return Response(status_code=HTTPStatus.NO_CONTENT)

        return delete

    def _post(self, path: Path, known: Path) -> Endpoint:
        collection = Collection(path[-1])

        async def post(request: Request) -> Response:
            caller = _caller(SCOPE_TO_POST)
            ids = ids_of(request, collection)
            await require_ways(self.reader, caller.district, path, ids)
            body, document = await read_json_object(request)
            try:
                items = _listed(body, collection)
                supplied = _supplied_ids(items)
                allocated = [allocated_id(collection, caller.source, one) for one in supplied]
                writes = [
                    _write(collection, _placed(item, id_, known[0], ids[0]), caller, document)
                    for item, id_ in zip(items, allocated, strict=True)
                ]
            except RefusedError as error:
                return await self._refused(caller, document, error.refusal)
            pairs: Json = [
                {"suppliedSourcedId": one, "allocatedSourcedId": other}
                for one, other in zip(supplied, allocated, strict=True)
            ]
            return await self._keep(caller, writes, {"sourcedIdPairs": pairs})

        return post

    async def _keep(
        self, caller: _Caller, writes: Sequence[ObjectWrite], body: Json = None
    ) -> Response:
        written = await self.writer.put(caller.district, writes)
        refusal = next((one.refusal for one in written if one.refusal is not None), None)
        if refusal is not None:
            return await self._refused(caller, writes[0].document, refusal)
        if body is not None:
            return json_answer(body, HTTPStatus.CREATED)
        created = written[0].change is Change.CREATED
        return Response(status_code=HTTPStatus.CREATED if created else HTTPStatus.OK)

    async def _refused(self, caller: _Caller, document: bytes, refusal: Refusal) -> Response:
        await self.writer.refuse(caller.district, caller.source, document, refusal)
        return _refusal_answer(refusal)


def _caller(scope: str) -> _Caller:
    credential, district = require_one_of([scope])
    return _Caller(district=district, source=credential.own_source())


def _write(
    collection: Collection, sent: Mapping[str, Json], caller: _Caller, document: bytes
) -> ObjectWrite:
    reading = read_object(collection, sent)
    # Requests count in the order in which they come. By the time that a body gives, which is of
    # another clock, a correction could be older than what it corrects, and be lost without a word.
    objects = tuple(replace(one, modified_micros=0) for one in reading.objects)
    return ObjectWrite(
        key=objects[0].key,
        source=caller.source,
        reading=replace(reading, objects=objects),
        document=document,
    )


def _enveloped(body: Mapping[str, Json], envelope: str) -> Mapping[str, Json]:
    sent = body.get(envelope)
    if not isinstance(sent, Mapping):
        raise _malformed(envelope, f'The body must be {{"{envelope}": {{...}}}}.')
    return sent


def _with_id(sent: Mapping[str, Json], object_id: str) -> Mapping[str, Json]:
    if sent.get(SOURCED_ID, object_id) != object_id:
        raise _malformed(SOURCED_ID, "sourcedId of the body is not the one of the path.")
    return {**sent, SOURCED_ID: object_id}


def _listed(body: Mapping[str, Json], collection: Collection) -> Sequence[Mapping[str, Json]]:
    envelope = SCHEMA[collection].plural
    items = body.get(envelope)
    if not isinstance(items, list) or not 1 <= len(items) <= MAXIMUM_POSTED:
        raise _malformed(
            envelope,
            f'The body must be {{"{envelope}": [...]}} with 1 to {MAXIMUM_POSTED} objects.',
        )
    if not all(isinstance(item, Mapping) for item in items):
        raise _malformed(envelope, f"Each of {envelope} must be an object.")
    return items


def _supplied_ids(items: Sequence[Mapping[str, Json]]) -> list[str]:
    supplied = [_supplied_id(item, at) for at, item in enumerate(items)]
    if len(set(supplied)) < len(supplied):
        # They would be one object, of which one of the two says what it is.
        raise _malformed(SOURCED_ID, "Two objects have the same sourcedId.")
    return supplied


def _supplied_id(item: Mapping[str, Json], position: int) -> str:
    supplied = item.get(SOURCED_ID)
    if not isinstance(supplied, str) or not supplied:
        raise _malformed(
            f"[{position}].{SOURCED_ID}", "Each object needs a sourcedId of its sender's own."
        )
    return supplied


def _placed(
    item: Mapping[str, Json], object_id: str, known: str, target: str
) -> Mapping[str, Json]:
    """Return a posted object with its new id, and with the reference that the path gives it."""
    reference = item.get(known)
    named = reference.get(SOURCED_ID) if isinstance(reference, Mapping) else reference
    if named not in (None, target):
        raise _malformed(known, f"{known} of the body is not the one of the path.")
    return {**item, SOURCED_ID: object_id, known: {SOURCED_ID: target, "type": known}}


def _malformed(field: str, message: str) -> RefusedError:
    return RefusedError(
        RefusalReason.MALFORMED, field, message, "Send the body as OneRoster 1.2 describes it."
    )


def _refusal_answer(refusal: Refusal) -> Response:
    if refusal.reason is RefusalReason.SOURCE_NOT_ALLOWED:
        return status_answer(HTTPStatus.FORBIDDEN, "forbidden", _said(refusal))
    return status_answer(HTTPStatus.UNPROCESSABLE_ENTITY, "invaliddata", _said(refusal))


def _said(refusal: Refusal) -> str:
    field = f"{refusal.field}: " if refusal.field else ""
    return f"{field}{refusal.message} {refusal.hint}".strip()
