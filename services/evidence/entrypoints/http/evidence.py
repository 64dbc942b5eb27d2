"""`POST /v1/evidence`: records as JSON, one or up to 500 at once, for programs without gRPC.

    app = http_app(
        [evidence_part(intake=intake, quarantine=quarantine)], find=find, error_table=ERRORS
    )

The same records, ids, answers and guarantees as over gRPC: an answer comes after the commit, and
what is sent again changes nothing. The district is the credential's, never the request's. A record
that cannot be read is refused for itself and kept; a body that is no JSON is refused as a whole.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.common.rpc.credentials import Credential, require_district
from services.evidence.adapters.exact_json import encode_json
from services.evidence.adapters.wire.evidence import evidence_name
from services.evidence.adapters.wire.records import record_to
from services.evidence.domain.entities import MAX_BATCH, BatchTooLargeError
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.json_record import read_json_record, told_of
from services.evidence.domain.model import Answer, Outcome, Record, Refusal
from services.evidence.domain.quarantine import keepable
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.answers import AllowedSources, count_answers, only_source
from services.evidence.entrypoints.http.app import Part
from services.evidence.entrypoints.http.docs_page import DOCS_PATHS, docs_routes
from services.evidence.entrypoints.http.evidence_openapi import EVIDENCE_PATH
from services.evidence.entrypoints.http.json_body import read_json_body
from services.evidence.entrypoints.scopes import EVIDENCE_WRITE
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending
from services.evidence.ports.quarantine_sink import QuarantineSink, UnreadableDocument

PUBLIC_PATHS: Final = DOCS_PATHS
"""What everybody may read without a token: the description of the interface."""

STATUS_OF_OUTCOME: Final[Mapping[Outcome, HTTPStatus]] = {
    Outcome.ACCEPTED: HTTPStatus.CREATED,
    Outcome.REPEATED: HTTPStatus.OK,
    Outcome.SUPERSEDED: HTTPStatus.OK,
    Outcome.VALID: HTTPStatus.OK,
    Outcome.WAITING: HTTPStatus.ACCEPTED,
    Outcome.REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Of one record that was sent alone; a list is always answered with 200 and an answer for each."""

_FIELDS_HERE: Final = {"referenced_alignments": "alignments", "score.level_milli": "score.level"}
_FIELD_HERE: Final = re.compile("|".join(map(re.escape, _FIELDS_HERE)))

Documents: TypeAlias = Sequence[Json]


def evidence_part(*, intake: Intake, quarantine: QuarantineSink) -> Part:
    """Return evidence as JSON as a part of the HTTP app."""
    return Part(
        prefix="/v1/",
        routes=evidence_routes(intake=intake, quarantine=quarantine),
        public_paths=tuple(PUBLIC_PATHS),
    )


def evidence_routes(*, intake: Intake, quarantine: QuarantineSink) -> list[BaseRoute]:
    """Return the routes of this part: the records, and the pages that describe them."""
    endpoint = EvidenceEndpoint(intake=intake, quarantine=quarantine)
    return [Route(EVIDENCE_PATH, endpoint.post, methods=["POST"]), *docs_routes()]


class EvidenceEndpoint:
    """Takes records in."""

    def __init__(self, *, intake: Intake, quarantine: QuarantineSink) -> None:
        self._intake = intake
        self._quarantine = quarantine

    async def post(self, request: Request) -> Response:
        """Answer for one record or for several."""
        credential, district = require_district(EVIDENCE_WRITE)
        validate_only = _validate_only(request)
        body, _ = await read_json_body(request)
        documents, alone = _documents(body)
        answers = await self._answers(credential, district, documents, validate_only)
        count_answers(answers)
        told = [_answer_json(district, answer) for answer in answers]
        if alone:
            return JSONResponse(told[0], STATUS_OF_OUTCOME[answers[0].outcome])
        return JSONResponse({"answers": told})

    async def _answers(
        self, credential: Credential, district: str, documents: Documents, validate_only: bool
    ) -> Sequence[Answer]:
        """Keep what can be read as records, the rest as it came; return an answer for each."""
        read = [_Read.of(document, only_source(credential)) for document in documents]
        unreadable = [one.unreadable for one in read if one.unreadable is not None]
        if unreadable and not validate_only:
            # Before the records: both are known when they come again, and no answer is out yet.
            await self._quarantine.keep(district, unreadable)
        sendings = [one.sending for one in read if one.sending is not None]
        command = RecordEvidence(
            district=district,
            sources=AllowedSources(credential),
            sendings=sendings,
            validate_only=validate_only,
        )
        kept = iter(await record_evidence(command, intake=self._intake) if sendings else ())
        return [one.refused() if one.sending is None else next(kept) for one in read]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """One document, read: exactly one of the two is there."""

    sending: Sending | None = None
    unreadable: UnreadableDocument | None = None

    @classmethod
    def of(cls, document: Json, source: str) -> "_Read":
        """Read a document; source: whose it is where it does not say."""
        try:
            return cls(sending=_sending(read_json_record(document, source=source)))
        except RefusedError as refused:
            return cls(
                unreadable=UnreadableDocument(
                    source=keepable(told_of(document, "source") or source),
                    event_id=keepable(told_of(document, "event_id")),
                    refusal=refused.refusal,
                    raw=encode_json(document),
                )
            )

    def refused(self) -> Answer:
        """Return the answer for a document that could not be read."""
        assert self.unreadable is not None
        return Answer(
            event_id=self.unreadable.event_id,
            outcome=Outcome.REFUSED,
            refusal=self.unreadable.refusal,
        )


def _sending(record: Record) -> Sending:
    """Return the sending of a record: the contract's message, whatever order its fields came in."""
    sent = record_to(record).SerializeToString(deterministic=True)
    return Sending(sent=sent, record=replace(record, size_bytes=len(sent)))


def _documents(body: Json) -> tuple[Documents, bool]:
    """Return the documents of a body, and whether it is one that was sent alone."""
    listed: Json = body
    if isinstance(body, Mapping):
        if "records" not in body:
            return [body], True
        if len(body) > 1:
            raise InvalidRequestError(field="body", message="has other fields beside records.")
        listed = body["records"]
    if isinstance(listed, str) or not isinstance(listed, Sequence):
        message = 'must be a record, a list of records, or {"records": [...]}.'
        raise InvalidRequestError(field="body", message=message)
    if len(listed) > MAX_BATCH:
        raise BatchTooLargeError(count=len(listed))
    return listed, False


def _validate_only(request: Request) -> bool:
    """Return what the query asks for; raises InvalidRequestError for anything else."""
    unknown = sorted(set(request.query_params) - {"validate_only"})
    if unknown:
        raise InvalidRequestError(field="query", message="has only the parameter validate_only.")
    asked = request.query_params.getlist("validate_only")
    if asked not in ([], ["true"], ["false"]):
        raise InvalidRequestError(field="validate_only", message="must be true or false, once.")
    return asked == ["true"]


def _answer_json(district: str, answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"event_id": answer.event_id, "outcome": answer.outcome.name.lower()}
    if answer.refusal is not None:
        return told | {"refusal": _refusal_json(answer.refusal)}
    told |= {
        "evidence": evidence_name(district, answer.evidence_id),
        "version": answer.version,
    }
    return told | ({"ledger_position": answer.position} if answer.position else {})


def _refusal_json(refusal: Refusal) -> dict[str, str]:
    return {
        "reason": refusal.reason.name,
        # The checks know the contract's names of fields; here they are those of the document.
        "field": _FIELD_HERE.sub(lambda found: _FIELDS_HERE[found[0]], refusal.field),
        "message": refusal.message,
        "hint": refusal.hint,
    }
