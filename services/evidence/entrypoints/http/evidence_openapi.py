"""The description of `/v1/evidence` for programs (OpenAPI 3.1), from which the page is made too.

The bounds are those of the checks. What the fields mean stands here and nowhere else.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from services.evidence.domain.entities import MAX_BATCH
from services.evidence.domain.model import Kind, Outcome, Purpose, RefusalReason
from services.evidence.domain.normalise import (
    MAX_ARTEFACT_LENGTH,
    MAX_DOK,
    MAX_ENTITY_ID_LENGTH,
    MAX_EVENT_ID_LENGTH,
    MAX_ITEMS,
    MAX_TEXT_LENGTH,
    MAX_VERSION,
)
from services.evidence.domain.references import MAX_REFERENCE_LENGTH, ReferenceKind
from services.evidence.entrypoints.http.json_body import JSON_TYPE, MAXIMUM_DEPTH

EVIDENCE_PATH: Final = "/v1/evidence"
OPENAPI_PATH: Final = "/v1/openapi.json"
PROBLEM_TYPE: Final = "application/problem+json"

Schema = dict[str, Any]

ABOUT: Final = (
    "Send what learners have shown: one record for each observation, as soon as it is known. Every"
    " record gets an answer of its own, after it is kept; sending the same record again changes"
    " nothing, so a program that got no answer sends again. A correction repeats entity_id under a"
    " new event_id. What names a learner, competency or item that is not known yet waits, and is"
    " taken up by itself."
)


def _words(words: type[IntEnum]) -> list[str]:
    return [one.name.lower() for one in words if one.name != "UNSPECIFIED"]


def _text(description: str, most: int, *, example: str = "", least: int = 0) -> Schema:
    schema: Schema = {"type": "string", "maxLength": most, "description": description}
    if least:
        schema["minLength"] = least
    return schema | ({"examples": [example]} if example else {})


def _whole(description: str, most: int) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": most, "description": description}


def _object(description: str, fields: Mapping[str, Schema], required: Sequence[str]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": dict(fields),
        "required": list(required),
        "additionalProperties": False,
    }


LEARNER_REFERENCE: Final = _object(
    "How your system calls the learner, instead of learner.",
    {
        "kind": {
            "type": "string",
            "enum": _words(ReferenceKind),
            "description": "What kind of id it is. sis_number and email mean the same whoever sends"
            " them; the others are ids of one system.",
        },
        "value": _text("The id itself.", MAX_REFERENCE_LENGTH, least=1, example="100234"),
        "system": _text("Whose ids these are, where not those of source.", 64, example="sis"),
    },
    ["kind", "value"],
)

ALIGNMENT: Final = _object(
    "One competency, named in exactly one way, and how much of the observation it is.",
    {
        "competency": _text(
            "Its name in Trellis.", 512, example="districts/maple-county/competencies/6.rp.a.1"
        ),
        "case_uuid": _text(
            "Its CASE identifier, bare or as urn:uuid:…",
            45,
            example="6b9f8d0e-5c1d-4a55-9f10-0a2d2b6a7c11",
        ),
        "uri": _text("Its CASE URI.", MAX_REFERENCE_LENGTH),
        "code": _text("The code that people write.", MAX_REFERENCE_LENGTH, example="6.RP.A.1"),
        "framework": _text(
            "The framework of the code, where several have it.", 64, example="ccss-math"
        ),
        "weight_milli": _whole(
            "Its share in thousandths; the shares sum to 1000. All 0 or absent: equal shares.", 1000
        ),
    },
    [],
)

SCORE: Final[Schema] = {
    "description": "What was scored, as it was scored: points or a rubric level. Absent where"
    " nothing was scored; a missing or excused piece of work is no score, and never a zero.",
    "oneOf": [
        _object(
            "Points earned of points possible, with at most three decimals. More than possible is"
            " extra credit: kept, and counted as full.",
            {
                "points": _object(
                    "Points.",
                    {
                        "earned": {"type": "number", "minimum": 0, "examples": [7.5]},
                        "possible": {"type": "number", "exclusiveMinimum": 0, "examples": [10]},
                    },
                    ["earned", "possible"],
                )
            },
            ["points"],
        ),
        _object(
            "A rubric level of 1 to 4, with at most three decimals.",
            {"level": {"type": "number", "minimum": 1, "maximum": 4, "examples": [3.5]}},
            ["level"],
        ),
    ],
}

RECORD: Final = _object(
    "One observation. Fields that are null count as absent; unknown ones are refused.",
    {
        "event_id": _text(
            "Id of this sending, the same each time it is sent. No names or e-mails: it travels.",
            MAX_EVENT_ID_LENGTH,
            least=1,
            example="quiz-3/100234/1",
        ),
        "source": _text(
            "The system that sends; the token must speak for it. Absent: the token's only source.",
            64,
            example="lms",
        ),
        "entity_id": _text(
            "Id of the observation, which a correction repeats. Absent: event_id.",
            MAX_ENTITY_ID_LENGTH,
            example="quiz-3/100234",
        ),
        "version": _whole(
            "Your version of the observation; the highest wins. 0 or absent: the order of receipt.",
            MAX_VERSION,
        ),
        "learner": _text(
            "The learner's name in Trellis.", 512, example="districts/maple-county/learners/3f…"
        ),
        "learner_reference": LEARNER_REFERENCE,
        "occur_time": {
            "type": "string",
            "format": "date-time",
            "description": "When the learner did the work, with its zone; not when it was graded.",
            "examples": ["2026-09-01T10:05:00-04:00"],
        },
        "alignments": {
            "type": "array",
            "items": ALIGNMENT,
            "maxItems": 8,
            "description": "What the observation speaks of: one to eight competencies, all of them"
            " by name or none. Absent: what the item's alignment says.",
        },
        "score": SCORE,
        "purpose": {
            "type": "string",
            "enum": _words(Purpose),
            "description": "What the observation was for.",
        },
        "kind": {
            "type": "string",
            "enum": _words(Kind),
            "description": "How the learner showed it.",
        },
        "dok": _whole("Depth of knowledge, 1 to 4; 0 or absent: unknown.", MAX_DOK),
        "timed": {"type": "boolean", "description": "Whether the work was against the clock."},
        "item": _text("The question or task.", MAX_TEXT_LENGTH, example="quiz-3/question-2"),
        "assessment": _text(
            "The assessment; its evidence is read as one occasion.",
            MAX_TEXT_LENGTH,
            example="quiz-3",
        ),
        "assessment_items_on_competency": _whole(
            "How many items of the assessment are on this competency; 0 or absent: unknown.",
            MAX_ITEMS,
        ),
        "artefact": _text(
            "Where the work can be seen: a reference, never the work itself.", MAX_ARTEFACT_LENGTH
        ),
    },
    ["event_id", "occur_time"],
)

REFUSAL: Final = _object(
    "Why it was not kept as evidence, where, and what to do.",
    {
        "reason": {"type": "string", "enum": [one.name for one in RefusalReason]},
        "field": {"type": "string", "description": "The path of the field; empty: the whole."},
        "message": {"type": "string"},
        "hint": {"type": "string", "description": "What to do."},
    },
    ["reason", "field", "message", "hint"],
)

OUTCOMES: Final[Mapping[str, str]] = {
    "accepted": "Kept, and counts.",
    "repeated": "The same sending was here before; nothing changed.",
    "superseded": "Kept, but a newer version of the observation stands.",
    "waiting": "Kept until what it names is known, then taken up by itself; do not send it again.",
    "refused": "Kept aside with the reason; correct it and send it again.",
    "valid": "Asked with validate_only: it would be accepted, and nothing was kept.",
}

ANSWER: Final = _object(
    "What became of one record.",
    {
        "event_id": {"type": "string"},
        "outcome": {
            "type": "string",
            "enum": [one.name.lower() for one in Outcome],
            "description": " ".join(f"{word}: {said}" for word, said in OUTCOMES.items()),
        },
        "evidence": {"type": "string", "description": "Name of the observation in Trellis."},
        "version": {"type": "integer"},
        "ledger_position": {"type": "integer"},
        "refusal": REFUSAL,
    },
    ["event_id", "outcome"],
)

PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "Why the request as a whole was turned away (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reason": {"type": "string", "description": "As over gRPC, for programs."},
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "reason"],
}

ONE_EXAMPLE: Final[Schema] = {
    "event_id": "quiz-3/100234/1",
    "source": "lms",
    "entity_id": "quiz-3/100234",
    "learner_reference": {"kind": "sis_number", "value": "100234"},
    "occur_time": "2026-09-01T10:05:00-04:00",
    "alignments": [{"code": "6.RP.A.1", "framework": "ccss-math"}],
    "score": {"points": {"earned": 7.5, "possible": 10}},
    "purpose": "formative",
    "kind": "quiz",
    "assessment": "quiz-3",
}

BY_ITEM_EXAMPLE: Final[Schema] = {
    "event_id": "exit-ticket-12/100234/1",
    "learner_reference": {"kind": "email", "value": "student@example.org"},
    "occur_time": "2026-09-01T14:55:00Z",
    "item": "exit-ticket-12",
    "score": {"level": 3},
    "purpose": "formative",
}

ACCEPTED_EXAMPLE: Final[Schema] = {
    "event_id": "quiz-3/100234/1",
    "outcome": "accepted",
    "evidence": "districts/maple-county/evidence/0d7a2c1e-51f7-5c0b-9d61-6c2f3a1f7b90",
    "version": 41,
    "ledger_position": 41,
}


def _answers(status_says: str) -> Schema:
    return {
        "description": status_says,
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Answer"}}},
    }


def _problem(status_says: str) -> Schema:
    return {
        "description": status_says,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


RESPONSES: Final[Mapping[str, Schema]] = {
    "200": {
        "description": "A list: an answer for each record, in order, refused ones among them. One"
        " record: it was here before, or is superseded, or would be accepted (validate_only).",
        "content": {
            JSON_TYPE: {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Answer"},
                        {"$ref": "#/components/schemas/Answers"},
                    ]
                }
            }
        },
    },
    "201": _answers("One record: accepted."),
    "202": _answers("One record: it waits for what it names."),
    "400": _problem("The body is no JSON, too deep, or says one thing twice; too many records."),
    "401": _problem("There is no token, or one that nobody knows."),
    "403": _problem("The token may not write evidence."),
    "409": _problem("Others changed the same observations; send again."),
    "413": _problem("The body has more than 1 MiB."),
    "415": _problem("The body is not application/json in UTF-8, or is compressed."),
    "422": _answers("One record: refused, for the reason in the answer, and kept aside."),
    "429": _problem("The token, or its district, asks too often; Retry-After says when to go on."),
    "503": _problem("Something that the service needs does not answer; send again."),
}

POST: Final[Schema] = {
    "operationId": "recordEvidence",
    "summary": "Send one record, or up to 500",
    "description": "A body is one record, a list of records, or an object with the list in"
    f" records: at most {MAX_BATCH} records, 1 MiB, and {MAXIMUM_DEPTH} levels deep.",
    "security": [{"token": []}],
    "parameters": [
        {
            "name": "validate_only",
            "in": "query",
            "schema": {"type": "boolean", "default": False},
            "description": "Keep nothing; say what would become of each record.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Record"},
                        {"$ref": "#/components/schemas/Records"},
                        {
                            "type": "object",
                            "properties": {"records": {"$ref": "#/components/schemas/Records"}},
                            "required": ["records"],
                            "additionalProperties": False,
                        },
                    ]
                },
                "examples": {
                    "one": {"summary": "One record, by references", "value": ONE_EXAMPLE},
                    "by_item": {"summary": "By an item", "value": BY_ITEM_EXAMPLE},
                    "several": {
                        "summary": "Several",
                        "value": {"records": [ONE_EXAMPLE, BY_ITEM_EXAMPLE]},
                    },
                },
            }
        },
    },
    "responses": dict(RESPONSES),
}

OPENAPI: Final[Schema] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Trellis evidence",
        "version": "1",
        "description": ABOUT,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "paths": {EVIDENCE_PATH: {"post": POST}},
    "components": {
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token of your district with the scope evidence.write.",
            }
        },
        "schemas": {
            "Record": RECORD,
            "Records": {
                "type": "array",
                "maxItems": MAX_BATCH,
                "items": {"$ref": "#/components/schemas/Record"},
            },
            "Answer": ANSWER,
            "Answers": _object(
                "What became of each record, in their order.",
                {
                    "answers": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/Answer"},
                    }
                },
                ["answers"],
            ),
            "Problem": PROBLEM,
        },
    },
}
"""The whole description, as it is published."""
